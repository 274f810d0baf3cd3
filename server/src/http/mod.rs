//! What each request passes on its way to the generated service and back: `Handler::handle` is the
//! whole sequence.
//!
//! Cures what the generated service lacks: identity, bounds on bodies, media types, digests, HEAD, Allow, CORS, one
//! problem body for every error, panics, the access log. Routes are asked of the generated code, never listed here.

pub(crate) mod access_log;
mod authorization;
mod body;
mod client;
mod closing;
mod cors;
mod digest;
mod headers;
mod isolation;
mod lazy_timer;
pub mod listener;
mod memory;

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures::FutureExt;
use hyper::body::{Body as _, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, HeaderValue, RANGE, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode, http::request::Parts};
use ipnet::IpNet;
use message_to_hash_api::server::{Operation, Service};
use message_to_hash_api_runtime::{self as runtime, OperationInfo, OperationSet as _};

use self::access_log::Exchange;
use self::body::Unread;
use self::client::Client;
use self::cors::Cors;
use self::listener::Peer;
use self::memory::Memory;
use crate::api::{Messages, batch};
use crate::config::{Config, Limits, LogFormat};
use crate::context::{RequestContext, RequestIds, SPAN_ID};
use crate::docs::{self, Docs};
use crate::identity::{Access, Refusal};
use crate::metrics::HttpMetrics;
use crate::problem::{ResponseBody, problem_response};

/// The most bytes that JSON takes to say one byte of UTF-8: a control character is `\u0000`.
const JSON_BYTES_PER_BYTE: usize = 6;
/// What a JSON body may have around its message.
const JSON_FRAME_BYTES: usize = 4096;
/// A list may have members beside it, which are ignored, but not so many that decoding them takes much memory.
const TEXTS_PER_ITEM: usize = 4;

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

const FAILED: &str = "The server failed to answer this request";

type Route = runtime::Route<Operation>;

/// The public service: answers requests of any connection.
pub struct Handler {
    access: Arc<Access>,
    operations: Service<Messages>,
    body: body::Reader,
    /// For responses until they are read.
    unread: Memory,
    /// Of a body whose bound the contract leaves to the options: one that is a message, or JSON with one in it.
    most_message_bytes: usize,
    most_json_bytes: usize,
    docs: Docs,
    cors: Cors,
    proxies: Vec<IpNet>,
    log_format: LogFormat,
    metrics: Arc<HttpMetrics>,
    draining: AtomicBool,
}

impl Handler {
    /// Serves `messages` to whom `access` lets, as `config` says.
    #[must_use]
    pub fn new(messages: Messages, access: Arc<Access>, metrics: HttpMetrics, config: &Config) -> Self {
        let most_message_bytes = most_bytes_of_message(&config.limits);
        let most_json_bytes = most_bytes_of_json(most_message_bytes);
        Self {
            access,
            operations: Service(messages),
            body: body::Reader::new(most_json_bytes, config.limits.body_timeout),
            unread: Memory::of_largest(most_json_bytes),
            most_message_bytes,
            most_json_bytes,
            docs: Docs::new(),
            cors: Cors::new(config.cors_allowed_origins.clone()),
            proxies: config.trusted_proxies.clone(),
            log_format: config.log.log_format,
            metrics: Arc::new(metrics),
            draining: AtomicBool::new(false),
        }
    }

