//! The block list: a file with one hash per line. Messages with these hashes are neither served nor stored.
//!
//! The file is read again whenever it changes. While it is missing or invalid, the last valid list stays in force.

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustix::fs::OFlags;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{sleep, timeout};

use crate::message::MessageHash;

/// How often the file is checked for changes.
const INTERVAL: Duration = Duration::from_secs(1);
/// A read that takes longer is reported. On a network file system it may never end.
const SLOW_READ: Duration = Duration::from_secs(5);
/// About four million hashes. A larger file is refused before it fills the memory.
const MAX_BYTES: u64 = 256 << 20;

/// The hashes in the file, kept up to date by [`BlockedHashes::keep_fresh`].
#[derive(Debug)]
pub struct BlockedHashes {
    file: PathBuf,
    hashes: RwLock<HashSet<MessageHash>>,
    opened: Version,
}

/// The file is not a valid block list.
#[derive(Debug, thiserror::Error)]
pub enum BlockListError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// The path of the file.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The path names a folder, a pipe or a device. Reading one might never end.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// The file is too large.
    #[error("{} has more than {MAX_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// A line is neither a hash nor a comment.
    #[error("{}, line {line}: a hash has 64 hexadecimal digits, and a comment begins with #", file.display())]
    InvalidLine {
        /// The path of the file.
        file: PathBuf,
        /// The number of the line; the first line is 1.
        line: usize,
    },
}

/// Identifies a version of a file: device, inode, size, and the times of the last changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version(u64, u64, u64, [i64; 4]);

impl From<&Metadata> for Version {
    fn from(file: &Metadata) -> Self {
        let changed = [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()];
        Self(file.dev(), file.ino(), file.size(), changed)
    }
}

impl BlockedHashes {
    /// Reads the list.
    ///
    /// # Errors
    /// [`BlockListError`] if the file cannot be read or is not a valid list.
    pub fn open(file: PathBuf) -> Result<Self, BlockListError> {
        let (content, opened) = self::open(&file)?;
        let list = Self { file, hashes: RwLock::default(), opened };
        list.read(content)?;
        Ok(list)
    }

    /// Whether this hash is on the list.
    #[must_use]
    pub fn contains(&self, hash: MessageHash) -> bool {
        self.hashes.read().unwrap_or_else(PoisonError::into_inner).contains(&hash)
    }

    /// Reads the file again whenever it changes; never returns. Logs each new version, and each failure once.
    pub async fn keep_fresh(self: Arc<Self>) {
        let (mut seen, mut logged) = (Some(self.opened), None);
        let mut blocked = self.hashes.read().unwrap_or_else(PoisonError::into_inner).len();
        log::info!("--blocked-hashes-file: hashes that are blocked: {blocked}");
        loop {
            sleep(INTERVAL).await;
            let list = Arc::clone(&self);
            let reading = tokio::task::spawn_blocking(move || list.reload(seen));
            let Ok((now, result)) = self.wait_and_report(reading).await else { continue };
            seen = now;
            match result {
                Ok(None) => {}
                Ok(Some(number)) => {
                    if number == 0 && blocked > 0 {
                        log::warn!("--blocked-hashes-file: it has no hash, so nothing is blocked any more");
                    } else {
                        log::info!("--blocked-hashes-file: hashes that are blocked: {number}");
                    }
                    (blocked, logged) = (number, None);
                }
                Err(error) => {
                    let error = error.to_string();
                    // An invalid version is read once, an unreadable file each time.
                    if now.is_some() || logged.as_ref() != Some(&error) {
                        log::error!("--blocked-hashes-file: {error}; what was read before stays blocked");
                    }
                    logged = Some(error);
                }
            }
        }
    }

    /// Waits for the read without a limit, but logs when it is slow.
    async fn wait_and_report<T>(&self, mut reading: JoinHandle<T>) -> Result<T, JoinError> {
        if let Ok(done) = timeout(SLOW_READ, &mut reading).await {
            return done;
        }
        let file = self.file.display();
        log::error!(
            "--blocked-hashes-file: {file} has not been read for {SLOW_READ:?}; what was read before stays blocked"
        );
        let done = reading.await;
        log::info!("--blocked-hashes-file: the file system of {file} has answered");
        done
    }

