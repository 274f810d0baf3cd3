//! The digests that a client sends with a body (RFC 9530), so that no other body is taken for it.

use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};
use message_to_hash_api::server::consumed_media_types;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};
use sha2::{Digest, Sha256, Sha512};

use crate::problem::{ResponseBody, problem_response};

/// Of the bytes as they are sent, and of what they are. Since no body may be encoded, both are of the body.
const FIELDS: [HeaderName; 2] =
    [HeaderName::from_static("content-digest"), HeaderName::from_static("repr-digest")];

/// The body has to have the digests that came with it, as far as their algorithms are known. One that the
/// operation has no use for may be any.
pub fn refuse_other_body(
    operation: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Response<ResponseBody>> {
    if consumed_media_types(operation).is_empty() {
        return None;
    }
    let mut fields = FIELDS.into_iter().filter(|field| headers.contains_key(field));
    let detail = fields.find_map(|field| disagreement(headers, &field, body))?;
    Some(problem_response(StatusCode::BAD_REQUEST, &detail))
}

fn disagreement(headers: &HeaderMap, field: &HeaderName, body: &[u8]) -> Option<String> {
    let lines: Vec<_> = headers.get_all(field).iter().map(HeaderValue::as_bytes).collect();
    let Ok(said) = Parser::new(&lines.join(&b", "[..])).parse::<Dictionary>() else {
        return Some(format!("{field} is not what RFC 9530 says it is"));
    };
    let disagreement = |algorithm, digest: fn(&[u8]) -> Vec<u8>| match said.get(algorithm)? {
        ListEntry::Item(Item { bare_item: BareItem::ByteSequence(said), .. }) => {
            (*said != digest(body)).then(|| format!("The body does not have the {algorithm} of {field}"))
        }
        _ => Some(format!("The {algorithm} of {field} is not a sequence of bytes")),
    };
    disagreement("sha-256", |body| Sha256::digest(body).to_vec())
        .or_else(|| disagreement("sha-512", |body| Sha512::digest(body).to_vec()))
}