    /// From now on each response ends its connection, so that clients go elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Answers one request, whatever happens to it, and logs it.
    pub fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<ResponseBody>> + Send {
        let (request, mut body) = request.into_parts();
        self.metrics.in_flight.inc();
        let route = Route::find(request.uri.path());
        let mut exchange = Exchange {
            format: self.log_format,
            started: Instant::now(),
            metrics: Arc::clone(&self.metrics),
            client: Client::of(&peer, &request.headers, &self.proxies),
            operation: route.operation(contract_method(&request.method)),
            ids: RequestIds::of(&request.headers),
            request,
            identity: None,
            bytes_in: body.size_hint().exact(),
            answer: None,
        };
        // No async function, which would have room for the request twice.
        async move {
            let answered = {
                let answer = pin!(self.answer(&mut exchange, route, &mut body));
                AssertUnwindSafe(answer).catch_unwind().await
            };
            let answer = answered.unwrap_or_else(|_| {
                let operation = exchange.operation.map_or("no operation", |operation| operation.info().id);
                log::error!(span = exchange.ids.span(); "panic in {operation}");
                Answer::new(problem_response(StatusCode::INTERNAL_SERVER_ERROR, FAILED))
            });

            let mut response = answer.response;
            // Beside the contract are files that the program has in memory anyway.
            let is_counted = exchange.operation.is_some() && exchange.request.method != Method::HEAD;
            if is_counted && memory::is_large(&response) {
                response = Box::pin(self.unread.hold(response)).await.unwrap_or_else(no_memory);
            }
            if is_error(response.status()) {
                // Also what a cache might keep by itself: a later request may be answered otherwise.
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            if !answer.body_was_read {
                peer.expect_unread_body();
            }
            if !answer.body_was_read || self.draining.load(Ordering::Relaxed) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            let origin = self.cors.admits(&exchange.request.headers);
            isolation::protect(response.headers_mut(), origin.is_some());
            self.cors.share(response.headers_mut(), origin);
            response.headers_mut().insert(SPAN_ID, exchange.ids.span_header());
            exchange.answered(&response);
            response
        }
    }

    async fn answer(&self, exchange: &mut Exchange, route: Route, body: &mut Incoming) -> Answer {
        let has_body = !body.is_end_stream();
        if let Some(refusal) = headers::refuse_unclear(&exchange.request, has_body) {
            return Answer::unread(refusal, has_body);
        }
        if exchange.request.method == Method::HEAD {
            exchange.request.headers.remove(RANGE); // it counts for GET alone (RFC 9110, section 14.2)
        }
        let Some(operation) = exchange.operation else {
            return Answer::unread(self.no_operation(&exchange.request, route), has_body);
        };
        if let Some(refusal) = self.cors.refuse(&exchange.request) {
            return Answer::unread(refusal, has_body);
        }
        if let Err(refusal) = self.admit(operation, exchange).await {
            return Answer::unread(authorization::refuse(&refusal), has_body);
        }
        let identity = exchange.identity.as_deref();
        let context =
            RequestContext::new(&exchange.ids, identity.and_then(|identity| identity.subject.as_deref()));
        let Parts { uri, headers, .. } = &exchange.request;
        let info = operation.info();
        if let Some(refusal) = headers::refuse_media_type(info, headers) {
            return Answer::unread(refusal, has_body);
        }
        let most_bytes = self.most_bytes(info);
        let body = match self.body.read(body, most_bytes).await {
            Ok(body) => body,
            Err(unread) => return Answer::unread(self.refuse_body(info, unread), true),
        };
        if let Some(refusal) = digest::refuse_other_body(info, headers, &body) {
            return Answer::new(refusal);
        }
        if let Some(most) = info.max_items
            && body::texts(&body.bytes) > most * TEXTS_PER_ITEM
        {
            return Answer::new(problem_response(StatusCode::BAD_REQUEST, &batch::too_many(most)));
        }
        let request = runtime::Request { operation: info, uri, headers, body: body.bytes };
        let response = self.operations.call(operation, request, &context).await;
        Answer::new(response.unwrap_or_else(|error| problem_response(error.status(), &error.to_string())))
    }

    /// What is beside the contract: a page's question whether it may, the documentation; else 405 or 404.
    fn no_operation(&self, request: &Parts, route: Route) -> Response<ResponseBody> {
        let path = request.uri.path();
        let allowed =
            if self.docs.has(path) { docs::ALLOWED_METHODS.to_owned() } else { allowed_methods(route) };
        if let Some(preflight) = self.cors.preflight(request, &allowed) {
            return preflight;
        }
        if matches!(request.method, Method::GET | Method::HEAD)
            && let Some(file) = self.docs.get(path, &request.headers)
        {
            return file;
        }
        if allowed.is_empty() {
            return problem_response(StatusCode::NOT_FOUND, "There is nothing at this path; see /docs");
        }
        let detail = format!("This path takes {allowed}");
        let mut response = problem_response(StatusCode::METHOD_NOT_ALLOWED, &detail);
        if let Ok(allowed) = HeaderValue::from_str(&allowed) {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }

    /// That the body of a request to this operation may have.
    fn most_bytes(&self, operation: &OperationInfo) -> usize {
        let is_message = operation.media_types.contains(&"text/plain");
        let by_options = if is_message { self.most_message_bytes } else { self.most_json_bytes };
        operation.max_body_bytes.unwrap_or(by_options)
    }

    fn refuse_body(&self, operation: &OperationInfo, unread: Unread) -> Response<ResponseBody> {
        match unread {
            Unread::TooLarge => {
                let (what, most) = match operation.max_body_bytes {
                    Some(most) => ("The body of this request", most),
                    None => ("A message", self.most_message_bytes),
                };
                let detail = format!("{what} may have at most {most} bytes");
                problem_response(StatusCode::PAYLOAD_TOO_LARGE, &detail)
            }
            Unread::TooSlow => {
                problem_response(StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time")
            }
            Unread::Broken => {
                problem_response(StatusCode::BAD_REQUEST, "The request body did not arrive whole")
            }
            Unread::NoMemory => no_memory(),
        }
    }

    /// Finds out whose request it is, and whether that client may do this.
    async fn admit(&self, operation: Operation, exchange: &mut Exchange) -> Result<(), Refusal> {
        if self.access.asks() {
            let credentials = authorization::credentials(&exchange.request.headers);
            exchange.identity = self.access.identify(credentials).await?;
        }
        self.access.authorize(operation, exchange.identity.as_deref())
    }
}

/// The contract's method for this one: a HEAD is a GET, whose headers alone hyper sends.
fn contract_method(method: &Method) -> &Method {
    if method == Method::HEAD { &Method::GET } else { method }
}

/// The methods that a path of this route takes, as `Allow` lists them; empty where it is no path of the contract.
fn allowed_methods(route: Route) -> String {
    let allowed = METHODS.iter().filter(|method| route.operation(contract_method(method)).is_some());
    allowed.map(Method::as_str).collect::<Vec<_>>().join(", ")
}

fn no_memory() -> Response<ResponseBody> {
    let detail = "Too many large requests are under way; repeat the request later";
    let mut response = problem_response(StatusCode::SERVICE_UNAVAILABLE, detail);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn most_bytes_of_message(limits: &Limits) -> usize {
    usize::try_from(limits.max_message_bytes.as_u64()).unwrap_or(usize::MAX)
}

fn most_bytes_of_json(message: usize) -> usize {
    message.saturating_mul(JSON_BYTES_PER_BYTE).saturating_add(JSON_FRAME_BYTES)
}

struct Answer {
    response: Response<ResponseBody>,
    /// If not, the connection cannot be used again.
    body_was_read: bool,
}

impl Answer {
    fn new(response: Response<ResponseBody>) -> Self {
        Self { response, body_was_read: true }
    }

    fn unread(response: Response<ResponseBody>, has_body: bool) -> Self {
        Self { response, body_was_read: !has_body }
    }
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}
