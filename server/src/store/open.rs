//! Opens the store that the options name, with its decorators: metrics, staleness bound, cache.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Bounded, Cached, Embedded, Measured, MemoryStore, MessageStore, OpenError, Redis, StorageOptions,
    StoreKind, StoreOptions,
};
use crate::metrics::StoreMetrics;

/// Opens the store with its decorators. A cache size of 0 bytes means no cache.
///
/// `staleness_bound` is the longest time that a copy of a deleted message may be served. `None` means that messages
/// cannot be deleted.
///
/// # Errors
/// [`OpenError`] if the store cannot be opened.
pub async fn open(
    options: &StoreOptions,
    staleness_bound: Option<Duration>,
    metrics: &StoreMetrics,
) -> Result<Arc<dyn MessageStore>, OpenError> {
    let store = open_uncached(options.kind(), &options.storage, staleness_bound.is_some(), metrics).await?;
    let mut store: Arc<dyn MessageStore> = Arc::new(Measured::new(store, metrics.clone()));
    if let Some(bound) = staleness_bound {
        store = Arc::new(Bounded::new(store, bound));
    }
    let cached_for = options.storage.retention.into_iter().chain(staleness_bound).min();
    let bytes = options.cache_bytes.as_u64();
    if bytes == 0 {
        return Ok(store);
    }
    let mut cached = Cached::new(Arc::clone(&store), bytes, cached_for, metrics.clone());
    if staleness_bound.is_some() {
        cached.follow(store.deleted_elsewhere());
    }
    Ok(Arc::new(cached))
}

/// Opens the store without decorators. `can_delete` tells the store whether messages can be deleted.
///
/// # Errors
/// [`OpenError`] if the store cannot be opened.
pub async fn open_uncached(
    kind: &StoreKind,
    storage: &StorageOptions,
    can_delete: bool,
    metrics: &StoreMetrics,
) -> Result<Arc<dyn MessageStore>, OpenError> {
    let retention = storage.retention;
    Ok(match kind {
        StoreKind::Embedded { folder } => {
            Arc::new(Embedded::open(folder, storage.store_min_free.as_u64(), retention, metrics).await?)
        }
        StoreKind::Memory { max_bytes } => {
            log::warn!("--store memory: keeps messages only until the server stops");
            Arc::new(MemoryStore::new(*max_bytes, retention))
        }
        StoreKind::Redis(url) => Arc::new(Redis::open(url, &storage.redis, retention, can_delete, metrics)?),
    })
}
