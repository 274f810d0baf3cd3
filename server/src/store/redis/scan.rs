//! Reads all messages: SCAN on each primary, then a GET for each key.

use std::sync::Arc;

use futures::future;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Redis;
use super::client::{RedisClient, RedisClientError, Shard, SlotLayout};
use crate::message::{Message, MessageHash};
use crate::store::{MessageStore as _, Scan, StoreError};

/// The maximum number of concurrent reads.
const CONCURRENT_READS: usize = 64;

/// Returns all messages. The last item is an error if the primaries changed during the scan.
pub(super) fn scan(redis: &Redis) -> Scan<'_> {
    let start = async move {
        let topology = &redis.client.topology;
        let layout = topology.layout().await?;
        let shards = topology.shards().await?;
        let messages = stream::iter(shards).flat_map(|shard| scan_shard(redis, shard));
        let end = stream::once(check_layout(redis, layout)).filter_map(async |end| end.err().map(Err));
        Ok::<_, StoreError>(messages.chain(end))
    };
    stream::once(start).try_flatten().boxed()
}

/// Adds up DBSIZE of all primaries. Counts keys of other programs too.
pub(super) async fn key_count(client: &RedisClient) -> Result<u64, RedisClientError> {
    let mut count = 0;
    for shard in client.topology.shards().await? {
        count += shard.primary.key_count().await?;
    }
    Ok(count)
}

/// Returns the messages of one primary.
fn scan_shard(redis: &Redis, shard: Arc<Shard>) -> Scan<'_> {
    let pattern: Arc<str> = redis.keys.pattern().into();
    let pages = stream::try_unfold(Some(0), move |cursor| {
        let (shard, pattern) = (Arc::clone(&shard), Arc::clone(&pattern));
        async move {
            let Some(cursor) = cursor else { return Ok(None) };
            let (next, keys) = shard.primary.scan(cursor, &pattern).await?;
            Ok::<_, StoreError>(Some((keys, (next != 0).then_some(next))))
        }
    });
    let messages = pages.map_ok(|keys| {
        // Skips keys of other programs.
        let hashes: Vec<_> = keys.iter().filter_map(|key| redis.keys.parse_key(key)).collect();
        stream::iter(hashes).map(|hash| read(redis, hash)).buffered(CONCURRENT_READS)
    });
    messages.try_flatten().try_filter_map(future::ok).boxed()
}

/// Reads one message. Returns `None` if it has expired or was deleted since the SCAN.
async fn read(redis: &Redis, hash: MessageHash) -> Result<Option<(MessageHash, Message)>, StoreError> {
    Ok(redis.get(hash).await?.map(|stored| (hash, stored.message)))
}

/// Fails if the slots have changed: keys may have moved from a primary that was scanned later to one that had been
/// scanned already.
async fn check_layout(redis: &Redis, before: SlotLayout) -> Result<(), StoreError> {
    let topology = &redis.client.topology;
    topology.refresh().await;
    if topology.layout().await? == before {
        return Ok(());
    }
    let reason = "the primaries or their slots changed during the scan, so messages may be missing";
    Err(StoreError::Unavailable(reason.into()))
}
