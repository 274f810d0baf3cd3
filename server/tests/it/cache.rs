//! The cache in front of a store: it saves reads, and never returns outdated or deleted messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use message_to_hash::message::{Message, MessageHash};
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{Bounded, Cached, MemoryStore, MessageStore, Put, Scan, StoreError, Stored};
use tokio::sync::Semaphore;

use crate::support::TIMEOUT;

/// A store that counts its calls, and finishes a read only when the test allows it.
struct GatedStore {
    store: MemoryStore,
    reads: AtomicUsize,
    puts: AtomicUsize,
    begun: Semaphore,
    may_end: Semaphore,
}

impl GatedStore {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            store: MemoryStore::new(1 << 30, None),
            reads: AtomicUsize::new(0),
            puts: AtomicUsize::new(0),
            begun: Semaphore::new(0),
            may_end: Semaphore::new(0),
        })
    }

    async fn wait_until_reads_began(&self, number: u32) {
        let begun = tokio::time::timeout(TIMEOUT, self.begun.acquire_many(number)).await;
        begun.expect("the reads begin").unwrap().forget();
    }

    fn let_reads_end(&self) {
        self.may_end.add_permits(1000);
    }
}

#[async_trait]
impl MessageStore for GatedStore {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        self.puts.fetch_add(1, Ordering::SeqCst);
        self.store.put(hash, message).await
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        self.store.delete(hash).await
    }

    /// Reads at once and returns the result later, like a slow store.
    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let read = self.store.get(hash).await;
        self.begun.add_permits(1);
        self.may_end.acquire().await.unwrap().forget();
        read
    }

    fn scan(&self) -> Scan<'_> {
        Box::pin(futures::stream::pending())
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {}
}

fn foo() -> (MessageHash, Message) {
    (MessageHash::of(b"foo"), Message::from("foo".to_owned()))
}

fn kept(message: &Message) -> Stored {
    Stored::new(message.clone(), None)
}

/// Starts `number` gets, and lets each of them run until it waits.
async fn gets(
    cached: &Arc<Cached>,
    number: usize,
) -> Vec<tokio::task::JoinHandle<Result<Option<Stored>, StoreError>>> {
    let hash = foo().0;
    let spawn = |_| {
        tokio::spawn({
            let cached = Arc::clone(cached);
            async move { cached.get(hash).await }
        })
    };
    let tasks = (0..number).map(spawn).collect();
    tokio::task::yield_now().await;
    tasks
}

#[tokio::test]
async fn concurrent_misses_share_one_read() {
    let store = GatedStore::new();
    let (hash, foo) = foo();
    store.put(hash, foo.clone()).await.unwrap();
    let cached = Arc::new(Cached::new(store.clone(), 1 << 20, None, StoreMetrics::default()));
    let tasks = gets(&cached, 64).await;
    store.let_reads_end();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), Some(kept(&foo)));
    }
    assert_eq!(cached.get(hash).await.unwrap(), Some(kept(&foo)));
    assert_eq!(store.reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn concurrent_misses_of_an_absent_message_read_at_most_twice() {
    let store = GatedStore::new();
    let cached = Arc::new(Cached::new(store.clone(), 1 << 20, None, StoreMetrics::default()));
    let tasks = gets(&cached, 64).await;
    store.let_reads_end();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), None);
    }
    assert_eq!(
        store.reads.load(Ordering::SeqCst),
        2,
        "the first read, and one that began after the other gets"
    );
}

/// A deletion prevents caching only for messages whose hash begins with the same byte.
#[tokio::test]
async fn deletion_in_another_shard_does_not_block_caching() {
    let store = GatedStore::new();
    let (hash, foo) = foo();
    store.put(hash, foo.clone()).await.unwrap();
    let cached = Arc::new(Cached::new(store.clone(), 1 << 20, None, StoreMetrics::default()));
    let read = gets(&cached, 1).await;
    store.wait_until_reads_began(1).await;
    cached.delete(MessageHash::of(b"bar")).await.unwrap();
    store.let_reads_end();
    for task in read {
        assert_eq!(task.await.unwrap().unwrap(), Some(kept(&foo)));
    }
    assert_eq!(cached.get_cached(hash), Some(kept(&foo)));
}

