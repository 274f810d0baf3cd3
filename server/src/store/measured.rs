//! Counts and times the operations of another store.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt as _};

use super::{MessageStore, Put, Puts, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

/// A store with metrics.
pub struct Measured {
    store: Arc<dyn MessageStore>,
    metrics: StoreMetrics,
}

impl Measured {
    /// Counts the results of `store` in `metrics`.
    #[must_use]
    pub fn new(store: Arc<dyn MessageStore>, metrics: StoreMetrics) -> Self {
        Self { store, metrics }
    }

    async fn count<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
        result_of: fn(&T) -> &'static str,
    ) -> Result<T, StoreError> {
        let mut call = self.begin(operation, Instant::now());
        let answer = work.await;
        call.end(&answer, result_of);
        answer
    }

    fn begin(&self, operation: &'static str, begun: Instant) -> Call<'_> {
        Call { metrics: &self.metrics, operation, begun, result: "given_up" }
    }
}

const RESULT_OF_PUT: fn(&Put) -> &'static str = |put| match put {
    Put::Created => "created",
    Put::AlreadyStored => "already_stored",
};

/// An operation in progress. It is counted on drop, so a cancelled one is counted too.
struct Call<'a> {
    metrics: &'a StoreMetrics,
    operation: &'static str,
    begun: Instant,
    result: &'static str,
}

impl Call<'_> {
    fn end<T>(&mut self, answer: &Result<T, StoreError>, result_of: fn(&T) -> &'static str) {
        self.result = match answer {
            Ok(answer) => result_of(answer),
            Err(StoreError::Unavailable(_) | StoreError::AtRisk(_)) => "unavailable",
            Err(StoreError::Full(_)) => "full",
            Err(StoreError::TooLarge(_)) => "too_large",
            Err(StoreError::Corrupt(_)) => {
                self.metrics.integrity_failures.inc();
                "corrupt"
            }
        };
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.metrics.observe(self.operation, self.result, self.begun.elapsed());
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl MessageStore for Measured {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        self.count("put", self.store.put(hash, message), RESULT_OF_PUT).await
    }

    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        let begun = Instant::now();
        let mut calls: Vec<_> = messages.iter().map(|_| Some(self.begin("put", begun))).collect();
        let answers = self.store.put_all(messages).inspect(move |(number, answer)| {
            if let Some(mut call) = calls[*number].take() {
                call.end(answer, RESULT_OF_PUT);
            }
        });
        answers.boxed()
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        self.count("delete", self.store.delete(hash), |()| "deleted").await
    }

    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        self.store.deleted_elsewhere()
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let result_of = |got: &Option<Stored>| if got.is_some() { "found" } else { "missing" };
        self.count("get", self.store.get(hash), result_of).await
    }

    /// Not counted: it does not reach the store.
    fn get_cached(&self, hash: MessageHash) -> Option<Stored> {
        self.store.get_cached(hash)
    }

    fn scan(&self) -> Scan<'_> {
        self.store.scan()
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        self.store.estimated_count().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let ready = self.store.ready().await;
        self.metrics.ready.set(ready.is_ok().into());
        ready
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
