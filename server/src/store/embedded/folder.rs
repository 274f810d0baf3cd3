//! Prepares the data folder before the engine opens it: creates, locks, checks and repairs it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::check::{self, CheckError, FIRST_JOURNAL, LOCK, VERSION};
use super::{foreign, journals};
use crate::store::OpenError;

/// A folder that can be opened. No other process can change it until this value is dropped.
pub(super) struct Prepared {
    folder: PathBuf,
    _lock: File,
    journals: Vec<PathBuf>,
}

impl Prepared {
    /// Copies the journals to other blocks of the disk, since an fsync may have failed, even in an earlier process.
    ///
    /// After a failed fsync the kernel marks the pages as clean. Only the page cache has their content, and a later
    /// fsync succeeds without writing them; on ext4 even after the same bytes were written again. A power cut would
    /// then leave a hole in front of the writes that are acknowledged from now on.
    pub(super) fn copy_journals(&self) -> io::Result<()> {
        self.journals.iter().try_for_each(|path| journals::copy(path))?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Creates the folder if it is missing, and checks it otherwise. A folder in which the engine might destroy data is
/// refused and left unchanged.
pub(super) fn prepare(folder: &Path) -> Result<Prepared, OpenError> {
    create(folder).map_err(|error| OpenError::folder(folder, error))?;
    if !check::has_version(folder)? {
        foreign::check(folder)?;
    }
    let lock = lock(folder)?;
    let report = check::check(folder)?;
    let (folder, mut journals) = (folder.to_owned(), report.journals);
    if report.is_half_created {
        remove_half_created(&folder).map_err(|error| OpenError::folder(&folder, error))?;
        journals.clear();
    }
    if let Some(unfinished) = report.unfinished {
        journals::cut(&unfinished).map_err(|error| OpenError::folder(&folder, error))?;
    }
    Ok(Prepared { folder, _lock: lock, journals })
}

/// Creates the folder and syncs its parent. The parent must exist, so that a mistyped path fails.
fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().mode(0o700).create(folder)?; // only the owner may read messages
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// Takes the engine's own lock, since an unfinished write may be one that another process is making. The engine takes
/// the lock again when it opens the folder.
pub(super) fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK);
    if path.symlink_metadata().is_ok_and(|lock| !lock.is_file() || lock.len() > 0) {
        return Err(CheckError::foreign(&path).into());
    }
    let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    match open.map_err(TryLockError::Error).and_then(|file| file.try_lock().map(|()| file)) {
        Ok(file) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(folder)),
        Err(TryLockError::Error(error)) => {
            Err(OpenError::caused_by(format!("cannot use the data folder: {}", path.display()), error))
        }
    }
}

pub(super) fn in_use(folder: &Path) -> OpenError {
    OpenError::new(format!("the data folder {} is in use by another process", folder.display()))
}

/// Removes the files of an interrupted creation, with which the engine cannot start. They hold no messages.
fn remove_half_created(folder: &Path) -> io::Result<()> {
    for name in [FIRST_JOURNAL, VERSION] {
        match fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
