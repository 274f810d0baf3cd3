//! The data folder before the engine opens it: made where it is missing, and checked for what the engine
//! would take for granted.
//!
//! Where the engine finds a file missing or a list of files shortened, it takes the rest for leftovers
//! and deletes them, and it cuts a journal at the first thing that it cannot read. After a crash that is
//! right. After damage it would be the end of messages that could still be restored, so such a folder is
//! not opened. The files are those of fjall 3.
//!
//! Nor is a folder opened that has other files than these: it is in use by somebody else.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::check::error::{damaged, unreadable};
use super::check::{archive, journal};
use super::foreign;
use crate::store::OpenError;

/// What stat(2) counts by.
const BLOCK_BYTES: u64 = 512;
/// Written last when a folder is made.
pub(super) const VERSION: &str = "version";
const FORMAT: &[u8] = b"FJL\x03";
pub(super) const LOCK: &str = "lock";
const FIRST_JOURNAL: &str = "0.jnl";
/// Has a folder for each tree: 0 is the engine's own, any other has the messages.
pub(super) const TREES: &str = "keyspaces";
/// In each tree's folder: names the manifest, which lists the tree's files, and has its checksum.
const CURRENT: &str = "current";

/// A folder that can be opened. No other process can change it until this is dropped.
pub(super) struct Prepared {
    folder: PathBuf,
    _lock: File,
    journals: Vec<PathBuf>,
}

impl Prepared {
    /// Writes what the journals hold to other blocks of the disk, where an fsync may have failed, be it of the process
    /// before this one.
    ///
    /// After a failed fsync the kernel takes the pages for written: only the page cache has them, and a
    /// later fsync succeeds without them, on ext4 even one of the same bytes written again. After a power
    /// cut there would be a hole before what is acknowledged from now on.
    pub(super) fn copy_journals_anew(&self) -> io::Result<()> {
        self.journals.iter().try_for_each(|path| journal::copy_anew(path))?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Whether anything was ever stored in this folder, as far as may be seen.
#[must_use]
pub fn is_data_folder(folder: &Path) -> bool {
    let is_absent = |name: &str| {
        folder.join(name).symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let has_no_more = |journals: Vec<PathBuf>| journals.iter().all(|path| path.ends_with(FIRST_JOURNAL));
    !([VERSION, TREES].into_iter().all(is_absent) && journals(folder).is_ok_and(has_no_more))
}

/// Makes the folder ready to be opened, and refuses to where opening it might destroy something.
pub(super) fn prepare(folder: &Path) -> Result<Prepared, OpenError> {
    let unusable =
        |error: io::Error| OpenError(format!("cannot use the data folder {}: {error}", folder.display()));
    create(folder).map_err(unusable)?;
    let is_whole = check_version(&folder.join(VERSION))?;
    if !is_whole {
        foreign::check(folder)?;
    }
    let lock = lock(folder)?;
    let trees = list(&folder.join(TREES)).map_err(unusable)?;
    let journals = journals(folder).map_err(unusable)?;
    // There is always one, and there was before the first tree. Without any, the engine would give its next writes
    // numbers that it had given before, and take them for written over.
    if journals.is_empty() && !trees.is_empty() {
        return Err(damaged(&folder.join("*.jnl"), "is missing"));
    }
    let end = journal::check(&journals)?;
    // A folder that was never written to may lack anything: its making was interrupted.
    if end.next_write > 0 || journals.iter().any(|path| !path.ends_with(FIRST_JOURNAL)) {
        require(folder, &trees)?;
    } else if trees.is_empty() && !is_whole {
        // The version is whole before anything is written to a journal.
        if let Some(path) = journals.iter().find(|_| end.has_unfinished()) {
            return Err(foreign::not_ours(path));
        }
        remove_half_made(folder).map_err(unusable)?;
        return Ok(Prepared { folder: folder.to_owned(), _lock: lock, journals: Vec::new() });
    }
    trees.iter().try_for_each(|tree| check_tree(tree))?;
    end.cut_unfinished()?; // a folder that these checks refuse stays as it is
    Ok(Prepared { folder: folder.to_owned(), _lock: lock, journals })
}

/// Puts an empty journal in the place of those that are there, as the engine does with them one by one. Only for
/// a folder whose messages are all in tables.
pub(super) fn retire_journals(folder: &Path) -> Result<(), OpenError> {
    let unusable = |error: io::Error| OpenError(format!("the journals of {}: {error}", folder.display()));
    let _lock = lock(folder)?;
    let old = journals(folder).map_err(unusable)?;
    let is_empty = |path: &PathBuf| path.metadata().is_ok_and(|journal| journal.len() == 0);
    let Some(last) = old.last().filter(|_| !old.iter().all(is_empty)).and_then(|path| number(path)) else {
        return Ok(());
    };
    let sync = |folder: &Path| File::open(folder)?.sync_all();
    let replace = || {
        for tree in list(&folder.join(TREES))? {
            list(&tree)?.iter().filter(|path| path.is_dir()).try_for_each(|files| sync(files))?;
        }
        File::create_new(journal_path(folder, last + 1))?.sync_all()?;
        sync(folder)?; // there is always one
        old.iter().try_for_each(fs::remove_file)?;
        sync(folder)
    };
    replace().map_err(unusable)
}

/// Makes the folder durably, but not its parents: a mistyped path should fail.
fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().mode(0o700).create(folder)?; // messages are nobody else's to read
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// Whether the file that is written last is whole. A part of it, or none, is a folder half made; anything
/// else may be somebody else's, and is not touched.
fn check_version(path: &Path) -> Result<bool, OpenError> {
    match fs::read(path) {
        Ok(content) if content == FORMAT => Ok(true),
        Ok(content) if FORMAT.starts_with(&content) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Ok(_) => Err(foreign::not_ours(path)),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Keeps every other process off the folder, by the engine's own lock: an unfinished write may be one that
/// goes on. The engine takes the lock again when it opens.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    if path.symlink_metadata().is_ok_and(|lock| !lock.is_file() || lock.len() > 0) {
        return Err(foreign::not_ours(&path));
    }
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    match open.map_err(TryLockError::Error).and_then(|file| file.try_lock().map(|()| file)) {
        Ok(file) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(OpenError(format!("the data folder {} is in use by another process", folder.display())))
        }
        Err(TryLockError::Error(error)) => {
            Err(OpenError(format!("cannot use the data folder: {}: {error}", path.display())))
        }
    }
}

/// The engine cannot go on with a folder whose making was interrupted. It has no messages yet.
fn remove_half_made(folder: &Path) -> io::Result<()> {
    for name in [FIRST_JOURNAL, VERSION] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The journals, oldest first.
pub(super) fn journals(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut journals = list(folder)?;
    journals.retain(|path| number(path).is_some());
    journals.sort_by_key(|path| number(path));
    Ok(journals)
}

/// How much room a copy of the largest journal takes, in bytes; at least one.
pub(super) fn journal_room(folder: &Path) -> io::Result<u64> {
    let mut sizes = journals(folder)?.into_iter().map(|path| Ok(path.metadata()?.blocks() * BLOCK_BYTES));
    sizes.try_fold(1, |most, size: io::Result<u64>| Ok(most.max(size?)))
}

/// The number of the journal that the engine appends to.
pub(super) fn last_journal(folder: &Path) -> io::Result<Option<u64>> {
    Ok(journals(folder)?.last().and_then(|path| number(path)))
}

pub(super) fn journal_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number}.jnl"))
}

/// The number of a journal.
pub(super) fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".jnl")?.parse().ok()
}

