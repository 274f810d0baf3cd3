//! Raw messages: the body of the request or the response is the message, byte for byte.
//!
//! Responses share the bytes with the store and the cache; nothing is copied.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use message_to_hash_api::server::add_raw_message;
use message_to_hash_api::server::get_raw_message::Response;
use message_to_hash_api_runtime::status_code;

use super::messages::{digest_of, location_of};
use super::range::{Selection, select};
use super::{Messages, conditions, failures};
use crate::context::RequestContext;
use crate::message::MessageHash;
use crate::problem::problem;
use crate::store::{Put, Stored};

const ACCEPT_RANGES: &str = "bytes";
/// A client chose the content of the message. These two headers keep a browser from executing it with this server's
/// origin.
const CONTENT_TYPE_OPTIONS: &str = "nosniff";
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox";

/// The conditional headers of a raw read.
pub(super) struct Conditions {
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    pub range: Option<String>,
    pub if_range: Option<String>,
}

impl Messages {
    pub(super) async fn put_raw(
        &self,
        text: String,
        context: &RequestContext<'_>,
    ) -> add_raw_message::Response {
        match self.put(text.into()).await {
            Ok((hash, Put::Created)) => {
                add_raw_message::Response::Created { body: digest_of(hash), location: location_of(hash) }
            }
            Ok((hash, Put::AlreadyStored)) => {
                add_raw_message::Response::AlreadyStored { body: digest_of(hash) }
            }
            Err(error) => failures::respond(&error, context),
        }
    }

    pub(super) async fn get_raw(
        &self,
        hash: Option<MessageHash>,
        conditions: &Conditions,
        context: &RequestContext<'_>,
    ) -> Response {
        match self.find(hash).await {
            Ok(Some((hash, stored))) => self.present(hash, stored, conditions),
            Ok(None) => failures::not_found(),
            Err(error) => failures::respond(&error, context),
        }
    }

    /// Evaluates the conditions in the order of RFC 9110, section 13.2.2.
    fn present(&self, hash: MessageHash, stored: Stored, conditions: &Conditions) -> Response {
        let e_tag = conditions::e_tag(hash);
        if !conditions::matches(conditions.if_match.as_deref(), &e_tag) {
            return failures::precondition_failed();
        }
        let cache_control = self.cache_control(&stored);
        if conditions.if_none_match.as_ref().is_some_and(|tags| conditions::lists(tags, &e_tag)) {
            return Response::NotModified { e_tag, cache_control };
        }
        // `If-Range` takes a strong tag. A weak tag or a date never matches, so the whole message is sent.
        let is_unchanged = conditions.if_range.as_ref().is_none_or(|tag| *tag == e_tag);
        let range = conditions.range.as_ref().filter(|_| is_unchanged);
        let len = stored.message.len();
        let body = Bytes::from_owner(stored.message);
        let repr_digest = format!("sha-256=:{}:", STANDARD.encode(hash.as_bytes()));
        let accept_ranges = ACCEPT_RANGES.to_owned();
        let x_content_type_options = CONTENT_TYPE_OPTIONS.to_owned();
        let content_security_policy = CONTENT_SECURITY_POLICY.to_owned();
        match range.map_or(Selection::Whole, |range| select(range, len)) {
            Selection::Whole => Response::Found {
                body,
                e_tag,
                cache_control,
                repr_digest,
                accept_ranges,
                x_content_type_options,
                content_security_policy,
            },
            Selection::Part(part) => Response::PartialContent {
                content_range: format!("bytes {}-{}/{len}", part.start, part.end - 1),
                body: body.slice(part),
                e_tag,
                cache_control,
                repr_digest,
                accept_ranges,
                x_content_type_options,
                content_security_policy,
            },
            Selection::OutOfBounds => Response::RangeNotSatisfiable {
                body: problem(status_code::<416>(), &format!("The message has {len} bytes")),
                content_range: format!("bytes */{len}"),
            },
        }
    }
}
