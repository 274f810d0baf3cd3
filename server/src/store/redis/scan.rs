//! All messages, for copying them: SCAN on each primary, then the messages of the keys that it names.

use std::sync::Arc;

use futures::future;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Redis;
use super::client::error::Failure;
use super::client::shard::Shard;
use super::client::topology::Topology;
use crate::message::{Message, MessageHash};
use crate::store::redis::url::Address;
use crate::store::{MessageStore as _, Scan, StoreError};

/// How many messages are asked for at a time.
const AHEAD: usize = 64;

type Layout = Vec<(u16, u16, Address)>;

pub(super) fn scan(redis: &Redis) -> Scan<'_> {
    let begun = async move {
        let layout = redis.topology.layout().await?;
        let shards = redis.topology.shards().await?;
        let messages = stream::iter(shards).flat_map(|shard| of_shard(redis, shard));
        let end = stream::once(unmoved(redis, layout)).filter_map(async |end| end.err().map(Err));
        Ok::<_, StoreError>(messages.chain(end))
    };
    stream::once(begun).try_flatten().boxed()
}

pub(super) async fn count(topology: &Topology) -> Result<u64, Failure> {
    let mut keys = 0;
    for shard in topology.shards().await? {
        keys += shard.primary.count().await?;
    }
    Ok(keys)
}

/// The messages of one primary.
fn of_shard(redis: &Redis, shard: Arc<Shard>) -> Scan<'_> {
    let pattern = Arc::new(format!("{}*", escaped(&redis.key_prefix)));
    let parts = stream::try_unfold(Some(0), move |cursor| {
        let (shard, pattern) = (Arc::clone(&shard), Arc::clone(&pattern));
        async move {
            let Some(cursor) = cursor else { return Ok(None) };
            let (next, keys) = shard.primary.scan(cursor, &pattern).await?;
            Ok::<_, StoreError>(Some((keys, (next != 0).then_some(next))))
        }
    });
    let messages = parts.map_ok(|keys| {
        // What is no hash is somebody else's.
        let hash = |key: &Vec<u8>| {
            let digits = key.strip_prefix(redis.key_prefix.as_bytes())?;
            MessageHash::parse(str::from_utf8(digits).ok()?)
        };
        let hashes: Vec<_> = keys.iter().filter_map(hash).collect();
        stream::iter(hashes).map(|hash| read(redis, hash)).buffered(AHEAD)
    });
    messages.try_flatten().try_filter_map(future::ok).boxed()
}

/// `None` where the message has expired since its key was seen.
async fn read(redis: &Redis, hash: MessageHash) -> Result<Option<(MessageHash, Message)>, StoreError> {
    Ok(redis.get(hash).await?.map(|stored| (hash, stored.message)))
}

/// Fails where slots may have moved from a primary that was still to be read to one that had been.
async fn unmoved(redis: &Redis, before: Layout) -> Result<(), StoreError> {
    redis.topology.refresh().await;
    if redis.topology.layout().await? == before {
        return Ok(());
    }
    let meanwhile = "the primaries or their slots changed meanwhile, so some messages may be missing";
    Err(StoreError::Unavailable(meanwhile.into()))
}

/// A pattern that means this text and nothing else.
fn escaped(text: &str) -> String {
    let special = |character| matches!(character, '*' | '?' | '[' | ']' | '\\');
    let escape = |character| special(character).then_some('\\').into_iter().chain([character]);
    text.chars().flat_map(escape).collect()
}
