//! A staleness bound in front of another store: limits how long copies of a message may be served after a deletion.
//!
//! The time of a copy begins when the read of the store begins, not when it ends. A message that is deleted after that
//! moment is then gone from every copy within the bound.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{MessageStore, Put, Puts, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};

/// A store whose messages expire at most `bound` after they were read.
pub struct Bounded {
    store: Arc<dyn MessageStore>,
    bound: Duration,
}

impl Bounded {
    /// Caps the expiry of each message of `store` at `bound` after its read begins.
    #[must_use]
    pub fn new(store: Arc<dyn MessageStore>, bound: Duration) -> Self {
        Self { store, bound }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl MessageStore for Bounded {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        self.store.put(hash, message).await
    }

    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        self.store.put_all(messages)
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        self.store.delete(hash).await
    }

    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        self.store.deleted_elsewhere()
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let begun = Instant::now();
        let stored = self.store.get(hash).await?;
        Ok(stored.map(|stored| stored.cap_expiry(self.bound, begun)))
    }

    fn get_cached(&self, hash: MessageHash) -> Option<Stored> {
        let begun = Instant::now();
        self.store.get_cached(hash).map(|stored| stored.cap_expiry(self.bound, begun))
    }

    fn scan(&self) -> Scan<'_> {
        self.store.scan()
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        self.store.estimated_count().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.store.ready().await
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
