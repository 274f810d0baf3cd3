//! Where messages are kept: one trait, and the stores that implement it.
//!
//! Knows neither hyper nor the generated types. A store's answer is a [`Message`], so it was verified
//! against the hash asked for. A value never changes: any write may be repeated, and a hit is always right,
//! but for how long a deleted one may still be hit, which is [`Bounded`]'s.

mod bounded;
mod cached;
mod embedded;
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
pub use measured::Measured;
pub use memory::MemoryStore;
pub use open::{open, open_uncached};
pub use options::{StorageOptions, StoreKind, StoreOptions};
pub use redis::{Redis, RedisOptions, RedisUrl};
pub use watch::watch;

/// Whether a put stored something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The message is new.
    Created,
    /// The message was there already.
    AlreadyStored,
}

/// A message as a store holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The message, verified.
    pub message: Message,
    /// When it may be gone, where it does not stay for ever: nothing is said beyond that, and the store is to be
    /// asked again.
    pub expires: Option<Instant>,
}

impl Stored {
    /// Kept for this long from now, or for ever.
    #[must_use]
    pub fn keep(message: Message, retention: Option<Duration>) -> Self {
        Self { message, expires: retention.map(|retention| Instant::now() + retention) }
    }

    /// As it is, but to be asked for again this long after `read`, when the store was asked, at the latest.
    #[must_use]
    fn cap_expiry(self, bound: Duration, read: Instant) -> Self {
        let asked_again = read + bound;
        Self { expires: Some(self.expires.map_or(asked_again, |expires| expires.min(asked_again))), ..self }
    }

    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self) -> bool {
        self.expires.is_some_and(|expires| expires <= Instant::now())
    }
}

/// Why a store did not do what it was asked. The text is for the operator.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached, or cannot work now; the same request may succeed later.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The store works, and may lose what it acknowledges.
    #[error("the store may lose messages: {0}")]
    AtRisk(String),
    /// There is no room for more messages; what is stored can still be read.
    #[error("the store is full: {0}")]
    Full(String),
    /// The store takes no message of this size, now or later.
    #[error("the message is too large for the store: {0}")]
    TooLarge(String),
    /// What the store holds is not what was put there.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
}

/// A store that cannot be opened: what, and what the operator can do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OpenError(pub String);

/// Messages of a store one after the other.
pub type Scan<'a> = BoxStream<'a, Result<(MessageHash, Message), StoreError>>;

/// The results of many puts, each with its number among them: in any order, and each as soon as it is known.
pub type Puts<'a> = BoxStream<'a, (usize, Result<Put, StoreError>)>;

/// Keeps messages under their hash.
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores `message` under `hash`, its own, unless it is there. `Ok` means that it is durable, as far
    /// as this kind of store promises durability, and that it stays for the whole retention from now.
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError>;

    /// Stores each of these as `put` does. A few hundred at most.
    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        let put = |(number, (hash, message))| async move { (number, self.put(hash, message).await) };
        messages.into_iter().enumerate().map(put).collect::<FuturesUnordered<_>>().boxed()
    }

    /// Lets no message have this hash, whether one has it or not. `Ok` means that this is as durable as a put;
    /// the message can be put again.
    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError>;

    /// What others delete, as far and as soon as this store hears of it; for as long as whoever asks wants to know.
    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        stream::pending().boxed()
    }

    /// The message of this hash; `None` where there is none.
    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError>;

    /// The same, where it is known without asking anybody.
    fn get_cached(&self, _: MessageHash) -> Option<Stored> {
        None
    }

    /// All messages, in any order, each that is there from beginning to end at least once. A damaged one
    /// comes as `Corrupt`, and the scan goes on; any other error ends it.
    fn scan(&self) -> Scan<'_>;

    /// About how many messages there are, to show how far a scan is.
    async fn estimated_count(&self) -> Result<u64, StoreError>;

    /// Whether the store can take and give messages now.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Lets go of files and connections. Nothing that was acknowledged waits for this.
    async fn close(&self);
}
