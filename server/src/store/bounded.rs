//! A store whose answers are good only for a while, so that what is deleted, by whomever, is gone from every copy.
//!
//! A copy's time begins when the store is asked for it, not when it answers: what was deleted since then is gone
//! that long after its deletion.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::BoxStream;

use super::{MessageStore, Put, Puts, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};

/// A store, and how long its answers are good.
pub struct Bounded {
    store: Arc<dyn MessageStore>,
    bound: Duration,
}

impl Bounded {
    /// What `store` answers is good for this long.
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
        let asked = Instant::now();
        let stored = self.store.get(hash).await?;
        Ok(stored.map(|stored| stored.cap_expiry(self.bound, asked)))
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
