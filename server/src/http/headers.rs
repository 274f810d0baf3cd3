//! Checks the headers that neither hyper nor the generated code checks: `Host`, `Transfer-Encoding`, `Content-Encoding`
//! and `Content-Type`.

use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Response, StatusCode, Version};
use message_to_hash_api_runtime::OperationInfo;

use crate::problem::{ResponseBody, problem_response};

/// Checks that a request of HTTP/1.1 names one host (RFC 9112, section 3.2), and that its only transfer coding is
/// `chunked` (section 6.1). Returns the response that rejects any other request.
pub fn check_framing(request: &Parts, has_body: bool) -> Option<Response<ResponseBody>> {
    let mut hosts = request.headers.get_all(HOST).iter();
    let has_one_host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes().iter().all(|byte| is_host_byte(*byte)),
        (None, _) => request.version < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    };
    if !has_one_host {
        return Some(problem_response(StatusCode::BAD_REQUEST, "A request names one Host"));
    }
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if has_body && !request.headers.get_all(TRANSFER_ENCODING).iter().all(is_chunked) {
        let detail = "Send the body without Transfer-Encoding, or in chunks";
        return Some(problem_response(StatusCode::NOT_IMPLEMENTED, detail));
    }
    None
}

/// Whether this byte is allowed in a host with a port (RFC 3986, section 3.2).
fn is_host_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'$'..=b'.' | b'0'..=b';' | b'=' | b'A'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~')
}

/// Checks that the body has a media type of the operation and no content coding. Returns the response that rejects any
/// other body. Without `Content-Type` the body has the operation's first media type.
pub fn check_media_type(operation: &OperationInfo, headers: &HeaderMap) -> Option<Response<ResponseBody>> {
    let accepted = operation.media_types;
    if accepted.is_empty() {
        return None;
    }
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        let detail = "Send the body without Content-Encoding";
        let mut rejection = problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        rejection.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Some(rejection);
    }
    let content_type = headers.get(CONTENT_TYPE)?;
    let mut parts = content_type.to_str().unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let Some(listed) = accepted.iter().find(|listed| listed.eq_ignore_ascii_case(essence)) else {
        let detail = format!("Send Content-Type: {}", accepted.join(" or "));
        return Some(problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &detail));
    };
    if listed.starts_with("text/") && !parts.all(allows_utf_8) {
        return Some(problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send text in UTF-8"));
    }
    None
}

/// Whether this parameter of a media type is not a `charset`, or names UTF-8 or a subset of it.
fn allows_utf_8(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, "utf-8"));
    let value = value.trim_matches('"');
    !name.eq_ignore_ascii_case("charset")
        || ["utf-8", "utf8", "us-ascii"].iter().any(|charset| value.eq_ignore_ascii_case(charset))
}
