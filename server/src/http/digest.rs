//! Checks the digests that a client sends with a body (RFC 9530), which protect the body from changes on its way.

use hyper::header::{HeaderName, HeaderValue, TRAILER};
use hyper::{HeaderMap, Response, StatusCode};
use message_to_hash_api_runtime::OperationInfo;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};
use sha2::{Digest, Sha256, Sha512};

use super::body::ReceivedBody;
use crate::problem::{ResponseBody, problem_response};

/// The digests of the content and of its representation. Both cover the same bytes, because encoded bodies are rejected.
const FIELDS: [HeaderName; 2] =
    [HeaderName::from_static("content-digest"), HeaderName::from_static("repr-digest")];

/// Checks the digests of a body whose algorithms are supported. Returns the response that rejects a body with another
/// digest. A digest may be in a header or in a trailer (RFC 9110, section 6.5). The body of an operation without a
/// request body is ignored, and so are its digests.
pub fn check_digests(
    operation: &OperationInfo,
    headers: &HeaderMap,
    body: &ReceivedBody,
) -> Option<Response<ResponseBody>> {
    if operation.media_types.is_empty() {
        return None;
    }
    let detail = FIELDS.iter().find_map(|field| {
        let mut sections = [headers, &body.trailers].into_iter().filter(|fields| fields.contains_key(field));
        sections
            .find_map(|fields| mismatch(fields, field, &body.bytes))
            .or_else(|| missing_trailer(headers, field, &body.trailers))
    })?;
    Some(problem_response(StatusCode::BAD_REQUEST, &detail))
}

/// Detects a digest that was announced as a trailer and is missing. Some proxies drop trailers but keep `Trailer`.
fn missing_trailer(headers: &HeaderMap, field: &HeaderName, trailers: &HeaderMap) -> Option<String> {
    let announced = headers.get_all(TRAILER).iter().filter_map(|names| names.to_str().ok());
    let is_announced = announced
        .flat_map(|names| names.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case(field.as_str()));
    (is_announced && !trailers.contains_key(field))
        .then(|| format!("{field} was announced as a trailer, and did not arrive"))
}

fn mismatch(headers: &HeaderMap, field: &HeaderName, body: &[u8]) -> Option<String> {
    let lines: Vec<_> = headers.get_all(field).iter().map(HeaderValue::as_bytes).collect();
    let Ok(digests) = Parser::new(&lines.join(&b", "[..])).parse::<Dictionary>() else {
        return Some(format!("{field} is not what RFC 9530 says it is"));
    };
    let mismatch = |algorithm, digest: fn(&[u8]) -> Vec<u8>| match digests.get(algorithm)? {
        ListEntry::Item(Item { bare_item: BareItem::ByteSequence(expected), .. }) => {
            (*expected != digest(body)).then(|| format!("The body does not have the {algorithm} of {field}"))
        }
        _ => Some(format!("The {algorithm} of {field} is not a sequence of bytes")),
    };
    mismatch("sha-256", |body| Sha256::digest(body).to_vec())
        .or_else(|| mismatch("sha-512", |body| Sha512::digest(body).to_vec()))
}
