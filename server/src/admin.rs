//! The admin listener, for the tools of operators. It must not be on a public network.
//!
//! - `/live`: the process works. It does not depend on the store, so that a failure of the store restarts no server.
//! - `/serving`: this instance should get traffic. It stays true while a shared store is down, since the cache still
//!   answers. A load balancer that removed all instances would lose these answers.
//! - `/ready`: everything that this instance needs works, including the store.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::time::timeout;

use crate::error_chain::chain;
use crate::identity::Access;
use crate::metrics::{self, Metrics};
use crate::parsers::address;
use crate::problem::{ResponseBody, problem_response};
use crate::store::{MessageStore, StoreError};

const READY_TIMEOUT: Duration = Duration::from_secs(2);

/// The address of the admin listener.
#[derive(Debug, Clone, Args)]
pub struct AdminOptions {
    /// Address and port of /live, /serving, /ready and /metrics. Keep it off public networks.
    #[arg(long, env = "MESSAGE_TO_HASH_ADMIN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:9090", value_parser = address)]
    pub admin_listen: SocketAddr,
}

/// The service of the admin listener.
pub struct Admin {
    store: Arc<dyn MessageStore>,
    access: Arc<Access>,
    metrics: Metrics,
    draining: AtomicBool,
    /// Whether the store has worked at least once since the start.
    has_reached_store: AtomicBool,
}

impl Admin {
    /// Makes the service for these parts of the server.
    #[must_use]
    pub fn new(store: Arc<dyn MessageStore>, access: Arc<Access>, metrics: Metrics) -> Self {
        let (draining, has_reached_store) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { store, access, metrics, draining, has_reached_store }
    }

    /// Reports from now on that the server is neither ready nor serving.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Answers one request.
    pub async fn handle<B>(self: Arc<Self>, request: Request<B>) -> Response<ResponseBody> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return problem_response(StatusCode::METHOD_NOT_ALLOWED, "The admin listener takes GET and HEAD");
        }
        match request.uri().path() {
            "/live" => json_response(StatusCode::OK, &json!({ "live": true })),
            "/serving" => self.serving().await,
            "/ready" => self.ready().await,
            "/metrics" => self.metrics(),
            _ => {
                let detail = "The admin listener has /live, /serving, /ready and /metrics";
                problem_response(StatusCode::NOT_FOUND, detail)
            }
        }
    }

    fn metrics(&self) -> Response<ResponseBody> {
        match self.metrics.render() {
            Ok(text) => text_response(metrics::CONTENT_TYPE, text),
            Err(error) => {
                log::error!("the metrics cannot be written: {error}");
                problem_response(StatusCode::INTERNAL_SERVER_ERROR, "The metrics cannot be written")
            }
        }
    }

    async fn ready(&self) -> Response<ResponseBody> {
        let store = self.check_store().await;
        self.respond("ready", store)
    }

    /// An instance is serving once its store has worked. So a new instance that cannot reach the store never replaces
    /// an old one that can.
    async fn serving(&self) -> Response<ResponseBody> {
        let has_reached = || self.has_reached_store.load(Ordering::Relaxed);
        let checked = if has_reached() { Ok(()) } else { self.check_store().await };
        self.respond("serving", if has_reached() { Ok(()) } else { checked })
    }

    async fn check_store(&self) -> Result<(), String> {
        let checked = timeout(READY_TIMEOUT, self.store.ready()).await;
        // A full store can still be read.
        if let Ok(Ok(()) | Err(StoreError::Full(_))) = checked {
            self.has_reached_store.store(true, Ordering::Relaxed);
        }
        match checked {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(chain(&error).to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    /// Responds with 200 or 503, and with the result of each check.
    fn respond(&self, state: &str, store: Result<(), String>) -> Response<ResponseBody> {
        let (identity, can_verify) = match self.access.ready() {
            Ok(state) => (state, true),
            Err(reason) => (reason, false),
        };
        let draining = self.draining.load(Ordering::Relaxed);
        let is_ok = store.is_ok() && can_verify && !draining;
        let status = if is_ok { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let store = store.err().unwrap_or_else(|| "ok".to_owned());
        let checks = json!({ "store": store, "identity": identity, "draining": draining });
        json_response(status, &json!({ state: is_ok, "checks": checks }))
    }
}

fn json_response(status: StatusCode, body: &serde_json::Value) -> Response<ResponseBody> {
    let mut response = text_response("application/json", body.to_string());
    *response.status_mut() = status;
    response
}

fn text_response(content_type: &'static str, text: String) -> Response<ResponseBody> {
    let mut response = Response::new(Full::new(Bytes::from(text)).boxed());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