    /// Reads the list unless its version is `seen`. Returns the version, and the number of hashes if it was read.
    fn reload(&self, seen: Option<Version>) -> (Option<Version>, Result<Option<usize>, BlockListError>) {
        match open(&self.file) {
            Ok((_, now)) if seen == Some(now) => (seen, Ok(None)),
            // A write from here on makes another version.
            Ok((file, now)) => match self.read(file) {
                // Read again next time, even if the version stays the same.
                Err(error @ BlockListError::Unreadable { .. }) => (None, Err(error)),
                read => (Some(now), read.map(Some)),
            },
            Err(error) => (None, Err(error)),
        }
    }

    fn read(&self, file: File) -> Result<usize, BlockListError> {
        let path = || self.file.clone();
        let mut text = Vec::new();
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut text);
        read.map_err(|source| BlockListError::Unreadable { file: path(), source })?;
        if text.len() as u64 > MAX_BYTES {
            return Err(BlockListError::TooLarge(path()));
        }
        let hashes = parse(&text).map_err(|line| BlockListError::InvalidLine { file: path(), line })?;
        let number = hashes.len();
        *self.hashes.write().unwrap_or_else(PoisonError::into_inner) = hashes;
        Ok(number)
    }
}

/// Opens the file, and returns it with its version.
fn open(path: &Path) -> Result<(File, Version), BlockListError> {
    let unreadable = |source| BlockListError::Unreadable { file: path.to_owned(), source };
    // Opening a pipe would block until it has a writer.
    let no_wait = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(no_wait).open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(BlockListError::NotAFile(path.to_owned()));
    }
    if metadata.len() > MAX_BYTES {
        return Err(BlockListError::TooLarge(path.to_owned()));
    }
    Ok((file, Version::from(&metadata)))
}

/// Parses a list; `Err` is the number of the first invalid line.
fn parse(text: &[u8]) -> Result<HashSet<MessageHash>, usize> {
    let hash = |(index, line): (usize, &[u8])| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.contains(&b'\r') {
            return Some(Err(index + 1)); // a bare CR was meant as a line end, so the rest is not a comment
        }
        let line = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
        let hash = || str::from_utf8(line).ok().and_then(MessageHash::parse).ok_or(index + 1);
        (!line.is_empty()).then(hash)
    };
    text.split(|byte| *byte == b'\n').enumerate().filter_map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    #[test]
    fn block_list_has_hashes_and_comments() {
        let bar = MessageHash::of(b"bar");
        let text = format!("# a list\n\n  {} # by order 7\r\n{bar}\n{bar}", FOO.to_uppercase());
        assert_eq!(parse(text.as_bytes()), Ok(HashSet::from([MessageHash::of(b"foo"), bar])));
        assert_eq!(parse(b""), Ok(HashSet::new()));
    }

    #[test]
    fn unreadable_block_list_is_read_again() {
        // This file exists and cannot be read.
        let list = |file: &str| BlockedHashes {
            file: file.into(),
            hashes: RwLock::default(),
            opened: Version(0, 0, 0, [0; 4]),
        };
        assert!(matches!(
            list("/proc/self/mem").reload(None),
            (None, Err(BlockListError::Unreadable { .. }))
        ));
        assert!(matches!(
            list("/proc/self/maps").reload(None),
            (Some(_), Err(BlockListError::InvalidLine { .. }))
        ));
    }

    #[test]
    fn invalid_block_list_line_is_named() {
        for wrong in ["x", &FOO[1..], &format!("{FOO}  foo.txt"), &format!("{FOO} {FOO}"), "\u{e9}"] {
            assert_eq!(parse(format!("# one\n{FOO}\n{wrong}\n").as_bytes()), Err(3), "{wrong}");
        }
        assert_eq!(parse(b"\xff"), Err(1));
        assert_eq!(parse(format!("# a list\r{FOO}\r").as_bytes()), Err(1));
    }
}
