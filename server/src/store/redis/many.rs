//! Many messages at once: what one node is to store goes there by one write.
//!
//! That is the way when all is well. What a node does not store is then stored as if by itself: by redirections,
//! repeats and whatever else one message may need.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::join_all;

use super::Redis;
use super::failure::Failure;
use super::node::Node;
use super::shard::Purpose;
use crate::message::{Message, MessageHash};
use crate::store::{MessageStore as _, Put, StoreError};

/// A message above this goes by itself, so that others do not wait behind a write of many large ones.
const SMALL: usize = 4 << 10;

type Messages = [(MessageHash, Message)];

/// Stores each of these; their results, in the same order.
pub(super) async fn put_all(
    redis: &Redis,
    messages: Vec<(MessageHash, Message)>,
) -> Vec<Result<Put, StoreError>> {
    let keys: Vec<_> = messages.iter().map(|(hash, _)| redis.key(*hash)).collect();
    let nodes = async { Ok(join_all(keys.iter().map(|key| node_of(redis, key))).await) };
    // Without them each message waits for its own.
    let nodes = redis.bounded(nodes).await.unwrap_or_else(|_| vec![None; keys.len()]);
    let small = |number: usize| messages[number].1.len() <= SMALL;
    let nodes = nodes.into_iter().enumerate().map(|(number, node)| node.filter(|_| small(number)));
    let parts = by_node(nodes).into_iter().map(|part| put_part(redis, part, &messages, &keys));
    let mut numbered: Vec<_> = join_all(parts).await.into_iter().flatten().collect();
    numbered.sort_unstable_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, result)| result).collect()
}

/// What one node is to store, by number; or what none is known for.
#[derive(Default)]
struct Part {
    node: Option<Arc<Node>>,
    numbers: Vec<usize>,
}

fn by_node(nodes: impl Iterator<Item = Option<Arc<Node>>>) -> Vec<Part> {
    let mut parts = HashMap::<_, Part>::new();
    for (number, node) in nodes.enumerate() {
        let part = parts.entry(node.as_ref().map(Arc::as_ptr)).or_default();
        part.numbers.push(number);
        part.node = node;
    }
    parts.into_values().collect()
}

/// The primary for this key, where it is known and fit.
async fn node_of(redis: &Redis, key: &str) -> Option<Arc<Node>> {
    redis.topology.shard(key).await.ok()?.primary_for(Purpose::Write).ok()
}

async fn put_part(
    redis: &Redis,
    Part { node, numbers }: Part,
    messages: &Messages,
    keys: &[String],
) -> Vec<(usize, Result<Put, StoreError>)> {
    let Some(node) = node else { return put_each(redis, messages, numbers).await };
    let texts: Vec<_> = numbers.iter().map(|number| (keys[*number].as_str(), &messages[*number].1)).collect();
    let set = async { Ok(node.set_all(&texts).await) };
    let puts = match redis.bounded(set).await {
        Ok(Some(puts)) => puts,
        Ok(None) => return put_each(redis, messages, numbers).await,
        Err(error) => return numbers.into_iter().map(|number| (number, Err(error.clone()))).collect(),
    };
    let (mut done, mut again) = (Vec::with_capacity(puts.len()), Vec::new());
    for (number, put) in numbers.into_iter().zip(puts) {
        match put {
            Ok(put) => done.push((number, Ok(put))),
            // Nor would it answer this one alone.
            Err(failure @ Failure::TimedOut(_)) => {
                redis.topology.suspect();
                done.push((number, Err(failure.into())));
            }
            Err(_) => again.push(number),
        }
    }
    done.extend(put_each(redis, messages, again).await);
    done
}

async fn put_each(
    redis: &Redis,
    messages: &Messages,
    numbers: Vec<usize>,
) -> Vec<(usize, Result<Put, StoreError>)> {
    let put = |number: usize| async move {
        let (hash, message) = messages[number].clone();
        (number, redis.put(hash, message).await)
    };
    join_all(numbers.into_iter().map(put)).await
}