/// What is in a folder: nothing where there is none.
pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// Checks that what the engine would make anew, or delete the messages for want of, is there.
fn require(folder: &Path, trees: &[PathBuf]) -> Result<(), OpenError> {
    let own = folder.join(TREES).join("0");
    let required = [folder.join(VERSION), own.join(CURRENT), messages_tree(folder, trees).join(CURRENT)];
    match required.iter().find(|path| !path.exists()) {
        Some(path) => Err(damaged(path, "is missing")),
        None => Ok(()),
    }
}

fn messages_tree(folder: &Path, trees: &[PathBuf]) -> PathBuf {
    let own = folder.join(TREES).join("0");
    let messages = trees.iter().find(|tree| **tree != own).cloned();
    messages.unwrap_or_else(|| folder.join(TREES).join("1"))
}

/// The file that names the manifest of the tree of messages.
pub(super) fn current_of_messages(folder: &Path) -> io::Result<PathBuf> {
    Ok(messages_tree(folder, &list(&folder.join(TREES))?).join(CURRENT))
}

fn check_tree(tree: &Path) -> Result<(), OpenError> {
    let current = tree.join(CURRENT);
    if !current.exists() {
        return Ok(()); // never finished: see `require`
    }
    archive::check_manifest(tree, &current)?;
    for kind in ["tables", "blobs"] {
        let files = list(&tree.join(kind)).map_err(|error| unreadable(tree, &error))?;
        files.iter().try_for_each(|path| archive::check(path))?;
    }
    Ok(())
}
