//! The storage engine (fjall) as this store uses it: blocking calls on messages.
//!
//! The caller must be a thread that may block. The writer decides when to write.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, TryLockError};
use std::time::Duration;

use fjall::{OwnedWriteBatch, PersistMode, Readable};

use super::check::MAX_BATCH_ITEMS;
use super::engine_error::open_error;
use super::expiry::{self, Expiry};
use super::mutation::{Effect, Mutation, NetChange};
use super::opened::OpenedFiles;
use super::tree::Tree;
use super::{folder, foreign};
use crate::error_chain::chain;
use crate::message::{Message, MessageHash};
use crate::store::{OpenError, Put, Reason, StoreError, Stored};

/// The number of expiries in one step of a sweep. Each may remove two items.
const SWEEP: usize = MAX_BATCH_ITEMS / 2;
const PAGE_MESSAGES: usize = 1024;
const PAGE_BYTES: usize = 8 << 20;

pub(super) struct Engine {
    pub(super) folder: PathBuf,
    pub(super) min_free_bytes: u64,
    pub(super) retention: Option<Duration>,
    /// `None` after a failed attempt to reopen, and once closed.
    pub(super) tree: RwLock<Option<Tree>>,
    /// Locked while a write is under way.
    pub(super) files: Mutex<OpenedFiles>,
}

impl Engine {
    pub(super) fn open(
        folder: &Path,
        min_free_bytes: u64,
        retention: Option<Duration>,
    ) -> Result<Self, OpenError> {
        let prepared = folder::prepare(folder)?;
        foreign::warn_of_readers(folder);
        let copied = prepared.copy_journals();
        drop(prepared); // the engine takes the lock itself
        if let Err(error) = copied {
            log::warn!(
                "cannot copy the journals; if an fsync failed before this start, a power cut may lose messages: {error}"
            );
        }
        let tree = Tree::open(folder, retention).map_err(|error| open_error(folder, error))?;
        let files = Mutex::new(OpenedFiles::remember(folder)?);
        Ok(Self {
            folder: folder.to_owned(),
            min_free_bytes,
            retention,
            tree: RwLock::new(Some(tree)),
            files,
        })
    }

    pub(super) fn retention(&self) -> Option<Duration> {
        self.retention
    }

