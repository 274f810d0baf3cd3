//! Reopens the engine after a failed write, and closes it.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write as _};
use std::sync::PoisonError;

use rustix::fs::FallocateFlags;
use rustix::io::Errno;

use super::check::largest_journal_bytes;
use super::engine::Engine;
use super::mutation::{Mutation, NetChange};
use super::opened::OpenedFiles;
use super::tree::Tree;
use super::{folder, foreign, journals};
use crate::error_chain::chain;
use crate::message::MessageHash;
use crate::store::{OpenError, Reason, StoreError};

/// Written and removed to find out whether the folder accepts writes again.
pub(super) const PROBE_FILE: &str = "write-probe";

impl Engine {
    /// Whether the disk has room for more messages.
    pub(super) fn check_room(&self) -> Result<(), StoreError> {
        let disk = rustix::fs::statvfs(&self.folder).or_else(|error| {
            self.check_files()?; // a better error if the folder is gone
            Err(self.unavailable(error.into()))
        })?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < self.min_free_bytes {
            let (folder, min) = (self.folder.display(), self.min_free_bytes);
            return Err(StoreError::Full(format!("{folder} has {free} bytes free, less than {min}").into()));
        }
        Ok(())
    }

    /// Reopens the engine if the folder accepts writes again: after a failed write the engine accepts no more. Until
    /// then stored messages can still be read.
    ///
    /// `unsure` are the mutations whose commit failed. They may be in the page cache but not on disk, so their net
    /// change is written again before anything is acknowledged.
    pub(super) fn recover(&self, unsure: &[(MessageHash, Mutation)]) -> Result<(), StoreError> {
        self.check_room()?;
        self.check_files()?;
        self.probe().map_err(|error| self.unavailable(error))?;
        let mut tree = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        *tree = None; // releases the folder's lock
        let prepared = folder::prepare(&self.folder).map_err(unavailable)?;
        prepared.copy_journals().map_err(|error| self.unavailable(error))?;
        drop(prepared);
        let opened =
            tree.insert(Tree::open(&self.folder, self.retention).map_err(|error| self.error(error))?);
        self.remember_files()?;
        let mut net_changes = HashMap::with_capacity(unsure.len());
        for (hash, change) in unsure {
            let previous_expiry = self.previous_expiry(opened, *hash, &opened.database.snapshot())?;
            net_changes.insert(*hash, NetChange { effect: change.into(), previous_expiry });
        }
        self.commit(opened, &net_changes)
    }

    /// Remembers the new files after a reopen, and checks that the folder is still the same.
    fn remember_files(&self) -> Result<(), StoreError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let reopened = OpenedFiles::remember(&self.folder).map_err(unavailable)?;
        files.check_folder()?;
        *files = reopened;
        Ok(())
    }

    /// Moves all messages to tables and retires the journals, so that the next start reads no journal.
    pub(super) fn close(&self) {
        let files_checked = self.check_files();
        let Some(tree) = self.tree.write().unwrap_or_else(PoisonError::into_inner).take() else { return };
        if files_checked.is_err() {
            // The journals on the disk may belong to another process, and the open files are lost.
            log::error!("the data folder on the disk is left as it is: it is not the one that was opened");
            return;
        }
        let settled = tree.settle().map_err(|error| self.error(error));
        drop(tree); // releases the folder's lock
        let closed = settled.and_then(|()| journals::retire(&self.folder).map_err(unavailable));
        if let Err(error) = closed {
            log::warn!("the next start reads the journals again: {}", chain(&error));
        }
    }

    /// Checks that the folder accepts writes, and has room for the journal copies of a reopen.
    fn probe(&self) -> io::Result<()> {
        let path = self.folder.join(PROBE_FILE);
        let mut file = foreign::create_anew(&path, |begin| begin.iter().all(|byte| *byte == 0))?;
        let room = largest_journal_bytes(&self.folder)?;
        let reserved = rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, room);
        let reserved = reserved.or_else(|error| if error == Errno::OPNOTSUPP { Ok(()) } else { Err(error) });
        let tried = reserved.map_err(io::Error::from).and_then(|()| file.write_all(&[0; 4096]));
        let tried = tried.and_then(|()| file.sync_all());
        fs::remove_file(path).and(tried)
    }
}

fn unavailable(error: OpenError) -> StoreError {
    StoreError::Unavailable(Reason::caused_by("cannot reopen the data folder", error))
}
