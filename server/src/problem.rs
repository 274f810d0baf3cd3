//! The one body of every error (RFC 9457), wherever in the server the error was found.

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use message_to_hash_api::models::Problem;

/// The body of every response.
pub type ResponseBody = BoxBody<Bytes, std::convert::Infallible>;

/// The media type of a problem.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Longer texts are cut: a detail may quote what the client sent.
const DETAIL_CHARS: usize = 256;

/// A problem that its status explains, with a detail for the client. `err_msg` is for older clients.
#[must_use]
pub fn problem(status: StatusCode, detail: &str) -> Problem {
    let title = status.canonical_reason().unwrap_or("Error").to_owned();
    let detail: String = detail.chars().take(DETAIL_CHARS).collect();
    Problem::new("about:blank".to_owned(), title, status.as_u16(), detail.clone(), detail)
}

/// A response that is a problem and nothing else.
pub fn problem_response(status: StatusCode, detail: &str) -> Response<ResponseBody> {
    let body = serde_json::to_vec(&problem(status, detail)).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
    response
}
