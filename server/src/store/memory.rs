//! A store in this process's memory, bounded and gone when it stops: for trying things out.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use async_trait::async_trait;

use super::{MessageStore, Put, StoreError};
use crate::message::{Message, MessageHash};

/// Messages in a map, up to `max_bytes` of text.
pub struct Memory {
    max_bytes: u64,
    messages: RwLock<Messages>,
}

#[derive(Default)]
struct Messages {
    by_hash: HashMap<MessageHash, Message>,
    bytes: u64,
}

impl Memory {
    /// An empty store for at most `max_bytes` bytes of messages.
    #[must_use]
    pub fn new(max_bytes: u64) -> Self {
        Self { max_bytes, messages: RwLock::default() }
    }
}

#[async_trait]
impl MessageStore for Memory {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        let mut messages = self.messages.write().unwrap_or_else(PoisonError::into_inner);
        if messages.by_hash.contains_key(&hash) {
            return Ok(Put::AlreadyStored);
        }
        let bytes = messages.bytes + message.len() as u64;
        if bytes > self.max_bytes {
            return Err(StoreError::Full(format!("it may hold {} bytes", self.max_bytes)));
        }
        messages.bytes = bytes;
        messages.by_hash.insert(hash, message);
        Ok(Put::Created)
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Message>, StoreError> {
        let messages = self.messages.read().unwrap_or_else(PoisonError::into_inner);
        Ok(messages.by_hash.get(&hash).cloned())
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {}
}
