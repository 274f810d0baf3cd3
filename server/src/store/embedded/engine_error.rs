//! Errors of the engine (fjall), for the operator.

use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::check::is_bad_block;
use super::engine::Engine;
use super::folder;
use crate::store::{OpenError, Reason, StoreError};

/// The error of the operating system among the causes of `error`.
fn io_error(error: &fjall::Error) -> Option<&io::Error> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref() {
            return Some(io);
        }
        next = error.source();
    }
    None
}

/// An error of fjall. Its text is that of the error of the operating system, if that is the cause: the texts of fjall
/// repeat their causes.
#[derive(Debug, thiserror::Error)]
#[error("{}", describe(.0))]
struct EngineError(fjall::Error);

fn describe(error: &fjall::Error) -> String {
    io_error(error).map_or_else(|| error.to_string(), io::Error::to_string)
}

/// Explains why the engine does not open the folder.
pub(super) fn open_error(folder: &Path, error: fjall::Error) -> OpenError {
    let name = folder.display();
    if matches!(error, fjall::Error::Locked) {
        return folder::in_use(folder);
    }
    let text = match io_error(&error) {
        Some(_) => format!("cannot use the data folder {name}"),
        None => {
            format!("the data folder {name} is damaged; restore it from a backup, or start with another one")
        }
    };
    OpenError::caused_by(text, EngineError(error))
}

impl Engine {
    /// Maps an error of the engine to an error of the store.
    pub(super) fn error(&self, error: fjall::Error) -> StoreError {
        let folder = self.folder.display();
        let kind = io_error(&error).map(io::Error::kind);
        match (&error, kind) {
            (_, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) => {
                StoreError::Full(Reason::caused_by(folder, EngineError(error)))
            }
            (_, Some(_)) => StoreError::Unavailable(Reason::caused_by(folder, EngineError(error))),
            (fjall::Error::Storage(_), None) => {
                StoreError::Corrupt(Reason::caused_by(folder, EngineError(error)))
            }
            (fjall::Error::Poisoned, None) => StoreError::Unavailable(
                "the storage engine stopped after an error, which is logged above".into(),
            ),
            (_, None) => {
                StoreError::Unavailable(Reason::caused_by("the storage engine failed", EngineError(error)))
            }
        }
    }

    /// The reason if `error` is permanent damage of one entry. Any other error concerns the whole store and is
    /// returned as an error.
    pub(super) fn damage(&self, error: fjall::Error) -> Result<Reason, StoreError> {
        let has_bad_block = io_error(&error).is_some_and(is_bad_block);
        match self.error(error) {
            StoreError::Corrupt(reason) => Ok(reason),
            StoreError::Unavailable(reason) if has_bad_block => Ok(reason),
            error => Err(error),
        }
    }

    pub(super) fn unavailable(&self, error: io::Error) -> StoreError {
        StoreError::Unavailable(Reason::caused_by(self.folder.display(), error))
    }
}
