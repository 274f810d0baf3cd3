//! What each request passes on its way to the generated service and back: `Handler::handle` is the
//! whole sequence.
//!
//! Cures what the generated service lacks: bounds on bodies, media types, HEAD, Allow, one problem body
//! for every error, panics, the access log. Routes are asked of the generated code, never listed here.

pub(crate) mod access_log;
mod body;
mod context;
pub mod listener;
mod route;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::FutureExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue,
    IF_NONE_MATCH,
};
use hyper::service::Service as _;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, http::request::Parts};

use self::access_log::Entry;
use self::body::Unread;
use self::context::SPAN_ID;
use self::listener::Peer;
use crate::api::Messages;
use crate::config::{Limits, LogFormat};
use crate::problem::problem;

pub use context::RequestContext;

/// The body of every response.
pub type ResponseBody = BoxBody<Bytes, std::convert::Infallible>;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// The most bytes that JSON takes to say one byte of UTF-8: a control character is `\u0000`.
const JSON_BYTES_PER_BYTE: u64 = 6;
/// What a JSON body may have around its message.
const JSON_FRAME_BYTES: u64 = 4096;

/// The public service: answers requests of any connection.
pub struct Handler {
    generated: message_to_hash_api::server::Service<Messages, RequestContext>,
    most_body_bytes: u64,
    body_timeout: Duration,
    log_format: LogFormat,
    draining: AtomicBool,
}

impl Handler {
    /// Serves `messages` within `limits`.
    #[must_use]
    pub fn new(messages: Messages, limits: &Limits, log_format: LogFormat) -> Self {
        Self {
            generated: message_to_hash_api::server::Service::new(messages, false),
            most_body_bytes: limits.max_message_bytes.as_u64() * JSON_BYTES_PER_BYTE + JSON_FRAME_BYTES,
            body_timeout: limits.body_timeout,
            log_format,
            draining: AtomicBool::new(false),
        }
    }

    /// From now on each response ends its connection, so that clients go elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Answers one request, whatever happens to it, and logs it.
    pub async fn handle(self: Arc<Self>, request: Request<Incoming>, peer: Peer) -> Response<ResponseBody> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let context = RequestContext::of(&parts.headers);
        let operation = route::operation(&parts.method, &parts.uri);
        let (method, uri, bytes_in) = (parts.method.clone(), parts.uri.clone(), body.size_hint().exact());

        let answered = AssertUnwindSafe(self.answer(operation, parts, body, &context)).catch_unwind().await;
        let answer = answered.unwrap_or_else(|_| {
            log::error!("[{}] panic in {}", context.span_id(), operation.unwrap_or("no operation"));
            Answer::new(problem_response(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The server failed to answer this request",
            ))
        });

        let mut response = with_problem_body(answer.response).await;
        if !answer.body_was_read {
            peer.expect_unread_body();
        }
        if !answer.body_was_read || self.draining.load(Ordering::Relaxed) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if is_error(response.status()) {
            // Also what a cache might keep by itself: a later request may be answered otherwise.
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        // The generated service has set it on its own responses.
        if !response.headers().contains_key(SPAN_ID)
            && let Ok(span_id) = HeaderValue::from_str(context.span_id())
        {
            response.headers_mut().insert(SPAN_ID, span_id);
        }
        let entry = Entry {
            peer: peer.address,
            method: method.as_str(),
            path: uri.path(),
            operation,
            status: response.status().as_u16(),
            bytes_in,
            bytes_out: response.body().size_hint().exact(),
            duration_us: started.elapsed().as_micros(),
            span: context.span_id(),
            trace: context.trace_id(),
        };
        entry.log(self.log_format);
        response
    }

