//! A store whose answers are counted and timed.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::{MessageStore, Put, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

/// A store, and where its answers are counted.
pub struct Measured {
    store: Arc<dyn MessageStore>,
    metrics: StoreMetrics,
}

impl Measured {
    /// Counts what this store answers.
    #[must_use]
    pub fn new(store: Arc<dyn MessageStore>, metrics: StoreMetrics) -> Self {
        Self { store, metrics }
    }

    fn count<T>(
        &self,
        operation: &'static str,
        begun: Instant,
        answer: &Result<T, StoreError>,
        result_of: fn(&T) -> &'static str,
    ) {
        let result = match answer {
            Ok(answer) => result_of(answer),
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(StoreError::Full(_)) => "full",
            Err(StoreError::Corrupt(_)) => {
                self.metrics.integrity_failures.inc();
                "corrupt"
            }
        };
        self.metrics.answered(operation, result, begun.elapsed());
    }
}

#[async_trait]
impl MessageStore for Measured {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        let begun = Instant::now();
        let put = self.store.put(hash, message).await;
        self.count("put", begun, &put, |put| match put {
            Put::Created => "created",
            Put::AlreadyStored => "already_stored",
        });
        put
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let begun = Instant::now();
        let got = self.store.get(hash).await;
        self.count("get", begun, &got, |got| if got.is_some() { "found" } else { "missing" });
        got
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
