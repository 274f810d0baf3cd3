//! Opens a data folder that cannot be written to, for reading.
//!
//! The engine always writes when it opens a folder: it takes the lock, and moves the content of the journals to tables.
//! Instead, the engine opens a temporary folder with copies of the journals and small files, and with links to the tables.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use tempfile::TempDir;

use super::check::{LOCK, TREES, VERSION, journals, list, without_trailing_zeros};
use super::folder::in_use;
use crate::store::OpenError;

/// A temporary folder in place of the original, removed on drop, and the lock of the original.
pub(super) struct StandIn {
    _folder: TempDir,
    _lock: Option<File>,
}

/// Whether the engine can open the folder itself.
pub(super) fn is_writable(folder: &Path) -> bool {
    let can_write = |path: &Path| rustix::fs::access(path, Access::WRITE_OK).is_ok();
    let lock = folder.join(LOCK);
    can_write(folder)
        && (can_write(&lock) || !lock.exists())
        && journals(folder).is_ok_and(|journals| journals.iter().all(|path| can_write(path)))
}

impl StandIn {
    /// Creates the temporary folder. Returns the path of the data folder in it.
    pub(super) fn make(original: &Path) -> Result<(PathBuf, Self), OpenError> {
        let unusable = |error: io::Error| {
            let (folder, temporary) = (original.display(), std::env::temp_dir());
            let temporary = temporary.display();
            OpenError::caused_by(
                format!("cannot copy the data folder {folder}, which cannot be written to, to {temporary}"),
                error,
            )
        };
        let lock = lock(original)?;
        let folder = TempDir::with_prefix("message-to-hash-").map_err(unusable)?;
        let data = folder.path().join("data");
        fill(&data, &std::path::absolute(original).map_err(unusable)?).map_err(unusable)?;
        log::info!("{} cannot be written to; reading a copy in {}", original.display(), data.display());
        Ok((data, Self { _folder: folder, _lock: lock }))
    }
}

/// Takes the lock that a server would take, if the lock file exists.
fn lock(folder: &Path) -> Result<Option<File>, OpenError> {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return Ok(None) };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(in_use(folder)),
        _ => Ok(Some(lock)),
    }
}

fn fill(data: &Path, original: &Path) -> io::Result<()> {
    fs::create_dir(data)?;
    if original.join(VERSION).exists() {
        fs::copy(original.join(VERSION), data.join(VERSION))?;
    }
    for journal in journals(original)? {
        let content = fs::read(&journal)?;
        let copy = data.join(journal.file_name().unwrap_or_default());
        File::create_new(copy)?.write_all(without_trailing_zeros(&content))?;
    }
    fs::create_dir(data.join(TREES))?;
    for tree in list(&original.join(TREES))? {
        stand_in_for(&tree, &data.join(TREES).join(tree.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Copies the files of a tree, which the engine replaces, and links to the large files in its subfolders, which never
/// change.
fn stand_in_for(tree: &Path, copy: &Path) -> io::Result<()> {
    fs::create_dir(copy)?;
    for entry in list(tree)? {
        let to = copy.join(entry.file_name().unwrap_or_default());
        if !entry.is_dir() {
            fs::copy(&entry, &to)?;
            continue;
        }
        fs::create_dir(&to)?;
        for file in list(&entry)? {
            symlink(&file, to.join(file.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}