    pub(super) fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let tree = self.tree();
        let tree = open_tree(&tree)?;
        let snapshot = tree.database.snapshot();
        let read = snapshot.get(&tree.messages, hash.as_bytes()).map_err(|error| self.error(error))?;
        let Some(bytes) = read else { return Ok(None) };
        let expiry = tree.expiry(hash, &snapshot).map_err(|error| self.error(error))?;
        if expiry.is_some_and(Expiry::is_over) {
            return Ok(None);
        }
        Ok(Some(Stored { message: verified(hash, &bytes)?, expires: expiry.and_then(Expiry::instant) }))
    }

    /// Applies the mutations in order, in one batch that is on disk when this returns. A stored message is not written
    /// again. Returns one result for each mutation.
    pub(super) fn apply(&self, changes: &[(MessageHash, Mutation)]) -> Result<Vec<Put>, StoreError> {
        let tree = self.tree();
        let tree = open_tree(&tree)?;
        tree.wait_for_background_work().map_err(|error| self.error(error))?;
        let mut net_changes = HashMap::with_capacity(changes.len());
        let mut answers = Vec::with_capacity(changes.len());
        let snapshot = tree.database.snapshot();
        for (hash, change) in changes {
            let net = match net_changes.entry(*hash) {
                Entry::Occupied(net) => net.into_mut(),
                Entry::Vacant(net) => {
                    let previous_expiry = self.previous_expiry(tree, *hash, &snapshot)?;
                    net.insert(NetChange { effect: Effect::Unchanged, previous_expiry })
                }
            };
            let is_there = match (&net.effect, change) {
                (Effect::Written(_), _) | (Effect::Unchanged, Mutation::Delete) => true,
                (Effect::Deleted, _) => false,
                (Effect::Unchanged, Mutation::Put(message)) => {
                    !net.previous_expiry.is_some_and(Expiry::is_over) && tree.holds(*hash, message)
                }
            };
            match change {
                Mutation::Put(message) if !is_there => net.effect = Effect::Written(message),
                Mutation::Put(_) => {}
                Mutation::Delete => net.effect = Effect::Deleted,
            }
            answers.push(if is_there { Put::AlreadyStored } else { Put::Created });
        }
        self.commit(tree, &net_changes)?;
        Ok(answers)
    }

    pub(super) fn commit(
        &self,
        tree: &Tree,
        net_changes: &HashMap<MessageHash, NetChange>,
    ) -> Result<(), StoreError> {
        let mut batch = tree.database.batch().durability(Some(PersistMode::SyncAll));
        let expiry = self.retention.map(Expiry::after);
        let mut written = None;
        for (hash, net) in net_changes {
            let items = batch.len();
            tree.write(*hash, net, expiry, &mut batch);
            if batch.len() > items {
                written = Some(*hash);
            }
        }
        self.commit_to_opened(batch, written)
    }

    /// Commits a batch to the opened files only. `written` is one hash in the batch, `None` for an empty batch.
    /// Replaced files fail an empty batch too, since it acknowledges an earlier write.
    fn commit_to_opened(
        &self,
        batch: OwnedWriteBatch,
        written: Option<MessageHash>,
    ) -> Result<(), StoreError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.check()?;
        let Some(written) = written else { return Ok(()) };
        batch.commit().map_err(|error| self.error(error))?;
        Ok(files.check_written(written)?)
    }

    /// Checks that the folder on the disk is the one that is open. A write in progress makes the same check, so this
    /// returns at once during a write.
    pub(super) fn check_files(&self) -> Result<(), StoreError> {
        let tree = self.tree();
        let mut files = match self.files.try_lock() {
            Ok(files) => files,
            Err(TryLockError::Poisoned(files)) => files.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(()),
        };
        let checked = if tree.is_some() { files.check() } else { files.check_folder() };
        Ok(checked?)
    }

    /// Removes expired messages: one step of a sweep, after the hash `after`. Returns the hash to continue after, or
    /// `None` at the end.
    pub(super) fn sweep(&self, after: Option<MessageHash>) -> Result<Option<MessageHash>, StoreError> {
        let tree = self.tree();
        let tree = open_tree(&tree)?;
        // Synced before the next batch begins: `check::journal` relies on it.
        let mut batch = tree.database.batch().durability(Some(PersistMode::SyncAll));
        let (mut last, mut removed) = (None, None);
        let after = after.map_or_else(|| expiry::PREFIX.to_vec(), expiry::key_of);
        for (number, entry) in tree.messages.range((Bound::Excluded(after), Bound::Unbounded)).enumerate() {
            let (key, value) = entry.into_inner().map_err(|error| self.error(error))?;
            if !key.starts_with(expiry::PREFIX) || number == SWEEP {
                break;
            }
            // The key of a message may begin with the same bytes.
            let Some(hash) = expiry::hash_in(&key) else { continue };
            last = Some(hash).filter(|_| number + 1 == SWEEP);
            if Expiry::from_bytes(&value).is_some_and(Expiry::is_over) {
                batch.remove(&tree.messages, hash.as_bytes().as_slice());
                batch.remove(&tree.messages, key);
                removed = Some(hash);
            }
        }
        if removed.is_some() {
            tree.wait_for_background_work().map_err(|error| self.error(error))?;
            self.commit_to_opened(batch, removed)?;
        }
        Ok(last)
    }

    /// Reads one page of a scan: the messages after the hash `after`, in the order of their hashes.
    pub(super) fn page(&self, mut after: Option<MessageHash>) -> Result<Page, StoreError> {
        let tree = self.tree();
        let tree = open_tree(&tree)?;
        let snapshot = tree.database.snapshot();
        let mut page = Page { messages: Vec::new(), next: None };
        let mut bytes = 0;
        for entry in tree.entries_after(after, &snapshot) {
            let (key, value) = match entry.into_inner().map_err(|error| self.damage(error)) {
                Ok(entry) => entry,
                Err(damage) => {
                    let reason = damage?;
                    let (range, next) = tree.unreadable_range(after, &snapshot);
                    page.messages.push(Err(StoreError::Corrupt(Reason::caused_by(range, reason))));
                    page.next = next;
                    break;
                }
            };
            let Ok(hash) = <[u8; 32]>::try_from(&*key).map(MessageHash::from_bytes) else {
                page.next = Some(expiry::last_key());
                break;
            };
            after = Some(hash);
            let message = match tree.expiry(hash, &snapshot) {
                Ok(Some(expiry)) if expiry.is_over() => continue,
                Ok(_) => verified(hash, &value).map(|message| (hash, message)),
                Err(error) => {
                    let text = format!("the expiry of {hash} is damaged");
                    Err(StoreError::Corrupt(Reason::caused_by(text, self.damage(error)?)))
                }
            };
            bytes += value.len();
            page.messages.push(message);
            if page.messages.len() == PAGE_MESSAGES || bytes >= PAGE_BYTES {
                page.next = Some(hash);
                break;
            }
        }
        Ok(page)
    }

    pub(super) fn estimated_count(&self) -> Result<u64, StoreError> {
        let tree = self.tree();
        let tree = open_tree(&tree)?;
        let keys = tree.messages.approximate_len() as u64;
        Ok(if tree.some_may_expire { keys / 2 } else { keys })
    }

    /// Reads when the message of this hash expires. An unreadable expiry counts as expired: the message and its expiry
    /// are then written again.
    pub(super) fn previous_expiry(
        &self,
        tree: &Tree,
        hash: MessageHash,
        at: &impl Readable,
    ) -> Result<Option<Expiry>, StoreError> {
        tree.expiry(hash, at).or_else(|error| {
            let reason = self.damage(error)?;
            log::error!("the expiry of {hash} is damaged and is written again: {}", chain(&reason));
            Ok(Some(Expiry::LONG_AGO))
        })
    }

    fn tree(&self) -> RwLockReadGuard<'_, Option<Tree>> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page of a scan.