#[tokio::test]
async fn get_after_put_does_not_reuse_an_older_miss() {
    let store = GatedStore::new();
    let cached = Arc::new(Cached::new(store.clone(), 1, None, StoreMetrics::default())); // nothing fits: the cache itself cannot help
    let older = gets(&cached, 1).await;
    store.wait_until_reads_began(1).await;
    let (hash, foo) = foo();
    cached.put(hash, foo.clone()).await.unwrap();
    let newer = gets(&cached, 1).await;
    store.let_reads_end();
    assert_eq!(
        older.into_iter().next().unwrap().await.unwrap().unwrap(),
        None,
        "this read began before the put"
    );
    assert_eq!(newer.into_iter().next().unwrap().await.unwrap().unwrap(), Some(kept(&foo)));
}

#[tokio::test]
async fn read_begun_before_a_deletion_is_not_cached_or_shared() {
    let store = GatedStore::new();
    let cached = Arc::new(Cached::new(store.clone(), 1 << 20, None, StoreMetrics::default()));
    let (hash, foo) = foo();
    store.put(hash, foo.clone()).await.unwrap();
    let older = gets(&cached, 1).await;
    store.wait_until_reads_began(1).await;
    cached.delete(hash).await.unwrap();
    let newer = gets(&cached, 1).await;
    store.wait_until_reads_began(1).await;
    store.let_reads_end();
    for (tasks, found) in [(older, Some(kept(&foo))), (newer, None)] {
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap(), found);
        }
    }
    assert_eq!(cached.get(hash).await.unwrap(), None);
}

#[tokio::test]
async fn read_slower_than_the_staleness_bound_is_not_shared() {
    const BOUND: Duration = Duration::from_millis(100);
    let store = GatedStore::new();
    let bounded = Arc::new(Bounded::new(store.clone(), BOUND));
    let cached = Arc::new(Cached::new(bounded, 1 << 20, Some(BOUND), StoreMetrics::default()));
    let (hash, foo) = foo();
    store.put(hash, foo.clone()).await.unwrap();
    let older = gets(&cached, 1).await;
    store.wait_until_reads_began(1).await;
    store.delete(hash).await.unwrap(); // by another instance
    tokio::time::sleep(BOUND).await;
    let newer = gets(&cached, 1).await;
    store.let_reads_end();
    for (tasks, found) in [(older, Some(foo)), (newer, None)] {
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap().map(|stored| stored.message), found);
        }
    }
}

#[tokio::test]
async fn delete_evicts_the_message_from_the_cache() {
    let store = GatedStore::new();
    store.let_reads_end();
    let cached = Cached::new(store.clone(), 1 << 20, None, StoreMetrics::default());
    let (hash, foo) = foo();
    cached.put(hash, foo.clone()).await.unwrap();
    assert_eq!(cached.get(hash).await.unwrap(), Some(kept(&foo)));
    cached.delete(hash).await.unwrap();
    assert_eq!(cached.get(hash).await.unwrap(), None);
    cached.put(hash, foo.clone()).await.unwrap();
    assert_eq!(cached.get(hash).await.unwrap(), Some(kept(&foo)));
}

#[tokio::test]
async fn put_fills_the_cache_and_always_reaches_the_store() {
    let store = GatedStore::new();
    store.let_reads_end();
    let cached = Cached::new(store.clone(), 1 << 20, None, StoreMetrics::default());
    let (hash, foo) = foo();
    assert_eq!(cached.put(hash, foo.clone()).await.unwrap(), Put::Created);
    assert_eq!(cached.put(hash, foo.clone()).await.unwrap(), Put::AlreadyStored);
    assert_eq!(cached.get(hash).await.unwrap(), Some(kept(&foo)));
    assert_eq!((store.puts.load(Ordering::SeqCst), store.reads.load(Ordering::SeqCst)), (2, 0));
}

#[tokio::test]
async fn cache_stays_within_its_size() {
    let store = GatedStore::new();
    store.let_reads_end();
    let cached = Cached::new(store.clone(), 64 << 10, None, StoreMetrics::default());
    let texts: Vec<_> = (0..100).map(|number| format!("{number}{}", "x".repeat(4 << 10))).collect();
    for text in &texts {
        cached.put(MessageHash::of(text.as_bytes()), Message::from(text.clone())).await.unwrap();
    }
    for text in &texts {
        assert!(cached.get(MessageHash::of(text.as_bytes())).await.unwrap().is_some());
    }
    assert!(store.reads.load(Ordering::SeqCst) >= 100 - 16, "16 messages of 4 KiB fit 64 KiB");
}
