//! The digests that a client sends with a body (RFC 9530), so that no other body is taken for it.

use hyper::header::{HeaderName, HeaderValue, TRAILER};
use hyper::{HeaderMap, Response, StatusCode};
use message_to_hash_api_runtime::OperationInfo;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};
use sha2::{Digest, Sha256, Sha512};

use super::body::ReceivedBody;
use crate::problem::{ResponseBody, problem_response};

/// Of the bytes as they are sent, and of what they are. Since no body may be encoded, both are of the body.
const FIELDS: [HeaderName; 2] =
    [HeaderName::from_static("content-digest"), HeaderName::from_static("repr-digest")];

/// Refuses a body that does not have the digests that came with it, as far as their algorithms are known. They may
/// come before the body or behind it (a trailer, RFC 9110, section 6.5). Where an operation has no use for a body, its
/// digests are not checked.
pub fn check_digests(
    operation: &OperationInfo,
    headers: &HeaderMap,
    body: &ReceivedBody,
) -> Option<Response<ResponseBody>> {
    if operation.media_types.is_empty() {
        return None;
    }
    let detail = FIELDS.iter().find_map(|field| {
        let mut given = [headers, &body.trailers].into_iter().filter(|fields| fields.contains_key(field));
        given
            .find_map(|fields| mismatch(fields, field, &body.bytes))
            .or_else(|| missing_trailer(headers, field, &body.trailers))
    })?;
    Some(problem_response(StatusCode::BAD_REQUEST, &detail))
}

/// Some proxies drop trailers, but not the field that announces them. The digest must not be lost in silence.
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
