//! An LRU cache in front of another store. Concurrent misses of one hash share one read of the store (single flight).
//!
//! The message of a hash never changes, so only deletions invalidate an entry. An entry expires when the store's copy
//! may expire. Misses are not cached, and puts go to the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::future::{BoxFuture, FutureExt, Shared};
use futures::stream::BoxStream;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, Weighter};
use tokio::task::JoinSet;

use super::{MessageStore, Put, Puts, Reason, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

type Read = Result<Option<Stored>, StoreError>;
type Flight = Shared<BoxFuture<'static, Read>>;

/// The memory of an entry in addition to its text: the key, the shared string and the cache's bookkeeping.
const ENTRY_OVERHEAD_BYTES: u64 = 256;
/// An estimate for the initial size of the cache's table, which grows on demand.
const TYPICAL_ENTRY_BYTES: u64 = 1024;

/// A store behind a cache.
pub struct Cached {
    inner: Arc<CacheState>,
    /// The task that removes deleted messages. It ends when the cache is dropped.
    following: JoinSet<()>,
}

struct CacheState {
    store: Arc<dyn MessageStore>,
    cache: Cache<MessageHash, Stored, ByBytes, DefaultHashBuilder, Evictions>,
    retention: Option<Duration>,
    metrics: StoreMetrics,
    /// The store reads in progress.
    flights: Mutex<HashMap<MessageHash, Flight>>,
    /// Deletion counters, sharded by the hash's first byte. The result of a read that began before the last deletion in
    /// its shard is not cached.
    deletions: [RwLock<u64>; 1 << u8::BITS],
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<MessageHash, Stored> for ByBytes {
    fn weight(&self, _: &MessageHash, stored: &Stored) -> u64 {
        stored.message.len() as u64 + ENTRY_OVERHEAD_BYTES
    }
}

/// Collects the entries that an insertion evicts, including the entry that it replaces.
#[derive(Clone)]
struct Evictions;

impl Lifecycle<MessageHash, Stored> for Evictions {
    type RequestState = Vec<MessageHash>;

    fn begin_request(&self) -> Vec<MessageHash> {
        Vec::new()
    }

    fn on_evict(&self, evicted: &mut Vec<MessageHash>, hash: MessageHash, _: Stored) {
        evicted.push(hash);
    }
}

impl Cached {
    /// Caches up to `bytes` bytes of messages of `store`. `retention` is the longest time that an entry stays after a put;
    /// `None` means that messages do not expire.
    #[must_use]
    pub fn new(
        store: Arc<dyn MessageStore>,
        bytes: u64,
        retention: Option<Duration>,
        metrics: StoreMetrics,
    ) -> Self {
        let entries = usize::try_from(bytes / TYPICAL_ENTRY_BYTES).unwrap_or(usize::MAX);
        let cache = Cache::with(entries, bytes, ByBytes, DefaultHashBuilder::default(), Evictions);
        let inner = CacheState {
            store,
            cache,
            retention,
            metrics,
            flights: Mutex::default(),
            deletions: [const { RwLock::new(0) }; _],
        };
        Self { inner: Arc::new(inner), following: JoinSet::new() }
    }

    /// Removes each message of `deletions` from the cache, in the background.
    pub fn follow(&mut self, mut deletions: BoxStream<'static, MessageHash>) {
        let inner = Arc::clone(&self.inner);
        self.following.spawn(async move {
            while let Some(hash) = deletions.next().await {
                inner.forget(hash);
            }
        });
    }
}

impl CacheState {
    fn flights(&self) -> MutexGuard<'_, HashMap<MessageHash, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deletions(&self, hash: MessageHash) -> &RwLock<u64> {
        &self.deletions[usize::from(hash.as_bytes()[0])]
    }

    fn deletions_now(&self, hash: MessageHash) -> u64 {
        *self.deletions(hash).read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Caches the result of a read or put, unless a deletion in the same shard happened after it began. `deletions` is the
    /// counter at its beginning.
    fn insert(&self, hash: MessageHash, stored: Stored, deletions: u64) {
        let deletions_now = self.deletions(hash).read().unwrap_or_else(PoisonError::into_inner);
        if *deletions_now != deletions {
            return;
        }
        let evicted = self.cache.insert_with_lifecycle(hash, stored);
        drop(deletions_now);
        let others = evicted.iter().filter(|evicted| **evicted != hash).count();
        self.metrics.cache_evictions.inc_by(others as u64);
        self.show_bytes();
    }

    /// Removes a message from the cache. Later reads go to the store.
    fn forget(&self, hash: MessageHash) {
        {
            let mut deletions = self.deletions(hash).write().unwrap_or_else(PoisonError::into_inner);
            *deletions += 1;
            self.cache.remove(&hash);
        }
        self.flights().remove(&hash);
        self.show_bytes();
    }

    fn show_bytes(&self) {
        self.metrics.cache_bytes.set(i64::try_from(self.cache.weight()).unwrap_or(i64::MAX));
    }

    /// Returns the read of this hash that is in progress, or starts one. The boolean is `true` for a new read.
    ///
    /// The read is a separate task, so it completes and leaves the map even if its callers are dropped.
    fn join_or_start(self: &Arc<Self>, hash: MessageHash) -> (Flight, bool) {
        let mut flights = self.flights();
        if let Some(flight) = flights.get(&hash) {
            return (flight.clone(), false);
        }
        let guard = FlightGuard { inner: Arc::clone(self), hash };
        let task = tokio::spawn(async move {
            let deletions = guard.inner.deletions_now(hash);
            let read = guard.inner.store.get(hash).await;
            if let Ok(Some(stored)) = &read {
                guard.inner.insert(hash, stored.clone(), deletions);
            }
            read
        });
        let flight = task.map(|ended| ended.unwrap_or_else(|error| Err(task_failed(error)))).boxed().shared();
        flights.insert(hash, flight.clone());
        (flight, true)
    }
}

fn task_failed(error: tokio::task::JoinError) -> StoreError {
    StoreError::Unavailable(Reason::caused_by("the store failed", error))
}

/// Removes a flight from the map when its task ends. It may remove a newer flight of the same hash that began after a
/// deletion. That flight then completes for the callers that have joined it.
struct FlightGuard {
    inner: Arc<CacheState>,
    hash: MessageHash,
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        self.inner.flights().remove(&self.hash);
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl MessageStore for Cached {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        // The cache cannot answer a put: it may have read a message that is stored but not yet acknowledged as durable.
        let (stored, deletions) =
            (Stored::new(message.clone(), self.inner.retention), self.inner.deletions_now(hash));
        let put = self.inner.store.put(hash, message).await?;
        self.inner.insert(hash, stored, deletions);
        Ok(put)
    }

    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        let keep = |(hash, message): &(MessageHash, Message)| {
            let stored = Stored::new(message.clone(), self.inner.retention);
            Some((*hash, stored, self.inner.deletions_now(*hash)))
        };
        let mut stored: Vec<_> = messages.iter().map(keep).collect();
        let puts = self.inner.store.put_all(messages).inspect(move |(number, put)| {
            if let (Ok(_), Some((hash, stored, deletions))) = (put, stored[*number].take()) {
                self.inner.insert(hash, stored, deletions);
            }
        });
        puts.boxed()
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        // In a task, so that the cache entry is removed even if the caller is dropped.
        let task = tokio::spawn(async move {
            inner.store.delete(hash).await?;
            inner.forget(hash);
            Ok(())
        });
        task.await.unwrap_or_else(|error| Err(task_failed(error)))
    }

    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        self.inner.store.deleted_elsewhere()
    }

    fn get_cached(&self, hash: MessageHash) -> Option<Stored> {
        let stored = self.inner.cache.get(&hash).filter(|stored| !stored.has_expired())?;
        self.inner.metrics.cache_hits.inc();
        Some(stored)
    }

    async fn get(&self, hash: MessageHash) -> Read {
        if let Some(stored) = self.get_cached(hash) {
            return Ok(Some(stored));
        }
        self.inner.metrics.cache_misses.inc();
        let (flight, started_now) = self.inner.join_or_start(hash);
        let read = flight.await;
        let is_current = read.as_ref().map_or(true, |read| read.as_ref().is_some_and(|it| !it.has_expired()));
        if started_now || is_current {
            return read;
        }
        // A read that began before this call may have missed a put that was acknowledged since, or its result may have
        // expired. Any flight in the map now began after this call.
        let (flight, _) = self.inner.join_or_start(hash);
        flight.await
    }

    fn scan(&self) -> Scan<'_> {
        self.inner.store.scan()
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        self.inner.store.estimated_count().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.store.ready().await
    }

    async fn close(&self) {
        self.inner.store.close().await;
    }
}
