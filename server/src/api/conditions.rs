//! Conditions of a request, by entity tags (RFC 9110, section 13.1).

use hyper::StatusCode;
use message_to_hash_api::models::Problem;

use crate::message::MessageHash;
use crate::problem::problem;

const NOT_MATCHED: &str = "If-Match does not name what is stored here";

/// The entity tag of a message, by its hash.
pub(super) fn e_tag(hash: MessageHash) -> String {
    ["\"", hash.digits().as_str(), "\""].concat()
}

/// Whether `If-Match` lets the request go on where the message has this entity tag: by the strong comparison.
pub(super) fn matches(if_match: Option<&str>, e_tag: &str) -> bool {
    if_match.is_none_or(|tags| is_any(tags) || each(tags).any(|tag| tag == e_tag))
}

/// Whether `If-None-Match` names this entity tag: by the weak comparison.
pub(crate) fn lists(if_none_match: &str, e_tag: &str) -> bool {
    is_any(if_none_match) || each(if_none_match).any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == e_tag)
}

fn is_any(tags: &str) -> bool {
    tags.trim() == "*"
}

/// A tag with a comma in it falls apart: none of ours has one.
fn each(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim)
}

/// The answer to an `If-Match` that does not hold.
pub(super) fn failed() -> Problem {
    problem(StatusCode::PRECONDITION_FAILED, NOT_MATCHED)
}
