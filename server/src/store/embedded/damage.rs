//! How damage of the data folder is told, and what is none.

use std::io::{self, ErrorKind};
use std::path::Path;

use rustix::io::Errno;

use crate::store::OpenError;

/// What the operator reads about a damaged file.
pub(super) fn damaged(path: &Path, how: &str) -> OpenError {
    OpenError(format!(
        "the data folder is damaged and was left as it is: {} {how}; \
         restore the folder from a backup, or start on another one",
        path.display()
    ))
}

/// What the operator reads about a file that cannot be read: it is damaged only where the reason is its own.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> OpenError {
    let of_its_own = [ErrorKind::NotFound, ErrorKind::UnexpectedEof, ErrorKind::IsADirectory];
    if of_its_own.contains(&error.kind()) || is_of_the_disk(error) {
        return damaged(path, &error.to_string());
    }
    OpenError(format!("cannot use the data folder: {}: {error}", path.display()))
}

/// Whether a disk says of a block that it cannot be read.
pub(super) fn is_of_the_disk(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::IO.raw_os_error())
}
