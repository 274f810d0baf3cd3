//! Checks that the data folder on the disk is still the one that the engine has open.
//!
//! An open file outlives its name. If the folder is deleted, moved, created again or overwritten with a backup, the
//! engine continues to write without an error, and the next start finds none of these writes. Before each
//! acknowledgement, this check compares the files that the engine has open with those that the next start would open.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::check::{LOCK, current_of_messages, journal_path, last_journal};
use crate::message::MessageHash;
use crate::store::{OpenError, StoreError};

/// The files that the engine has open, as they were after its last write.
pub(super) struct OpenedFiles {
    folder: PathBuf,
    folder_id: FileId,
    lock_id: FileId,
    journal: Journal,
    manifest: Manifest,
}

/// The journal that the engine appends to: the last one.
struct Journal {
    number: u64,
    id: FileId,
    /// After our last write. `None` for a new journal, which the engine may still be writing.
    version: Option<FileVersion>,
    /// A hash of the last write. The journal contains it until the next journal begins.
    last_write: Option<MessageHash>,
}

/// The file that names the list of the tree's files. The engine replaces it with one of a higher number.
struct Manifest {
    path: PathBuf,
    id: FileId,
    version: FileVersion,
    number: u64,
}

/// Device and inode.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId(u64, u64);

impl From<&Metadata> for FileId {
    fn from(file: &Metadata) -> Self {
        Self(file.dev(), file.ino())
    }
}

/// Length and modification time: changes with each write.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileVersion(u64, i64, i64);

impl From<&Metadata> for FileVersion {
    fn from(file: &Metadata) -> Self {
        Self(file.len(), file.mtime(), file.mtime_nsec())
    }
}

/// The folder is not the one that was opened.
#[derive(Debug, thiserror::Error)]
#[error(
    "the data folder {} was changed under the running server: {difference}; stop the server, restore the folder, \
     and start again", folder.display()
)]
pub(super) struct ReplacedError {
    folder: PathBuf,
    difference: String,
}

impl From<ReplacedError> for StoreError {
    fn from(error: ReplacedError) -> Self {
        Self::Unavailable(error.to_string().into())
    }
}

impl OpenedFiles {
    /// Remembers the files of a folder that the engine has just opened.
    pub(super) fn remember(folder: &Path) -> Result<Self, OpenError> {
        let remember = || {
            let number = last_journal(folder)?.ok_or(ErrorKind::NotFound)?;
            let journal = fs::metadata(journal_path(folder, number))?;
            Ok(Self {
                folder: folder.to_owned(),
                folder_id: (&fs::metadata(folder)?).into(),
                lock_id: (&fs::metadata(folder.join(LOCK))?).into(),
                journal: Journal {
                    number,
                    id: (&journal).into(),
                    version: Some((&journal).into()),
                    last_write: None,
                },
                manifest: Manifest::read(current_of_messages(folder)?)?,
            })
        };
        remember().map_err(|error: io::Error| OpenError::folder(folder, error))
    }

    /// Checks the folder and the lock file, which the engine never replaces.
    pub(super) fn check_folder(&self) -> Result<(), ReplacedError> {
        self.require(&self.folder, self.folder_id)?;
        self.require(&self.folder.join(LOCK), self.lock_id)
    }

    /// Checks all files: before a write, or at any time.
    pub(super) fn check(&mut self) -> Result<(), ReplacedError> {
        self.check_folder()?;
        let journal = self.current_journal()?;
        self.check_manifest()?;
        let version = FileVersion::from(&journal);
        match self.journal.version {
            Some(before) if before != version => {
                // Some file systems update the modification time late, so the content decides.
                if !self.has_last_write() {
                    let path = journal_path(&self.folder, self.journal.number);
                    return Err(self.replaced(&path, "was overwritten"));
                }
                self.journal.version = Some(version);
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks that a write went to these files, and remembers their new versions. `last_write` is one of its hashes.
    pub(super) fn check_written(&mut self, last_write: MessageHash) -> Result<(), ReplacedError> {
        self.check_folder()?;
        let number = self.journal.number;
        let journal = self.current_journal()?;
        self.check_manifest()?;
        if self.journal.number == number {
            self.journal.version = Some((&journal).into());
            self.journal.last_write = Some(last_write);
        }
        Ok(())
    }

    /// The journal that the engine appends to. The engine may have begun a new one that is incomplete.
    fn current_journal(&mut self) -> Result<Metadata, ReplacedError> {
        let path = |number| journal_path(&self.folder, number);
        let mut number = self.journal.number;
        while path(number + 1).exists() {
            number += 1;
        }
        let path = path(number);
        let journal = fs::metadata(&path).map_err(|error| self.gone(&path, &error))?;
        let id = FileId::from(&journal);
        if number > self.journal.number {
            self.journal = Journal { number, id, version: None, last_write: None };
        } else if id != self.journal.id {
            return Err(self.replaced(&path, "is another file"));
        }
        Ok(journal)
    }

    /// Whether the journal on the disk contains the last write.
    fn has_last_write(&self) -> bool {
        let content = fs::read(journal_path(&self.folder, self.journal.number));
        self.journal
            .last_write
            .zip(content.ok())
            .is_some_and(|(hash, content)| memmem::rfind(&content, hash.as_bytes()).is_some())
    }

    fn check_manifest(&mut self) -> Result<(), ReplacedError> {
        let path = &self.manifest.path;
        let manifest = fs::metadata(path).map_err(|error| self.gone(path, &error))?;
        if self.manifest.id == (&manifest).into() && self.manifest.version == (&manifest).into() {
            return Ok(());
        }
        let read = Manifest::read(path.clone()).map_err(|error| self.gone(path, &error))?;
        if read.number < self.manifest.number {
            return Err(self.replaced(path, "is an older one"));
        }
        self.manifest = read;
        Ok(())
    }

    fn require(&self, path: &Path, id: FileId) -> Result<(), ReplacedError> {
        match fs::metadata(path) {
            Ok(file) if id == (&file).into() => Ok(()),
            Ok(_) => Err(self.replaced(path, "is another one")),
            Err(error) => Err(self.gone(path, &error)),
        }
    }

    fn gone(&self, path: &Path, error: &io::Error) -> ReplacedError {
        self.replaced(path, &format!("cannot be found: {error}"))
    }

    fn replaced(&self, path: &Path, how: &str) -> ReplacedError {
        ReplacedError { folder: self.folder.clone(), difference: format!("{} {how}", path.display()) }
    }
}

impl Manifest {
    fn read(path: PathBuf) -> io::Result<Self> {
        let file = fs::metadata(&path)?; // before its content, so that a change in between is seen later
        let content = fs::read(&path)?;
        let number = content.first_chunk().ok_or(ErrorKind::UnexpectedEof)?;
        Ok(Self { path, id: (&file).into(), version: (&file).into(), number: u64::from_le_bytes(*number) })
    }
}
