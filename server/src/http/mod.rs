//! HTTP around the generated service. `Handler::handle` is the whole path of a request.
//!
//! This module adds the parts that the generated service lacks: identity, limits on bodies, media types, digests, `HEAD`,
//! `Allow`, CORS, a problem body for each error, the handling of panics, and the access log. It lists no routes; the
//! generated code knows them.

pub(crate) mod access_log;
mod authorization;
mod body;
mod client_address;
mod closing;
mod cors;
mod digest;
mod headers;
mod isolation;
mod lazy_timer;
pub mod listener;
mod memory;
mod options;
mod origins;
mod request_record;

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

use self::body::BodyError;
use self::client_address::ClientAddress;
use self::cors::Cors;
use self::listener::Peer;
use self::memory::BodyMemory;
pub use self::options::{CorsOptions, Limits, ProxyOptions};
pub use self::origins::AllowedOrigins;
use self::request_record::RequestRecord;
use crate::api::{Messages, batch};
use crate::context::{RequestContext, RequestIds, SPAN_ID};
use crate::docs::{self, Docs};
use crate::identity::{Access, AccessError};
use crate::logging::LogFormat;
use crate::metrics::HttpMetrics;
use crate::problem::{ResponseBody, problem_response};

/// The maximum number of JSON bytes for one byte of UTF-8: a control character is written as `\u0000`.
const MAX_JSON_BYTES_PER_BYTE: usize = 6;
/// The bytes that a JSON body may have in addition to its message.
const JSON_FRAME_BYTES: usize = 4096;
/// The limit on JSON strings per listed item. Unknown members are ignored, but decoding them takes memory.
const MAX_STRINGS_PER_ITEM: usize = 4;

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

const PANIC_DETAIL: &str = "The server failed to answer this request";

type MatchedRoute = runtime::Route<Operation>;

/// The options of a [`Handler`].
pub struct HandlerOptions<'a> {
    /// The limits for clients.
    pub limits: &'a Limits,
    /// The allowed origins of pages.
    pub cors: &'a CorsOptions,
    /// The trusted proxies.
    pub proxies: &'a ProxyOptions,
    /// The format of the access log.
    pub log_format: LogFormat,
}

/// The public service. All connections share it.
pub struct Handler {
    access: Arc<Access>,
    operations: Service<Messages>,
    body: body::BodyReader,
    /// Counts large responses until clients have read them.
    response_memory: BodyMemory,
    /// The limits on a raw message and on a JSON body, for operations without a limit of their own in the contract.
    max_message_bytes: usize,
    max_json_bytes: usize,
    docs: Docs,
    cors: Cors,
    proxies: Vec<IpNet>,
    log_format: LogFormat,
    metrics: Arc<HttpMetrics>,
    draining: AtomicBool,
}

impl Handler {
    /// Serves `messages` to the clients that `access` allows.
    #[must_use]
    pub fn new(
        messages: Messages,
        access: Arc<Access>,
        metrics: HttpMetrics,
        options: &HandlerOptions,
    ) -> Self {
        let max_message_bytes = max_message_bytes(options.limits);
        let max_json_bytes = max_json_bytes(max_message_bytes);
        Self {
            access,
            operations: Service(messages),
            body: body::BodyReader::new(max_json_bytes, options.limits.body_timeout),
            response_memory: BodyMemory::for_largest_body(max_json_bytes),
            max_message_bytes,
            max_json_bytes,
            docs: Docs::new(),
            cors: Cors::new(options.cors.cors_allowed_origins.clone()),
            proxies: options.proxies.trusted_proxies.clone(),
            log_format: options.log_format,
            metrics: Arc::new(metrics),
            draining: AtomicBool::new(false),
        }
    }

