//! Whether the body of a request is of a type that is taken: the generated code does not look.

use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};

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
