//! The engine's tree of messages: its options, and the entries of one message.

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
/// A little below the number at which the engine makes its writer wait. A batch may add one more.
const MAX_SEALED_MEMTABLES: usize = 2;
const MAX_NEW_TABLES: usize = 24;
/// An eighth of the engine's default. After a crash the next start reads that much into memory, 5 us per message.
const MEMTABLE_BYTES: u64 = 8 << 20;

pub(super) struct Tree {
    pub(super) database: Database,
    pub(super) messages: Keyspace,
    /// A retention is set, or was set in the past.
    pub(super) some_may_expire: bool,
}

impl Tree {
    pub(super) fn open(folder: &Path, retention: Option<Duration>) -> fjall::Result<Self> {
        let database = Database::builder(folder).open()?;
        let options = || {
            // Large messages go to files of their own, so that compaction does not copy them.
            let separation = KvSeparationOptions::default();
            KeyspaceCreateOptions::default()
                .max_memtable_size(MEMTABLE_BYTES)
                .with_kv_separation(Some(separation))
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

    /// Waits while the engine's background work lags. The engine would make its writer wait itself, and would never
    /// return if that work has failed. This method waits a little earlier, and ends when the engine fails.
    pub(super) fn wait_for_background_work(&self) -> fjall::Result<()> {
        let lags = || {
            self.messages.sealed_memtable_count() > MAX_SEALED_MEMTABLES
                || self.messages.l0_table_count() > MAX_NEW_TABLES
        };
        self.wait_while(lags)
    }

    /// Makes the engine write its memory to tables, so that no message is only in the journals.
    pub(super) fn settle(&self) -> fjall::Result<()> {
        self.messages.rotate_memtable()?;
        self.wait_while(|| self.messages.sealed_memtable_count() > 0)?;
        self.database.persist(PersistMode::Buffer) // returns the error of a failed engine
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

    /// The entries after the key `hash`, which itself may be missing.
    pub(super) fn entries_after(&self, hash: Option<MessageHash>, at: &impl Readable) -> Iter {
        let after = hash.map_or(Bound::Unbounded, |hash| Bound::Excluded(*hash.as_bytes()));
        at.range(&self.messages, (after, Bound::Unbounded))
    }

    /// Finds the unreadable key range after `after`, whose first entry cannot be read. Returns a description, and the
    /// last key of that range if a readable entry follows.
    ///
    /// An unreadable block of a table hides the entries of all tables up to its end. Only the messages in that block
    /// are lost: the other messages in the range can still be read by their hashes.
    pub(super) fn unreadable_range(
        &self,
        after: Option<MessageHash>,
        at: &impl Readable,
    ) -> (String, Option<MessageHash>) {
        let first_key = |after| self.entries_after(after, at).next().map(Guard::key);
        if let Some(Ok(key)) = first_key(after)
            && let Ok(hash) = <[u8; 32]>::try_from(&*key).map(MessageHash::from_bytes)
        {
            // The damage is in a file of large messages.
            return (format!("the copy of {hash} is damaged"), Some(hash));
        }
        let is_readable = |beginning| !matches!(first_key(Some(last_with_prefix(beginning))), Some(Err(_)));
        let begin = after.map_or(0, |hash| u16::from_be_bytes([hash.as_bytes()[0], hash.as_bytes()[1]]));
        let rest = first_readable(begin, is_readable).map(last_with_prefix);
        let from = after.map_or_else(|| "the beginning".to_owned(), |hash| hash.to_string());
        let to = rest.map_or_else(|| "the end".to_owned(), |hash| hash.to_string());
        (format!("the messages from {from} to {to} cannot be listed"), rest)
    }

    /// Adds the net change of one hash to the batch. All items of a batch have the same sequence number, so no key may
    /// occur in it twice.
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

    /// Whether exactly this message is stored. A damaged copy does not count, so that putting the message again repairs
    /// it.
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
fn last_with_prefix(beginning: u16) -> MessageHash {
    let mut hash = [u8::MAX; 32];
    hash[..2].copy_from_slice(&beginning.to_be_bytes());
    MessageHash::from_bytes(hash)
}

/// Finds the first readable prefix from `begin` on. Uses few steps, since the engine logs each failed read.
fn first_readable(begin: u16, is_readable: impl Fn(u16) -> bool) -> Option<u16> {
    let (mut unreadable, mut step) = (begin, 1);
    if begin < u16::MAX && is_readable(begin) {
        return Some(begin);
    }
    let mut readable = loop {
        match unreadable.saturating_add(step) {
            u16::MAX => break u16::MAX, // no key follows this prefix
            next if is_readable(next) => break next,
            next => (unreadable, step) = (next, step.saturating_mul(2)),
        }
    };
    while readable - unreadable > 1 {
        let middle = unreadable + (readable - unreadable) / 2;
        if is_readable(middle) { readable = middle } else { unreadable = middle }
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
