//! The engine's end and its new beginning: it is opened anew after a failed write, and closed in good order.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::sync::PoisonError;

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use super::engine::Engine;
use super::mutation::{Mutation, NetChange};
use super::opened::OpenedFiles;
use super::tree::Tree;
use super::{folder, foreign};
use crate::message::MessageHash;
use crate::store::{OpenError, StoreError};

/// Written and removed to learn whether the folder takes writes again.
pub(super) const PROBE_FILE: &str = "write-probe";

impl Engine {
    /// Whether the disk has room for more messages.
    pub(super) fn check_room(&self) -> Result<(), StoreError> {
        let disk = rustix::fs::statvfs(&self.folder).or_else(|error| {
            self.check_files()?; // a folder that is gone is described there
            Err(self.unavailable(&error.into()))
        })?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < self.min_free_bytes {
            let (folder, least) = (self.folder.display(), self.min_free_bytes);
            return Err(StoreError::Full(format!("{folder} has {free} bytes free, less than {least}")));
        }
        Ok(())
    }

    /// After a failed write the engine takes no more: opens it anew, if the folder takes writes again.
    /// Until it does, what is stored can still be read.
    ///
    /// `unsure` are the changes whose commit failed. They may be in the page cache and not on disk, so
    /// what they come to is written once more before anything is acknowledged.
    pub(super) fn recover(&self, unsure: &[(MessageHash, Mutation)]) -> Result<(), StoreError> {
        self.check_room()?;
        self.check_files()?;
        self.probe().map_err(|error| self.unavailable(&error))?;
        let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        *tree = None; // the folder's lock goes with it
        let prepared =
            folder::prepare(&self.folder).map_err(|OpenError(error)| StoreError::Unavailable(error))?;
        prepared.copy_journals_anew().map_err(|error| self.unavailable(&error))?;
        drop(prepared);
        let opened =
            tree.insert(Tree::open(&self.folder, self.retention).map_err(|error| self.error(&error))?);
        self.remember_files()?;
        let mut net_changes = HashMap::with_capacity(unsure.len());
        for (hash, change) in unsure {
            let previous_expiry = self.previous_expiry(opened, *hash, &opened.database.snapshot())?;
            net_changes.insert(*hash, NetChange { effect: change.into(), previous_expiry });
        }
        self.commit(opened, &net_changes)
    }

    /// After the engine has opened the folder again: its files are others, and the folder is not.
    fn remember_files(&self) -> Result<(), StoreError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let reopened = OpenedFiles::remember(&self.folder);
        let reopened = reopened.map_err(|OpenError(error)| StoreError::Unavailable(error))?;
        files.check_folder()?;
        *files = reopened;
        Ok(())
    }

    /// Leaves nothing to the next start but to open files.
    pub(super) fn close(&self) {
        let files_checked = self.check_files();
        let Some(tree) = self.tree.write().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if files_checked.is_err() {
            // Its journals are not ours to remove, and the files that are open are beyond repair.
            log::error!("the data folder on the disk is left as it is: it is not the one that was opened");
            return;
        }
        let settled = tree.settle().map_err(|error| self.error(&error));
        drop(tree); // the folder's lock goes with it
        let closed = settled.and_then(|()| {
            folder::retire_journals(&self.folder).map_err(|OpenError(error)| StoreError::Unavailable(error))
        });
        if let Err(error) = closed {
            log::warn!("the next start reads the journals again: {error}");
        }
    }

    /// Whether there is room for what reopening copies.
    fn probe(&self) -> io::Result<()> {
        let path = self.folder.join(PROBE_FILE);
        let mut file = foreign::create_anew(&path, |begin| begin.iter().all(|byte| *byte == 0))?;
        let room = folder::journal_room(&self.folder)?;
        let reserved = rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, room);
        let reserved = reserved.or_else(|error| if error == Errno::OPNOTSUPP { Ok(()) } else { Err(error) });
        let tried = reserved.map_err(io::Error::from).and_then(|()| file.write_all(&[0; 4096]));
        let tried = tried.and_then(|()| file.sync_all());
        fs::remove_file(path).and(tried)
    }
}
