//! Why a data folder is not opened.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::store::OpenError;

/// The check refused the folder, and changed nothing in it.
#[derive(Debug, thiserror::Error)]
pub(in crate::store::embedded) enum CheckError {
    /// A file is missing, or its content changed after the engine wrote it.
    #[error(
        "the data folder is damaged and was left unchanged: {} {damage}; \
         restore the folder from a backup, or start with another one", path.display()
    )]
    Damaged { path: PathBuf, damage: String },
    /// A file is damaged so that the operating system cannot read it.
    #[error(
        "the data folder is damaged and was left unchanged; restore it from a backup, or start with another one: \
         cannot read {}", path.display()
    )]
    DamagedFile { path: PathBuf, source: io::Error },
    /// A file cannot be read, for a reason such as its permissions.
    #[error("cannot use the data folder: cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// A file with a name of the engine and other content.
    #[error(
        "{} is not this program's and was left unchanged; name another data folder, or move the file away",
        path.display()
    )]
    Foreign { path: PathBuf },
}

impl CheckError {
    pub(super) fn damaged(path: &Path, damage: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), damage: damage.into() }
    }

    /// An error of reading: damage if the file is missing, cut short or on a bad block of the disk.
    pub(super) fn reading(path: &Path, source: io::Error) -> Self {
        let damage = [ErrorKind::NotFound, ErrorKind::UnexpectedEof, ErrorKind::IsADirectory];
        let path = path.to_owned();
        if damage.contains(&source.kind()) || is_bad_block(&source) {
            Self::DamagedFile { path, source }
        } else {
            Self::Unreadable { path, source }
        }
    }

    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), source }
    }

    pub(in crate::store::embedded) fn foreign(path: &Path) -> Self {
        Self::Foreign { path: path.to_owned() }
    }
}

/// Whether the disk reports that it cannot read a block (`EIO`).
pub(in crate::store::embedded) fn is_bad_block(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

impl From<CheckError> for OpenError {
    fn from(error: CheckError) -> Self {
        let text = error.to_string();
        match error {
            CheckError::DamagedFile { source, .. } | CheckError::Unreadable { source, .. } => {
                Self::caused_by(text, source)
            }
            CheckError::Damaged { .. } | CheckError::Foreign { .. } => Self::new(text),
        }
    }
}