pub(super) struct Page {
    pub(super) messages: Vec<Result<(MessageHash, Message), StoreError>>,
    /// The hash to continue after, or `None` at the end.
    pub(super) next: Option<MessageHash>,
}

fn verified(hash: MessageHash, bytes: &[u8]) -> Result<Message, StoreError> {
    Message::verified(hash, bytes).map_err(|error| StoreError::Corrupt(error.to_string().into()))
}

fn open_tree<'a>(tree: &'a RwLockReadGuard<'_, Option<Tree>>) -> Result<&'a Tree, StoreError> {
    tree.as_ref().ok_or_else(|| StoreError::Unavailable("the data folder is not open".into()))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::metrics::StoreMetrics;
    use crate::store::{Embedded, MessageStore as _};

    fn keys(engine: &Engine) -> usize {
        open_tree(&engine.tree()).unwrap().messages.len().unwrap()
    }

    #[tokio::test]
    async fn idle_store_sweeps_expired_messages() {
        let folder = tempfile::tempdir().unwrap();
        let (data, retention) = (folder.path().join("data"), Some(Duration::from_secs(1)));
        let store = Embedded::open(&data, 0, retention, &StoreMetrics::default()).await.unwrap();
        let message = Message::from("foo".to_owned());
        store.put(message.hash(), message).await.unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while keys(&store.engine) > 1 {
            assert!(Instant::now() < deadline, "the message is not swept");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[test]
    fn sweep_removes_only_expired_messages() {
        let folder = tempfile::tempdir().unwrap();
        let open = |retention| Engine::open(&folder.path().join("data"), 0, retention).unwrap();
        let put_all = |engine: &Engine, texts: std::ops::Range<usize>| {
            let messages = texts.map(|number| Message::from(number.to_string()));
            let puts: Vec<_> = messages.map(|message| (message.hash(), Mutation::Put(message))).collect();
            engine.apply(&puts).unwrap();
        };
        let engine = open(None);
        put_all(&engine, 0..10);
        engine.close();
        let engine = open(Some(Duration::from_secs(1)));
        put_all(&engine, 10..3 * SWEEP);
        assert_eq!(keys(&engine), 10 + (3 * SWEEP - 10) * 2 + 1);
        let deadline = Instant::now() + Duration::from_secs(30);
        while keys(&engine) > 10 + 1 {
            assert!(Instant::now() < deadline, "{} keys are left", keys(&engine));
            let mut after = None;
            while let Some(last) = engine.sweep(after).unwrap() {
                after = Some(last);
            }
        }
        assert!(engine.get(MessageHash::of(b"9")).unwrap().is_some());
        assert!(engine.get(MessageHash::of(b"10")).unwrap().is_none());
    }
}