    async fn answer(
        &self,
        operation: Option<&'static str>,
        mut parts: Parts,
        body: Incoming,
        context: &RequestContext,
    ) -> Answer {
        let has_body = !body.is_end_stream();
        let Some(operation) = operation else {
            return Answer::unread(no_operation(&parts), has_body);
        };
        if let Some(refusal) = refuse_media_type(operation, &parts.headers) {
            return Answer::unread(refusal, has_body);
        }
        let body = match body::read(body, self.most_body_bytes, self.body_timeout).await {
            Ok(body) => body,
            Err(unread) => return Answer::unread(self.refuse_body(unread), true),
        };
        if parts.method == Method::HEAD {
            parts.method = Method::GET; // hyper sends the headers alone
        }
        join_if_none_match(&mut parts.headers);
        let request = Request::from_parts(parts, Full::new(body));
        let response = self.generated.call((request, context.clone())).await;
        Answer::new(response.unwrap_or_else(|error| {
            log::error!("[{}] the generated service failed: {error}", context.span_id());
            problem_response(StatusCode::INTERNAL_SERVER_ERROR, "The server failed to answer this request")
        }))
    }

    fn refuse_body(&self, unread: Unread) -> Response<ResponseBody> {
        match unread {
            Unread::TooLarge => {
                let detail = format!("A request body may have at most {} bytes", self.most_body_bytes);
                problem_response(StatusCode::PAYLOAD_TOO_LARGE, &detail)
            }
            Unread::TooSlow => {
                problem_response(StatusCode::REQUEST_TIMEOUT, "The request body did not arrive in time")
            }
            Unread::Broken => {
                problem_response(StatusCode::BAD_REQUEST, "The request body did not arrive whole")
            }
        }
    }
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

fn no_operation(parts: &Parts) -> Response<ResponseBody> {
    let allowed = route::allowed_methods(&parts.uri);
    let Ok(allow) = HeaderValue::from_str(&allowed.join(", ")) else {
        return problem_response(StatusCode::NOT_FOUND, "There is nothing at this path");
    };
    if allowed.is_empty() {
        return problem_response(StatusCode::NOT_FOUND, "There is nothing at this path");
    }
    let detail = format!("This path takes {}", allowed.join(", "));
    let mut response = problem_response(StatusCode::METHOD_NOT_ALLOWED, &detail);
    response.headers_mut().insert(ALLOW, allow);
    response
}

/// The body has to be of a type that the contract lists, not encoded. No `Content-Type` means the first.
fn refuse_media_type(operation: &str, headers: &HeaderMap) -> Option<Response<ResponseBody>> {
    let consumed = message_to_hash_api::server::consumed_media_types(operation);
    if consumed.is_empty() {
        return None;
    }
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        let detail = "Send the body without Content-Encoding";
        let mut refusal = problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        refusal.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Some(refusal);
    }
    let given = headers.get(CONTENT_TYPE)?;
    let essence = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if consumed.iter().any(|listed| listed.eq_ignore_ascii_case(essence)) {
        return None;
    }
    let detail = format!("Send Content-Type: {}", consumed.join(" or "));
    Some(problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &detail))
}

/// The generated code reads the first line of `If-None-Match`, and fails on one that is not ASCII: joins
/// the lines (RFC 9110, section 5.3), and leaves out those that can name none of our tags.
fn join_if_none_match(headers: &mut HeaderMap) {
    if !headers.contains_key(IF_NONE_MATCH) {
        return;
    }
    let lines: Vec<_> = headers.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok()).collect();
    let joined = HeaderValue::from_str(&lines.join(", "));
    headers.remove(IF_NONE_MATCH);
    if let Ok(joined) = joined {
        headers.insert(IF_NONE_MATCH, joined);
    }
}

/// A response that is a problem and nothing else.
pub fn problem_response(status: StatusCode, detail: &str) -> Response<ResponseBody> {
    let body = serde_json::to_vec(&problem(status, detail)).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
    response
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Errors that the generated code makes itself are plain text: their text becomes a problem's detail.
async fn with_problem_body(response: Response<ResponseBody>) -> Response<ResponseBody> {
    let status = response.status();
    if !is_error(status) || response.headers().get(CONTENT_TYPE) == Some(&PROBLEM_JSON) {
        return response;
    }
    let Ok(text) = response.into_body().collect().await;
    problem_response(status, &String::from_utf8_lossy(&text.to_bytes()))
}
