//! Many messages at once: what one node is to store goes there by one write.
//!
//! That is the way when all is well. What a node does not store is then stored as if by itself: by redirections,
//! repeats and whatever else one message may need. No node is waited for by what another one has stored.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::FutureExt as _;
use futures::stream::{self, FuturesUnordered, StreamExt as _};

use super::Redis;
use super::client::error::Failure;
use super::client::node::Node;
use super::client::shard::{Purpose, Shard};
use crate::message::{Message, MessageHash};
use crate::store::{MessageStore as _, Puts, StoreError};

/// A message above this goes by itself, so that others do not wait behind a write of many large ones.
const SMALL: usize = 4 << 10;
/// Results that are there at once, taken together.
const CHUNK: usize = 256;

/// A message, and its number among all.
struct Item {
    number: usize,
    hash: MessageHash,
    key: String,
    message: Message,
}

/// What one node is to store; or what none is known for.
#[derive(Default)]
struct Part {
    node: Option<Arc<Node>>,
    items: Vec<Item>,
}

/// Stores each of these.
pub(super) fn put_all(redis: &Redis, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
    let item = |(number, (hash, message))| Item { number, hash, key: redis.key(hash), message };
    let items: Vec<_> = messages.into_iter().enumerate().map(item).collect();
    let begin = async move {
        let keys: Vec<_> = items.iter().map(|item| item.key.as_str()).collect();
        let shards = redis.bounded(async { Ok(redis.topology.shards_of(&keys).await?) }).await;
        // Without them each message waits for its own.
        let shards = shards.unwrap_or_else(|_| vec![None; items.len()]);
        // By the hundred, as they are stored, since each piece of a `select_all` has its price.
        let parts = by_node(items, shards).into_iter();
        let puts = parts.map(|part| put_part(redis, part).ready_chunks(CHUNK));
        stream::select_all(puts).flat_map(stream::iter)
    };
    begin.flatten_stream().boxed()
}

/// The primary that is to store this one by a write with others, if it is fit, and the message is small.
fn node_of(shard: Option<Arc<Shard>>, item: &Item) -> Option<Arc<Node>> {
    shard?.primary_for(Purpose::Write).ok().filter(|_| item.message.len() <= SMALL)
}

fn by_node(items: Vec<Item>, shards: Vec<Option<Arc<Shard>>>) -> Vec<Part> {
    let mut parts = HashMap::<_, Part>::new();
    for (item, shard) in items.into_iter().zip(shards) {
        let node = node_of(shard, &item);
        let part = parts.entry(node.as_ref().map(Arc::as_ptr)).or_default();
        part.items.push(item);
        part.node = node;
    }
    parts.into_values().collect()
}

fn put_part(redis: &Redis, Part { node, items }: Part) -> Puts<'_> {
    let Some(node) = node else { return put_each(redis, items) };
    let begin = async move {
        let texts: Vec<_> = items.iter().map(|item| (item.key.as_str(), &item.message)).collect();
        let set = async { Ok(node.set_all(&texts).await) };
        let (mut done, mut again) = (Vec::with_capacity(items.len()), Vec::new());
        match redis.bounded(set).await {
            Ok(Some(puts)) => {
                for (item, put) in items.into_iter().zip(puts) {
                    match put {
                        Ok(put) => {
                            redis.acknowledge(item.hash, &item.message, put);
                            done.push((item.number, Ok(put)));
                        }
                        // Nor would it answer this one alone.
                        Err(failure @ Failure::TimedOut(_)) => {
                            redis.topology.suspect();
                            done.push((item.number, Err(StoreError::from(failure))));
                        }
                        Err(_) => again.push(item),
                    }
                }
            }
            Ok(None) => again = items,
            Err(error) => done.extend(items.iter().map(|item| (item.number, Err(error.clone())))),
        }
        stream::iter(done).chain(put_each(redis, again))
    };
    begin.flatten_stream().boxed()
}

fn put_each(redis: &Redis, items: Vec<Item>) -> Puts<'_> {
    let put = |Item { number, hash, message, .. }| async move { (number, redis.put(hash, message).await) };
    items.into_iter().map(put).collect::<FuturesUnordered<_>>().boxed()
}
