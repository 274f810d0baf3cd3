//! Puts many messages: one pipeline for each node.
//!
//! The pipeline is the fast path, for small messages and working nodes. A message that its node does not store is put
//! alone, with the redirections and repeats that one message may need. The nodes work independently of each other.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::FutureExt as _;
use futures::stream::{self, FuturesUnordered, StreamExt as _};

use super::Redis;
use super::client::{KeyAccess, Node, RedisClientErrorKind, SetOutcome, Shard};
use crate::message::{Message, MessageHash};
use crate::store::{MessageStore as _, Put, Puts, StoreError};

/// A message above this many bytes is put alone, so that others do not wait behind a large pipeline.
const MAX_BATCHED_LEN: usize = 4 << 10;
/// The maximum number of results to take at once.
const RESULTS_CHUNK: usize = 256;

/// A message, and its number in the list of messages.
struct NumberedMessage {
    number: usize,
    hash: MessageHash,
    key: String,
    message: Message,
}

/// The messages for one node, or those without a node for a batched write.
#[derive(Default)]
struct NodeBatch {
    node: Option<Arc<Node>>,
    messages: Vec<NumberedMessage>,
}

/// Puts each message, and returns a stream of results with their numbers.
pub(super) fn put_all(redis: &Redis, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
    let numbered = |(number, (hash, message))| {
        let key = redis.keys.key(hash);
        NumberedMessage { number, hash, key, message }
    };
    let messages: Vec<_> = messages.into_iter().enumerate().map(numbered).collect();
    let start = async move {
        let keys: Vec<_> = messages.iter().map(|message| message.key.as_str()).collect();
        let shards = async { Ok(redis.client.topology.shards_of(&keys).await?) };
        let shards = redis.within_deadline(shards).await;
        // Without shards, each message is put alone, and waits for its own shard.
        let shards = shards.unwrap_or_else(|_| vec![None; messages.len()]);
        // Takes results in chunks, because each poll of `select_all` has a cost.
        let batches = group_by_node(messages, shards).into_iter();
        let puts = batches.map(|batch| put_batch(redis, batch).ready_chunks(RESULTS_CHUNK));
        stream::select_all(puts).flat_map(stream::iter)
    };
    start.flatten_stream().boxed()
}

/// The primary for a batched write, if it accepts writes and the message is small.
fn batch_node(shard: Option<Arc<Shard>>, message: &Message) -> Option<Arc<Node>> {
    shard?.primary_for(KeyAccess::Write).ok().filter(|_| message.len() <= MAX_BATCHED_LEN)
}

fn group_by_node(messages: Vec<NumberedMessage>, shards: Vec<Option<Arc<Shard>>>) -> Vec<NodeBatch> {
    let mut batches = HashMap::<_, NodeBatch>::new();
    for (message, shard) in messages.into_iter().zip(shards) {
        let node = batch_node(shard, &message.message);
        let batch = batches.entry(node.as_ref().map(Arc::as_ptr)).or_default();
        batch.messages.push(message);
        batch.node = node;
    }
    batches.into_values().collect()
}

fn put_batch(redis: &Redis, NodeBatch { node, messages }: NodeBatch) -> Puts<'_> {
    let Some(node) = node else { return put_each(redis, messages) };
    let start = async move {
        let value = |message: &Message| Bytes::from_owner(message.clone());
        let entries: Vec<_> = messages.iter().map(|it| (it.key.as_str(), value(&it.message))).collect();
        let set = redis.within_deadline(async { Ok(node.set_many(&entries).await) }).await;
        drop(entries);
        let (mut results, mut remaining) = (Vec::with_capacity(messages.len()), Vec::new());
        match set {
            Ok(Some(outcomes)) => {
                for (message, outcome) in messages.into_iter().zip(outcomes) {
                    match outcome {
                        Ok(outcome) => {
                            let put = match outcome {
                                SetOutcome::Created | SetOutcome::Repaired => Put::Created,
                                SetOutcome::Unchanged => Put::AlreadyStored,
                            };
                            redis.acknowledge(message.hash, &message.message, put);
                            results.push((message.number, Ok(put)));
                        }
                        // The node would not reply to this message alone either.
                        Err(error) if error.kind == RedisClientErrorKind::TimedOut => {
                            redis.client.topology.request_refresh();
                            results.push((message.number, Err(StoreError::from(error))));
                        }
                        Err(_) => remaining.push(message),
                    }
                }
            }
            Ok(None) => remaining = messages,
            Err(error) => {
                results.extend(messages.iter().map(|message| (message.number, Err(error.clone()))));
            }
        }
        stream::iter(results).chain(put_each(redis, remaining))
    };
    start.flatten_stream().boxed()
}

fn put_each(redis: &Redis, messages: Vec<NumberedMessage>) -> Puts<'_> {
    let put = |NumberedMessage { number, hash, message, .. }| async move {
        (number, redis.put(hash, message).await)
    };
    messages.into_iter().map(put).collect::<FuturesUnordered<_>>().boxed()
}
