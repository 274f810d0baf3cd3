//! The body of every error response (RFC 9457).

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use message_to_hash_api::models::Problem;
pub use message_to_hash_api_runtime::ResponseBody;

/// The media type of a problem body.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Longer details are truncated, since a detail can quote the client's input.
const DETAIL_CHARS: usize = 256;

/// Makes a problem of the type `about:blank`. Older clients read `err_msg` instead of `detail`.
#[must_use]
pub fn problem(status: StatusCode, detail: &str) -> Problem {
    let title = status.canonical_reason().unwrap_or("Error").to_owned();
    let detail: String = detail.chars().take(DETAIL_CHARS).collect();
    Problem::new("about:blank".to_owned(), title, status.as_u16(), detail.clone(), detail)
}

/// Makes a response with a problem body.
pub fn problem_response(status: StatusCode, detail: &str) -> Response<ResponseBody> {
    let body = serde_json::to_vec(&problem(status, detail)).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, PROBLEM_JSON);
    response
}