    /// Closes each connection after its next response, so that clients connect to another server.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Answers a request, even if an operation panics, and logs it.
    pub fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<ResponseBody>> + Send {
        let (request, mut body) = request.into_parts();
        self.metrics.in_flight.inc();
        let route = MatchedRoute::find(request.uri.path());
        let mut record = RequestRecord {
            format: self.log_format,
            started: Instant::now(),
            metrics: Arc::clone(&self.metrics),
            client: ClientAddress::from_request(&peer, &request.headers, &self.proxies),
            operation: route.operation(contract_method(&request.method)),
            ids: RequestIds::of(&request.headers),
            request,
            identity: None,
            bytes_in: body.size_hint().exact(),
            response: None,
        };
        // An `async fn` would keep space for the request twice.
        async move {
            let handled = {
                let answer = pin!(self.answer(&mut record, route, &mut body));
                AssertUnwindSafe(answer).catch_unwind().await
            };
            let handled = handled.unwrap_or_else(|_| {
                let operation = record.operation.map_or("no operation", |operation| operation.info().id);
                log::error!(span = record.ids.span(); "panic in {operation}");
                Handled::new(problem_response(StatusCode::INTERNAL_SERVER_ERROR, PANIC_DETAIL))
            });

            let mut response = handled.response;
            // Responses outside the contract are files that are always in memory.
            let is_counted = record.operation.is_some() && record.request.method != Method::HEAD;
            if is_counted && memory::must_be_counted(&response) {
                response = Box::pin(self.response_memory.count_response(response))
                    .await
                    .unwrap_or_else(memory_exhausted);
            }
            if is_error(response.status()) {
                // Caches may store some errors without being told to, but a later request may succeed.
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            if !handled.body_was_read {
                peer.expect_unread_body();
            }
            if !handled.body_was_read || self.draining.load(Ordering::Relaxed) {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            let origin = self.cors.allowed_origin(&record.request.headers);
            isolation::protect(response.headers_mut(), origin.is_some());
            self.cors.add_headers(response.headers_mut(), origin);
            response.headers_mut().insert(SPAN_ID, record.ids.span_header());
            record.set_response(&response);
            response
        }
    }

    async fn answer(&self, record: &mut RequestRecord, route: MatchedRoute, body: &mut Incoming) -> Handled {
        let has_body = !body.is_end_stream();
        if let Some(rejection) = headers::check_framing(&record.request, has_body) {
            return Handled::unread(rejection, has_body);
        }
        if record.request.method == Method::HEAD {
            record.request.headers.remove(RANGE); // defined for GET only (RFC 9110, section 14.2)
        }
        let Some(operation) = record.operation else {
            return Handled::unread(self.respond_without_operation(&record.request, route), has_body);
        };
        if let Some(rejection) = self.cors.check_origin(&record.request) {
            return Handled::unread(rejection, has_body);
        }
        if let Err(error) = self.authorize(operation, record).await {
            return Handled::unread(authorization::error_response(&error), has_body);
        }
        let identity = record.identity.as_deref();
        let context =
            RequestContext::new(&record.ids, identity.and_then(|identity| identity.subject.as_deref()));
        let Parts { uri, headers, .. } = &record.request;
        let info = operation.info();
        if let Some(rejection) = headers::check_media_type(info, headers) {
            return Handled::unread(rejection, has_body);
        }
        let max_body_bytes = self.max_body_bytes(info);
        let body = match self.body.read(body, max_body_bytes).await {
            Ok(body) => body,
            Err(error) => return Handled::unread(self.body_error_response(info, error), true),
        };
        if let Some(rejection) = digest::check_digests(info, headers, &body) {
            return Handled::new(rejection);
        }
        if let Some(max) = info.max_items
            && body::count_json_strings(&body.bytes) > max * MAX_STRINGS_PER_ITEM
        {
            return Handled::new(problem_response(StatusCode::BAD_REQUEST, &batch::too_many(max)));
        }
        let request = runtime::Request { operation: info, uri, headers, body: body.bytes };
        let response = self.operations.call(operation, request, &context).await;
        Handled::new(response.unwrap_or_else(|error| problem_response(error.status(), &error.to_string())))
    }

    /// The response to a request outside the contract: a CORS preflight, a file of the documentation, 405 or 404.
    fn respond_without_operation(&self, request: &Parts, route: MatchedRoute) -> Response<ResponseBody> {
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

    /// The maximum size of this operation's request body.
    fn max_body_bytes(&self, operation: &OperationInfo) -> usize {
        let is_message = operation.media_types.contains(&"text/plain");
        let default = if is_message { self.max_message_bytes } else { self.max_json_bytes };
        operation.max_body_bytes.unwrap_or(default)
    }

    fn body_error_response(&self, operation: &OperationInfo, error: BodyError) -> Response<ResponseBody> {
        match error {
            BodyError::TooLarge => {
                let (subject, max) = match operation.max_body_bytes {
                    Some(max) => ("The body of this request", max),
                    None => ("A message", self.max_message_bytes),
                };
                let detail = format!("{subject} may have at most {max} bytes");
                problem_response(StatusCode::PAYLOAD_TOO_LARGE, &detail)
            }
            BodyError::TooSlow => {
                problem_response(StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time")
            }
            BodyError::Broken => {
                problem_response(StatusCode::BAD_REQUEST, "The request body did not arrive whole")
            }
            BodyError::NoMemory => memory_exhausted(),
        }
    }

    /// Identifies the client, and checks that it may call this operation.
    async fn authorize(&self, operation: Operation, record: &mut RequestRecord) -> Result<(), AccessError> {
        if self.access.is_enabled() {
            let credentials = authorization::credentials(&record.request.headers);
            record.identity = self.access.identify(credentials).await?;
        }
        self.access.authorize(operation, record.identity.as_deref())
    }
}

/// The method of the operation that answers this one. `HEAD` is answered like `GET`; hyper drops the body.
fn contract_method(method: &Method) -> &Method {
    if method == Method::HEAD { &Method::GET } else { method }
}

/// The methods of this route in the syntax of `Allow` (RFC 9110, section 10.2.1). Empty if the contract lacks the path.
fn allowed_methods(route: MatchedRoute) -> String {
    let allowed = METHODS.iter().filter(|method| route.operation(contract_method(method)).is_some());
    allowed.map(Method::as_str).collect::<Vec<_>>().join(", ")
}

fn memory_exhausted() -> Response<ResponseBody> {
    let detail = "Too many large requests are under way; repeat the request later";
    let mut response = problem_response(StatusCode::SERVICE_UNAVAILABLE, detail);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn max_message_bytes(limits: &Limits) -> usize {
    usize::try_from(limits.max_message_bytes.as_u64()).unwrap_or(usize::MAX)
}

fn max_json_bytes(message: usize) -> usize {
    message.saturating_mul(MAX_JSON_BYTES_PER_BYTE).saturating_add(JSON_FRAME_BYTES)
}

/// A response, and whether the request's body was read.
struct Handled {
    response: Response<ResponseBody>,
    /// If this is false, the connection must be closed after the response.
    body_was_read: bool,
}

impl Handled {
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
