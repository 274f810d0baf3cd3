//! Stores and returns single messages as JSON, and sets their `Cache-Control`.

use std::time::{Duration, Instant};

use message_to_hash_api::models::{self, MessageDigest};
use message_to_hash_api::server::{add_message, get_message_by_hash};

use super::failures::{self, OperationError};
use super::{Messages, conditions, deletion};
use crate::context::RequestContext;
use crate::message::{Message, MessageHash};
use crate::store::{Put, Stored};

/// The `max-age` of messages that do not expire: one year.
const MAX_AGE: Duration = Duration::from_hours(365 * 24);

impl Messages {
    pub(super) async fn put_json(
        &self,
        message: models::Message,
        context: &RequestContext<'_>,
    ) -> add_message::Response {
        match self.put(message.message.into()).await {
            Ok((hash, Put::Created)) => {
                add_message::Response::Created { body: digest_of(hash), location: location_of(hash) }
            }
            Ok((hash, Put::AlreadyStored)) => add_message::Response::AlreadyStored { body: digest_of(hash) },
            Err(error) => failures::respond(&error, context),
        }
    }

    pub(super) async fn get_json(
        &self,
        parameters: get_message_by_hash::Parameters,
        context: &RequestContext<'_>,
    ) -> get_message_by_hash::Response {
        let (hash, stored) = match self.find(MessageHash::parse(&parameters.hash)).await {
            Ok(Some(found)) => found,
            Ok(None) => return failures::not_found(),
            Err(error) => return failures::respond(&error, context),
        };
        let e_tag = conditions::e_tag(hash);
        if !conditions::matches(parameters.if_match.as_deref(), &e_tag) {
            return failures::precondition_failed();
        }
        let cache_control = self.cache_control(&stored);
        if parameters.if_none_match.is_some_and(|tags| conditions::lists(&tags, &e_tag)) {
            return get_message_by_hash::Response::NotModified { e_tag, cache_control };
        }
        let body = models::Message::new(stored.message.as_str().to_owned());
        get_message_by_hash::Response::Found { body, e_tag, cache_control }
    }

    pub(super) async fn put(&self, message: Message) -> Result<(MessageHash, Put), OperationError> {
        self.check_size(&message)?;
        let hash = message.hash();
        self.erasure.check(hash)?;
        let put = self.with_timeout(self.store.put(hash, message)).await?;
        Ok((hash, put))
    }

    pub(super) fn check_size(&self, message: &Message) -> Result<(), OperationError> {
        if message.len() as u64 > self.max_message_bytes {
            return Err(OperationError::TooLarge(self.max_message_bytes));
        }
        Ok(())
    }

    /// Finds the message of a hash. `None`, for a text that is not a hash, finds nothing.
    pub(super) async fn find(
        &self,
        hash: Option<MessageHash>,
    ) -> Result<Option<(MessageHash, Stored)>, OperationError> {
        let Some(hash) = hash else { return Ok(None) };
        self.erasure.check(hash)?;
        if let Some(stored) = self.store.get_cached(hash) {
            return Ok(Some((hash, stored)));
        }
        let stored = self.with_timeout(self.store.get(hash)).await?;
        // The hash may have been blocked while the store was read.
        self.erasure.check(hash)?;
        Ok(stored.map(|stored| (hash, stored)))
    }

    /// The `Cache-Control` of a response with this message.
    pub(super) fn cache_control(&self, stored: &Stored) -> String {
        let Some(expires) = stored.expires else { return self.unlimited_cache_control.clone() };
        let rest = expires.saturating_duration_since(Instant::now());
        if self.erasure.is_possible() {
            deletion::cache_control(self.reads_are_private, rest)
        } else {
            cache_control(self.reads_are_private, rest)
        }
    }
}

/// The `Cache-Control` of a message that does not expire.
pub(super) fn unlimited_cache_control(reads_are_private: bool) -> String {
    cache_control(reads_are_private, MAX_AGE)
}

/// Lets caches keep a message until it expires (RFC 9111, RFC 8246). If reads are private, only the client may
/// keep it.
fn cache_control(reads_are_private: bool, rest: Duration) -> String {
    let scope = if reads_are_private { "private" } else { "public" };
    format!("{scope}, max-age={}, immutable", rest.min(MAX_AGE).as_secs())
}

pub(super) fn digest_of(hash: MessageHash) -> MessageDigest {
    MessageDigest::new(hash.to_hex())
}

/// Where the message can be read, relative to the server.
pub(super) fn location_of(hash: MessageHash) -> String {
    format!("/messages/{hash}")
}
