//! A data folder that cannot be written to, opened to be read.
//!
//! The engine opens no folder without writing: it takes the lock, and puts what its journals hold into tables. So it
//! gets a folder for temporary files with copies of the small files and of the journals, and links to the tables.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use tempfile::TempDir;

use super::check::journal::without_zeros_at_end;
use super::folder::{LOCK, TREES, VERSION, journals, list};
use crate::store::OpenError;

/// The folder for temporary files, which is removed with this, and the lock of the original.
pub(super) struct StandIn {
    _folder: TempDir,
    _lock: Option<File>,
}

/// Whether the engine may open this folder itself.
pub(super) fn is_writable(folder: &Path) -> bool {
    let can_write = |path: &Path| rustix::fs::access(path, Access::WRITE_OK).is_ok();
    let lock = folder.join(LOCK);
    can_write(folder)
        && (can_write(&lock) || !lock.exists())
        && journals(folder).is_ok_and(|journals| journals.iter().all(|path| can_write(path)))
}

impl StandIn {
    /// Makes it, and gives the data folder in it.
    pub(super) fn make(original: &Path) -> Result<(PathBuf, Self), OpenError> {
        let unusable = |error: io::Error| {
            OpenError(format!(
                "cannot read the data folder {} by way of {}, since it cannot be written to: {error}",
                original.display(),
                std::env::temp_dir().display()
            ))
        };
        let lock = lock(original)?;
        let folder = TempDir::with_prefix("message-to-hash-").map_err(unusable)?;
        let data = folder.path().join("data");
        fill(&data, &std::path::absolute(original).map_err(unusable)?).map_err(unusable)?;
        log::info!("{} cannot be written to; read by way of {}", original.display(), data.display());
        Ok((data, Self { _folder: folder, _lock: lock }))
    }
}

/// Keeps a server off the folder, as far as there is a lock that it would take, too.
fn lock(folder: &Path) -> Result<Option<File>, OpenError> {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return Ok(None) };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(OpenError(format!("the data folder {} is in use by another process", folder.display())))
        }
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
        File::create_new(copy)?.write_all(without_zeros_at_end(&content))?;
    }
    fs::create_dir(data.join(TREES))?;
    for tree in list(&original.join(TREES))? {
        stand_in_for(&tree, &data.join(TREES).join(tree.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// The files of a tree are copied: the engine replaces them. Those in its folders, which are large and never change,
/// are linked to.
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
