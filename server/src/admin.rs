//! The admin listener: what an operator's tools ask. Never on a public network.
//!
//! `/live` never touches the store, so that a store's failure restarts no server; `/ready` does, and is
//! false while the server drains.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::identity::Access;
use crate::metrics::{self, Metrics};
use crate::problem::{ResponseBody, problem_response};
use crate::store::MessageStore;

const READY_TIMEOUT: Duration = Duration::from_secs(2);
const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(4);

/// Answers on the admin listener.
pub struct Admin {
    store: Arc<dyn MessageStore>,
    access: Arc<Access>,
    metrics: Metrics,
    draining: AtomicBool,
}

impl Admin {
    /// Tells how the server and what it needs are.
    #[must_use]
    pub fn new(store: Arc<dyn MessageStore>, access: Arc<Access>, metrics: Metrics) -> Self {
        Self { store, access, metrics, draining: AtomicBool::new(false) }
    }

    /// From now on the server is not ready.
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
            "/ready" => self.ready().await,
            "/metrics" => self.metrics(),
            _ => problem_response(StatusCode::NOT_FOUND, "The admin listener has /live, /ready and /metrics"),
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
        let store = match timeout(READY_TIMEOUT, self.store.ready()).await {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        let (identity, can_be_asked) = match self.access.ready() {
            Ok(state) => (state, true),
            Err(trouble) => (trouble, false),
        };
        let draining = self.draining.load(Ordering::Relaxed);
        let ready = store == "ok" && can_be_asked && !draining;
        let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let checks = json!({ "store": store, "identity": identity, "draining": draining });
        json_response(status, &json!({ "ready": ready, "checks": checks }))
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

/// Asks the admin listener at `address` whether the server is ready.
///
/// # Errors
/// Why it is not, in words for the operator.
pub async fn healthcheck(address: SocketAddr) -> Result<(), String> {
    let address = SocketAddr::new(reachable(address.ip()), address.port());
    let answer = timeout(HEALTHCHECK_TIMEOUT, ask_ready(address)).await;
    let answer = answer.map_err(|_| format!("no answer from {address} in time"))?;
    let answer = answer.map_err(|error| format!("cannot ask {address}: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    if head.starts_with("HTTP/1.1 200 ") { Ok(()) } else { Err(format!("not ready: {body}")) }
}

async fn ask_ready(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer).await?;
    Ok(answer)
}

/// A listener on every address is asked on the loopback one.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}
