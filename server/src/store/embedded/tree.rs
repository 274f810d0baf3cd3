//! The engine's tree of messages: how it is set up, and what one message is in it.

use std::ops::Bound;
use std::path::Path;
use std::thread;
use std::time::Duration;

use fjall::{
    Database, Guard, Iter, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, OwnedWriteBatch,
    PersistMode, Readable,
};

use super::expiry::{self, Expiry};
use super::mutation::{Effect, NetChange};
use crate::message::{Message, MessageHash};

/// The tree that maps a hash (32 bytes) to its message (UTF-8); see `expiry` for its other keys.
const KEYSPACE: &str = "messages";
/// One less than makes the engine wait; one more may come with a batch.
const MOST_SEALED_MEMTABLES: usize = 2;
const MOST_NEW_TABLES: usize = 24;
/// An eighth of the engine's own: after a crash a start puts that much into memory again, 5 us a message.
const MEMTABLE_BYTES: u64 = 8 << 20;

pub(super) struct Tree {
    pub(super) database: Database,
    pub(super) messages: Keyspace,
    /// There is a retention, or was one earlier.
    pub(super) some_may_expire: bool,
}

impl Tree {
    pub(super) fn open(folder: &Path, retention: Option<Duration>) -> fjall::Result<Self> {
        let database = Database::builder(folder).open()?;
        let options = || {
            // Large messages are kept apart from the tree, so that compaction does not copy them.
            let apart = KvSeparationOptions::default();
            KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES).with_kv_separation(Some(apart))
        };
        let messages = database.keyspace(KEYSPACE, options)?;
        let mut some_may_expire = messages.contains_key(expiry::PREFIX)?;
        if retention.is_some() && !some_may_expire {
            let mut batch = database.batch().durability(Some(PersistMode::SyncAll));
            batch.insert(&messages, expiry::PREFIX.as_slice(), []);
            batch.commit()?;
            some_may_expire = true;
        }
        Ok(Self { database, messages, some_may_expire })
    }

    /// The engine makes its writer wait while the work behind it lags, for ever if that work has failed.
    /// So it is waited for here, a bit earlier, and only while the engine works.
    pub(super) fn wait_for_background_work(&self) -> fjall::Result<()> {
        let lags = || {
            self.messages.sealed_memtable_count() > MOST_SEALED_MEMTABLES
                || self.messages.l0_table_count() > MOST_NEW_TABLES
        };
        self.wait_while(lags)
    }

    /// Has the engine write what it holds in memory to tables: then nothing is in its journals alone.
    pub(super) fn settle(&self) -> fjall::Result<()> {
        self.messages.rotate_memtable()?;
        self.wait_while(|| self.messages.sealed_memtable_count() > 0)?;
        self.database.persist(PersistMode::Buffer) // fails once the engine has
    }

    fn wait_while(&self, lags: impl Fn() -> bool) -> fjall::Result<()> {
        while lags() {
            self.database.persist(PersistMode::Buffer)?;
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    pub(super) fn expiry(&self, hash: MessageHash, at: &impl Readable) -> fjall::Result<Option<Expiry>> {
        if !self.some_may_expire {
            return Ok(None);
        }
        let bytes = at.get(&self.messages, expiry::key_of(hash))?;
        Ok(bytes.and_then(|bytes| Expiry::from_bytes(&bytes)))
    }

    /// The entries behind the message of this hash, whether it is there or not.
    pub(super) fn entries_after(&self, hash: Option<MessageHash>, at: &impl Readable) -> Iter {
        let after = hash.map_or(Bound::Unbounded, |hash| Bound::Excluded(*hash.as_bytes()));
        at.range(&self.messages, (after, Bound::Unbounded))
    }

    /// What of the entries behind this message is damaged, where the first of them cannot be read, and behind which
    /// hash the rest begins, if there is any.
    ///
    /// A block of one table hides what other tables have before its end: all that is left out can still be read by
    /// its hash, but for what is in that block.
    pub(super) fn behind_damage(
        &self,
        after: Option<MessageHash>,
        at: &impl Readable,
    ) -> (String, Option<MessageHash>) {
        let first_key = |after| self.entries_after(after, at).next().map(Guard::key);
        if let Some(Ok(key)) = first_key(after)
            && let Ok(hash) = <[u8; 32]>::try_from(&*key).map(MessageHash::from_bytes)
        {
            // In a file of large ones.
            return (format!("the copy of {hash} is damaged"), Some(hash));
        }
        let is_readable = |beginning| !matches!(first_key(Some(last_of(beginning))), Some(Err(_)));
        let begin = after.map_or(0, |hash| u16::from_be_bytes([hash.as_bytes()[0], hash.as_bytes()[1]]));
        let rest = first_readable(begin, is_readable).map(last_of);
        let from = after.map_or_else(|| "the beginning".to_owned(), |hash| hash.to_string());
        let to = rest.map_or_else(|| "the end".to_owned(), |hash| hash.to_string());
        (format!("the messages from {from} to {to} cannot be listed"), rest)
    }

    /// Has the batch leave behind what its changes of one hash come to: all its items count as one moment, so a
    /// key must not be in it twice.
    pub(super) fn write(
        &self,
        hash: MessageHash,
        net: &NetChange,
        expiry: Option<Expiry>,
        batch: &mut OwnedWriteBatch,
    ) {
        let key = hash.as_bytes().as_slice();
        let expiry = match net.effect {
            Effect::Unchanged => expiry,
            Effect::Written(message) => {
                batch.insert(&self.messages, key, message.as_str());
                expiry
            }
            Effect::Deleted => {
                batch.remove(&self.messages, key);
                None
            }
        };
        match expiry {
            _ if net.previous_expiry == expiry => {}
            Some(expiry) => {
                batch.insert(&self.messages, expiry::key_of(hash), expiry.to_bytes().as_slice());
            }
            None => batch.remove(&self.messages, expiry::key_of(hash)),
        }
    }

    /// Whether exactly this message is stored. A copy that cannot be read, or is another text, is none:
    /// storing the message again mends it.
    pub(super) fn holds(&self, hash: MessageHash, message: &Message) -> bool {
        match self.messages.get(hash.as_bytes()) {
            Ok(Some(stored)) if *stored == *message.as_str().as_bytes() => true,
            Ok(None) => false,
            Ok(Some(_)) | Err(_) => {
                log::error!(
                    "the stored copy of {hash} is damaged; it is replaced by the message just received"
                );
                false
            }
        }
    }
}

/// The last hash that begins with these two bytes.
fn last_of(beginning: u16) -> MessageHash {
    let mut hash = [u8::MAX; 32];
    hash[..2].copy_from_slice(&beginning.to_be_bytes());
    MessageHash::from_bytes(hash)
}

/// Where the readable part begins, from `begin` on. In few steps, since the engine logs each that fails.
fn first_readable(begin: u16, is_readable: impl Fn(u16) -> bool) -> Option<u16> {
    let (mut not_yet, mut step) = (begin, 1);
    if begin < u16::MAX && is_readable(begin) {
        return Some(begin);
    }
    let mut readable = loop {
        match not_yet.saturating_add(step) {
            u16::MAX => break u16::MAX, // nothing is behind its last
            next if is_readable(next) => break next,
            next => (not_yet, step) = (next, step.saturating_mul(2)),
        }
    };
    while readable - not_yet > 1 {
        let middle = not_yet + (readable - not_yet) / 2;
        if is_readable(middle) { readable = middle } else { not_yet = middle }
    }
    (readable < u16::MAX).then_some(readable)
}

#[cfg(test)]
mod tests {
    use super::first_readable;

    #[test]
    fn readable_range_is_found_in_few_steps() {
        for (begin, end) in
            [(0, 0), (0, 1), (0, 40_000), (7, 8), (7, 4711), (7, u16::MAX - 1), (u16::MAX - 1, u16::MAX - 1)]
        {
            let tried = std::cell::Cell::new(0);
            let is_readable = |at| {
                tried.set(tried.get() + 1);
                at >= end
            };
            assert_eq!(first_readable(begin, is_readable), Some(end), "{begin} {end}");
            assert!(tried.get() <= 34, "{begin} {end}: {}", tried.get());
        }
        for begin in [0, 7, u16::MAX - 1, u16::MAX] {
            assert_eq!(first_readable(begin, |_| false), None, "{begin}");
        }
    }
}
