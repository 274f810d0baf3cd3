//! The operations of the contract, implemented over a store.
//!
//! This is the only place that chooses the status of an operation. `failures.rs` is the table that turns errors into
//! responses; it also logs their causes, one line each.

pub(crate) mod batch;
pub(crate) mod conditions;
mod deletion;
mod failures;
mod lookup;
mod messages;
mod options;
mod range;
mod raw;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use message_to_hash_api::server::{
    Operations, add_message, add_message_batch, add_raw_message, delete_message, get_message_by_hash,
    get_named_information, get_raw_message, look_up_messages,
};
use tokio::sync::Semaphore;

pub use self::deletion::Erasure;
pub use self::options::ErasureOptions;
use crate::context::RequestContext;
use crate::message::MessageHash;
use crate::store::{MessageStore, StoreError};

/// Implements the operations of the API over a store.
#[derive(Clone)]
pub struct Messages {
    store: Arc<dyn MessageStore>,
    max_message_bytes: u64,
    store_timeout: Duration,
    reads_are_private: bool,
    /// The `Cache-Control` of a message that does not expire. It is made once, not for each response.
    unlimited_cache_control: String,
    /// Bounds the concurrent writes of all batches.
    batches: Arc<Semaphore>,
    /// Bounds the concurrent reads of all lookups.
    lookups: Arc<Semaphore>,
    erasure: Erasure,
}

impl Messages {
    /// Creates a service for messages of at most `max_message_bytes` bytes. Each call of the store fails after
    /// `store_timeout`. If `reads_are_private`, shared caches must not keep messages. If `erasure` is possible, no cache
    /// keeps them for long.
    #[must_use]
    pub fn new(
        store: Arc<dyn MessageStore>,
        max_message_bytes: u64,
        store_timeout: Duration,
        reads_are_private: bool,
        erasure: Erasure,
    ) -> Self {
        Self {
            store,
            max_message_bytes,
            store_timeout,
            reads_are_private,
            unlimited_cache_control: messages::unlimited_cache_control(reads_are_private),
            batches: Arc::new(Semaphore::new(batch::MAX_CONCURRENT_WRITES)),
            lookups: Arc::new(Semaphore::new(lookup::max_reads_of_all(max_message_bytes))),
            erasure,
        }
    }

    /// Fails work of the store that takes longer than the store timeout.
    async fn with_timeout<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut work = pin!(work);
        // Work that is done at once, such as a cache hit, needs no timer.
        if let Poll::Ready(result) = futures::poll!(&mut work) {
            return result;
        }
        let result = tokio::time::timeout(self.store_timeout, work).await;
        result.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".into())))
    }
}

impl Operations<RequestContext<'_>> for Messages {
    async fn add_message(
        &self,
        parameters: add_message::Parameters,
        context: &RequestContext<'_>,
    ) -> add_message::Response {
        self.put_json(parameters.message, context).await
    }

    async fn add_raw_message(
        &self,
        parameters: add_raw_message::Parameters,
        context: &RequestContext<'_>,
    ) -> add_raw_message::Response {
        self.put_raw(parameters.body, context).await
    }

    async fn add_message_batch(
        &self,
        parameters: add_message_batch::Parameters,
        context: &RequestContext<'_>,
    ) -> add_message_batch::Response {
        self.put_batch(parameters.message_batch, context).await
    }

    async fn look_up_messages(
        &self,
        parameters: look_up_messages::Parameters,
        context: &RequestContext<'_>,
    ) -> look_up_messages::Response {
        self.get_batch(parameters.message_lookup, context).await
    }

    async fn get_message_by_hash(
        &self,
        parameters: get_message_by_hash::Parameters,
        context: &RequestContext<'_>,
    ) -> get_message_by_hash::Response {
        self.get_json(parameters, context).await
    }

    async fn get_raw_message(
        &self,
        parameters: get_raw_message::Parameters,
        context: &RequestContext<'_>,
    ) -> get_raw_message::Response {
        let get_raw_message::Parameters { hash, if_match, if_none_match, range, if_range } = parameters;
        let conditions = raw::Conditions { if_match, if_none_match, range, if_range };
        self.get_raw(MessageHash::parse(&hash), &conditions, context).await
    }

    async fn get_named_information(
        &self,
        parameters: get_named_information::Parameters,
        context: &RequestContext<'_>,
    ) -> get_named_information::Response {
        let get_named_information::Parameters { value, if_match, if_none_match, range, if_range } =
            parameters;
        let conditions = raw::Conditions { if_match, if_none_match, range, if_range };
        self.get_raw(MessageHash::parse_base64url(&value), &conditions, context).await
    }

    async fn delete_message(
        &self,
        parameters: delete_message::Parameters,
        context: &RequestContext<'_>,
    ) -> delete_message::Response {
        self.delete(&parameters.hash, parameters.if_match.as_deref(), context).await
    }
}
