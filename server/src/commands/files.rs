//! Files as messages, and their hashes.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use message_to_hash_client::MessageHash;
use sha2::{Digest, Sha256};

use crate::message::MAX_MESSAGE_BYTES;
use crate::streams;

/// Why a file is not a message.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// Its files have to be named.
    #[error(
        "it is a folder; its files are stored by: find FOLDER -type f -print0 | xargs -0 message-to-hash put"
    )]
    Folder,
    /// It is no text.
    #[error("it is not text in UTF-8")]
    NotUtf8,
    /// No server would take it.
    #[error("it has more than 64 MiB")]
    TooLarge,
}

/// Whether the command is about stdin alone, whose name is not printed.
pub(super) fn are_stdin(files: &[PathBuf]) -> bool {
    files.is_empty() || *files == [Path::new("-")]
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    Ok(if file == Path::new("-") { Box::new(streams::stdin()?.lock()) } else { Box::new(File::open(file)?) })
}

/// The message that a file is.
pub(super) fn message(file: &Path) -> Result<String, FileError> {
    let mut bytes = Vec::new();
    let read = open(file)?.take(u64::from(MAX_MESSAGE_BYTES) + 1).read_to_end(&mut bytes);
    match read {
        Err(error) if error.kind() == ErrorKind::IsADirectory => Err(FileError::Folder),
        Err(error) => Err(error.into()),
        Ok(length) if length > MAX_MESSAGE_BYTES as usize => Err(FileError::TooLarge),
        Ok(_) => String::from_utf8(bytes).map_err(|_| FileError::NotUtf8),
    }
}

/// The hash of whatever a file has.
pub(super) fn hash(file: &Path) -> io::Result<MessageHash> {
    let (mut file, mut hasher, mut part) = (open(file)?, Sha256::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut part) {
            Ok(0) => return Ok(MessageHash::from(<[u8; 32]>::from(hasher.finalize()))),
            Ok(length) => hasher.update(&part[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
