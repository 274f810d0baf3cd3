//! Conditional requests by entity tags (RFC 9110, section 13.1).

use crate::message::MessageHash;

/// The entity tag of the message that has this hash.
pub(super) fn e_tag(hash: MessageHash) -> String {
    ["\"", hash.digits().as_str(), "\""].concat()
}

/// Whether `If-Match` permits a request for the message that has this entity tag. It uses the strong comparison.
pub(super) fn matches(if_match: Option<&str>, e_tag: &str) -> bool {
    if_match.is_none_or(|tags| is_any(tags) || split(tags).any(|tag| tag == e_tag))
}

/// Whether `If-None-Match` lists this entity tag. It uses the weak comparison.
pub(crate) fn lists(if_none_match: &str, e_tag: &str) -> bool {
    is_any(if_none_match) || split(if_none_match).any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == e_tag)
}

fn is_any(tags: &str) -> bool {
    tags.trim() == "*"
}

/// Splits a list of entity tags. A tag that contains a comma is split as well, which is harmless: the server never
/// makes such a tag.
fn split(tags: &str) -> impl Iterator<Item = &str> {
    tags.split(',').map(str::trim)
}
