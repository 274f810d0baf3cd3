//! Reads files as messages, and computes the hashes of files.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use message_to_hash_client::MessageHash;
use sha2::{Digest, Sha256};

use crate::message::MAX_MESSAGE_BYTES;
use crate::streams;

const BUFFER_BYTES: usize = 64 << 10;

/// A file is not a message.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// The path names a folder. Its files must be named instead.
    #[error(
        "it is a folder; its files are stored by: find FOLDER -type f -print0 | xargs -0 message-to-hash put"
    )]
    Folder,
    /// The content is not UTF-8.
    #[error("it is not text in UTF-8")]
    NotUtf8,
    /// The content is larger than the upper limit of all servers.
    #[error("it has more than 64 MiB")]
    TooLarge,
}

/// Whether the arguments name only stdin. Its name is not printed.
pub(super) fn are_stdin(files: &[PathBuf]) -> bool {
    files.is_empty() || *files == [Path::new("-")]
}

fn open(file: &Path) -> io::Result<Box<dyn Read>> {
    Ok(if file == Path::new("-") { Box::new(streams::stdin()?.lock()) } else { Box::new(File::open(file)?) })
}

/// Reads the message in a file.
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

/// Computes the hash of a file with any size and any bytes.
pub(super) fn hash(file: &Path) -> io::Result<MessageHash> {
    let (mut file, mut hasher, mut buffer) = (open(file)?, Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(MessageHash::from(<[u8; 32]>::from(hasher.finalize()))),
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
