//! Request headers that the generated code does not look at, or reads otherwise than they are meant.

use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, IF_MATCH, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use hyper::{HeaderMap, Method, Response, StatusCode};

use crate::problem::{ResponseBody, problem_response};

/// The body has to be of a type that the contract lists, not encoded. No `Content-Type` means the first.
pub fn refuse_media_type(operation: &str, headers: &HeaderMap) -> Option<Response<ResponseBody>> {
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
    let mut parts = given.to_str().unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let Some(listed) = consumed.iter().find(|listed| listed.eq_ignore_ascii_case(essence)) else {
        let detail = format!("Send Content-Type: {}", consumed.join(" or "));
        return Some(problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &detail));
    };
    if listed.starts_with("text/") && !parts.all(allows_utf_8) {
        return Some(problem_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send text in UTF-8"));
    }
    None
}

/// Whether this parameter of a media type does not say that a text is written otherwise.
fn allows_utf_8(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, "utf-8"));
    let value = value.trim_matches('"');
    !name.eq_ignore_ascii_case("charset")
        || ["utf-8", "us-ascii"].iter().any(|charset| value.eq_ignore_ascii_case(charset))
}

/// The generated code reads the first line of `If-Match` and `If-None-Match`, and fails on one that is not ASCII:
/// joins the lines (RFC 9110, section 5.3), and leaves out those that can name none of our tags.
pub fn join_entity_tags(headers: &mut HeaderMap) {
    for name in [IF_MATCH, IF_NONE_MATCH] {
        if !headers.contains_key(&name) {
            continue;
        }
        let lines: Vec<_> = headers.get_all(&name).iter().filter_map(|line| line.to_str().ok()).collect();
        if let Ok(joined) = HeaderValue::from_str(&lines.join(", ")) {
            headers.insert(name, joined);
        }
    }
}

/// A `Range` counts only for GET (RFC 9110, section 14.2), and only if it is one line of text, as its condition.
/// Elsewhere the generated code would take it, or fail on it.
pub fn drop_range_without_meaning(method: &Method, headers: &mut HeaderMap) {
    let is_clear = [RANGE, IF_RANGE].iter().all(|name| {
        let mut lines = headers.get_all(name).iter();
        lines.next().is_none_or(|line| line.to_str().is_ok()) && lines.next().is_none()
    });
    if method != Method::GET || !is_clear {
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
    }
}
