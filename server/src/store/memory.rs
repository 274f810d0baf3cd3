//! A bounded store in the memory of this process, for trials: it is empty after a restart.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::{self, StreamExt as _};

use super::sweep::sweep_interval;
use super::{MessageStore, Put, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};

/// The memory of a message in addition to its text: its place in the map, which doubles when it is full, and two
/// allocations. Measured with 200,000 messages of 6 bytes.
const ENTRY_BYTES: u64 = 224;

/// A map of messages that takes up to `max_bytes` bytes.
pub struct MemoryStore {
    max_bytes: u64,
    retention: Option<Duration>,
    messages: RwLock<MessageMap>,
}

#[derive(Default)]
struct MessageMap {
    by_hash: HashMap<MessageHash, Stored>,
    bytes: u64,
    next_sweep: Option<Instant>,
}

impl MemoryStore {
    /// An empty store for at most `max_bytes` bytes of messages, each kept for `retention`.
    #[must_use]
    pub fn new(max_bytes: u64, retention: Option<Duration>) -> Self {
        Self { max_bytes, retention, messages: RwLock::default() }
    }
}

fn entry_bytes(message: &Message) -> u64 {
    message.len() as u64 + ENTRY_BYTES
}

impl MessageMap {
    /// Removes expired messages, at most once in each sweep interval.
    fn sweep_if_due(&mut self, retention: Option<Duration>) {
        let now = Instant::now();
        if self.next_sweep.is_some_and(|next| now < next) {
            return;
        }
        self.next_sweep = Some(now + sweep_interval(retention));
        self.by_hash.retain(|_, stored| !stored.has_expired());
        self.bytes = self.by_hash.values().map(|stored| entry_bytes(&stored.message)).sum();
    }
}

#[async_trait]
impl MessageStore for MemoryStore {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        let mut messages = self.messages.write().unwrap_or_else(PoisonError::into_inner);
        messages.sweep_if_due(self.retention);
        let bytes = messages.bytes + entry_bytes(&message);
        let stored = Stored::new(message, self.retention);
        match messages.by_hash.entry(hash) {
            Entry::Occupied(mut entry) => {
                let previous = entry.insert(stored);
                Ok(if previous.has_expired() { Put::Created } else { Put::AlreadyStored })
            }
            Entry::Vacant(_) if bytes > self.max_bytes => {
                Err(StoreError::Full(format!("it may hold {} bytes", self.max_bytes).into()))
            }
            Entry::Vacant(entry) => {
                entry.insert(stored);
                messages.bytes = bytes;
                Ok(Put::Created)
            }
        }
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        let mut messages = self.messages.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(removed) = messages.by_hash.remove(&hash) {
            messages.bytes -= entry_bytes(&removed.message);
        }
        Ok(())
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let messages = self.messages.read().unwrap_or_else(PoisonError::into_inner);
        Ok(messages.by_hash.get(&hash).filter(|stored| !stored.has_expired()).cloned())
    }

    fn scan(&self) -> Scan<'_> {
        let messages = self.messages.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = messages.by_hash.iter().filter(|(_, stored)| !stored.has_expired());
        let all: Vec<_> = fresh.map(|(hash, stored)| Ok((*hash, stored.message.clone()))).collect();
        stream::iter(all).boxed()
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        Ok(self.messages.read().unwrap_or_else(PoisonError::into_inner).by_hash.len() as u64)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {}
}
