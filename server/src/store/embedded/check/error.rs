//! How damage of the data folder is told, and what is none.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::path::Path;

use rustix::io::Errno;

use crate::store::OpenError;

/// What the operator reads about a damaged file.
pub(in crate::store::embedded) fn damaged(path: &Path, how: &str) -> OpenError {
    OpenError(format!(
        "the data folder is damaged and was left as it is: {} {how}; \
         restore the folder from a backup, or start on another one",
        path.display()
    ))
}

/// What the operator reads about a file that cannot be read: it is damaged only where the reason is its own.
pub(in crate::store::embedded) fn unreadable(path: &Path, error: &io::Error) -> OpenError {
    let of_its_own = [ErrorKind::NotFound, ErrorKind::UnexpectedEof, ErrorKind::IsADirectory];
    if of_its_own.contains(&error.kind()) || is_of_the_disk(error) {
        return damaged(path, &error.to_string());
    }
    OpenError(format!("cannot use the data folder: {}: {error}", path.display()))
}

/// Whether a disk says of a block that it cannot be read.
pub(in crate::store::embedded) fn is_of_the_disk(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

/// What the operating system said, where that is the cause.
pub(in crate::store::embedded) fn io_error(error: &fjall::Error) -> Option<&io::Error> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref() {
            return Some(io);
        }
        next = error.source();
    }
    None
}

/// What the operator reads where the engine does not open the folder.
pub(in crate::store::embedded) fn describe_open_error(folder: &Path, error: &fjall::Error) -> String {
    let folder = folder.display();
    match (error, io_error(error)) {
        (fjall::Error::Locked, _) => format!("the data folder {folder} is in use by another process"),
        (_, Some(io)) => format!("cannot use the data folder {folder}: {io}"),
        _ => format!(
            "the data folder {folder} is damaged ({error}); restore it from a backup, or start on another one"
        ),
    }
}
