//! Stores of messages: the trait [`MessageStore`] and its implementations.
//!
//! A store knows neither hyper nor the generated types. It returns each message as a [`Message`], which was verified
//! against the requested hash. The message of a hash never changes, so any write may be repeated, and a cached message
//! is always correct. [`Bounded`] limits how long a deleted message may still be served.

mod bounded;
mod cached;
mod embedded;
mod error;
mod measured;
mod memory;
mod open;
mod options;
mod redis;
mod sweep;
mod watch;

use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::stream::{self, BoxStream, FuturesUnordered, StreamExt as _};

use crate::message::{Message, MessageHash};

pub use bounded::Bounded;
pub use cached::Cached;
pub use embedded::{Embedded, SOCKET, is_data_folder};
pub use error::{OpenError, Reason, StoreError};
pub use measured::Measured;
pub use memory::MemoryStore;
pub use open::{open, open_uncached};
pub use options::{StorageOptions, StoreKind, StoreOptions};
pub use redis::{Redis, RedisOptions, RedisUrl};
pub use watch::watch;

/// The result of a successful put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The message is new.
    Created,
    /// The message was already stored.
    AlreadyStored,
}

/// A message in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The message, verified.
    pub message: Message,
    /// When the message may expire; `None` if it does not. After this time the store must be read again.
    pub expires: Option<Instant>,
}

impl Stored {
    /// A message that expires `retention` from now, or never.
    #[must_use]
    pub fn new(message: Message, retention: Option<Duration>) -> Self {
        Self { message, expires: retention.map(|retention| Instant::now() + retention) }
    }

    /// Limits the expiry to `bound` after `read`, the beginning of the read of the store.
    #[must_use]
    fn cap_expiry(self, bound: Duration, read: Instant) -> Self {
        let latest = read + bound;
        Self { expires: Some(self.expires.map_or(latest, |expires| expires.min(latest))), ..self }
    }

    /// Whether the message has expired.
    #[must_use]
    pub fn has_expired(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= Instant::now())
    }
}

/// A stream of messages with their hashes.
pub type Scan<'a> = BoxStream<'a, Result<(MessageHash, Message), StoreError>>;

/// The results of many puts, in any order, each when it is known. The `usize` is the index of the message.
pub type Puts<'a> = BoxStream<'a, (usize, Result<Put, StoreError>)>;

/// A store of messages, each under its SHA-256 hash.
///
/// Every method may be called again after an error, and from several tasks at once.
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores `message` under `hash`, which must be its own hash. `Ok` means that the message is as durable as this kind
    /// of store promises, and that it stays for the whole retention from now on.
    ///
    /// # Errors
    /// Any [`StoreError`]. The message may be stored nevertheless.
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError>;

    /// Stores up to a few hundred messages, each as [`Self::put`] does.
    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        let put = |(number, (hash, message))| async move { (number, self.put(hash, message).await) };
        messages.into_iter().enumerate().map(put).collect::<FuturesUnordered<_>>().boxed()
    }

    /// Deletes the message of `hash`, if it exists. `Ok` means that the deletion is as durable as a put. The message
    /// can be put again.
    ///
    /// # Errors
    /// Any [`StoreError`]. The message may be deleted nevertheless.
    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError>;

    /// The hashes that other processes delete, as far as this store learns of them. The stream ends when it is dropped.
    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        stream::pending().boxed()
    }

    /// Reads and verifies the message of `hash`; `None` if no message has this hash.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if the stored bytes do not have this hash, or [`StoreError::Unavailable`].
    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError>;

    /// Reads the message of `hash` from memory only; `None` if it is not there or has expired.
    fn get_cached(&self, _: MessageHash) -> Option<Stored> {
        None
    }

    /// All messages, in any order. A message that is stored during the whole scan appears at least once. A damaged
    /// message appears as [`StoreError::Corrupt`], and the scan continues. Any other error ends the scan.
    fn scan(&self) -> Scan<'_>;

    /// The approximate number of messages, for the progress of a scan.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn estimated_count(&self) -> Result<u64, StoreError>;

    /// Checks that the store can read and write messages now.
    ///
    /// # Errors
    /// The reason why the store is not ready.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Closes files and connections. Acknowledged messages are durable without it.
    async fn close(&self);
}
