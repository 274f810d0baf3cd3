//! Hashes whose messages are neither given nor taken: a file with one a line, read again whenever it changes.
//!
//! What was read last holds while the file is away or has a line that is none, so nothing is let through by mistake.

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

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_secs(1);
/// No file that is there takes as long. One across a network may take for ever.
const SLOW: Duration = Duration::from_secs(5);
/// Some four million hashes. What is larger is no list, and would be in memory before that is known.
const MOST_BYTES: u64 = 256 << 20;

/// The hashes of a file.
#[derive(Debug)]
pub struct BlockedHashes {
    file: PathBuf,
    hashes: RwLock<HashSet<MessageHash>>,
    opened: Version,
}

/// Why a file is no list of hashes.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It cannot be read.
    #[error("cannot read {}: {cause}", file.display())]
    Unreadable {
        /// Its path.
        file: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// It is a folder, a pipe or the like, which may never end.
    #[error("{} is no file", .0.display())]
    NoFile(PathBuf),
    /// It is larger than any list.
    #[error("{} has more than {MOST_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// A line is neither a hash nor a comment.
    #[error("{}, line {line}: a hash has 64 hexadecimal digits, and a comment begins with #", file.display())]
    NoHash {
        /// Its path.
        file: PathBuf,
        /// The first is 1.
        line: usize,
    },
}

/// What differs between two versions of a file: device, inode, size, and when it was changed.
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
    /// [`ListError`] where the file is none.
    pub fn open(file: PathBuf) -> Result<Self, ListError> {
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

    /// Follows the file, for ever. Says of each version whether it is a list, and once why there is none to be read.
    pub async fn keep_fresh(self: Arc<Self>) {
        let (mut seen, mut said) = (Some(self.opened), None);
        let mut blocked = self.hashes.read().unwrap_or_else(PoisonError::into_inner).len();
        log::info!("--blocked-hashes-file: hashes that are blocked: {blocked}");
        loop {
            sleep(INTERVAL).await;
            let list = Arc::clone(&self);
            let looking = tokio::task::spawn_blocking(move || list.look(seen));
            let Ok((now, looked)) = self.patiently(looking).await else { continue };
            seen = now;
            match looked {
                Ok(None) => {}
                Ok(Some(number)) => {
                    if number == 0 && blocked > 0 {
                        log::warn!("--blocked-hashes-file: it has no hash, so nothing is blocked any more");
                    } else {
                        log::info!("--blocked-hashes-file: hashes that are blocked: {number}");
                    }
                    (blocked, said) = (number, None);
                }
                Err(error) => {
                    let error = error.to_string();
                    // A version with a wrong line is read once; what cannot be read, each time.
                    if now.is_some() || said.as_ref() != Some(&error) {
                        log::error!("--blocked-hashes-file: {error}; what was read before stays blocked");
                    }
                    said = Some(error);
                }
            }
        }
    }

    /// Waits however long it takes, but says that it does.
    async fn patiently<T>(&self, mut looking: JoinHandle<T>) -> Result<T, JoinError> {
        if let Ok(looked) = timeout(SLOW, &mut looking).await {
            return looked;
        }
        let file = self.file.display();
        log::error!(
            "--blocked-hashes-file: {file} has not been read for {SLOW:?}; what was read before stays blocked"
        );
        let looked = looking.await;
        log::info!("--blocked-hashes-file: the file system of {file} has answered");
        looked
    }

    /// Reads the list if it is not the version that was seen. The version that it is, and how many hashes were read.
    fn look(&self, seen: Option<Version>) -> (Option<Version>, Result<Option<usize>, ListError>) {
        match open(&self.file) {
            Ok((_, now)) if seen == Some(now) => (seen, Ok(None)),
            // What is written from here on is another version.
            Ok((file, now)) => match self.read(file) {
                // Tried again, though it stays the same.
                Err(error @ ListError::Unreadable { .. }) => (None, Err(error)),
                read => (Some(now), read.map(Some)),
            },
            Err(error) => (None, Err(error)),
        }
    }

    fn read(&self, file: File) -> Result<usize, ListError> {
        let path = || self.file.clone();
        let mut text = Vec::new();
        let read = file.take(MOST_BYTES + 1).read_to_end(&mut text);
        read.map_err(|cause| ListError::Unreadable { file: path(), cause })?;
        if text.len() as u64 > MOST_BYTES {
            return Err(ListError::TooLarge(path()));
        }
        let hashes = parse(&text).map_err(|line| ListError::NoHash { file: path(), line })?;
        let number = hashes.len();
        *self.hashes.write().unwrap_or_else(PoisonError::into_inner) = hashes;
        Ok(number)
    }
}

/// What may be a list, and its version.
fn open(path: &Path) -> Result<(File, Version), ListError> {
    let unreadable = |cause| ListError::Unreadable { file: path.to_owned(), cause };
    // To open a pipe would wait for its writer.
    let no_wait = OFlags::NONBLOCK.bits().cast_signed();
    let file = File::options().read(true).custom_flags(no_wait).open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ListError::NoFile(path.to_owned()));
    }
    if metadata.len() > MOST_BYTES {
        return Err(ListError::TooLarge(path.to_owned()));
    }
    Ok((file, Version::from(&metadata)))
}

/// The hashes of a list; `Err` is the number of a line that is none.
fn parse(text: &[u8]) -> Result<HashSet<MessageHash>, usize> {
    let hash = |(index, line): (usize, &[u8])| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.contains(&b'\r') {
            return Some(Err(index + 1)); // the end of a line to who wrote it, so what follows is no comment
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
    fn a_list_has_a_hash_a_line_and_comments() {
        let bar = MessageHash::of(b"bar");
        let text = format!("# a list\n\n  {} # by order 7\r\n{bar}\n{bar}", FOO.to_uppercase());
        assert_eq!(parse(text.as_bytes()), Ok(HashSet::from([MessageHash::of(b"foo"), bar])));
        assert_eq!(parse(b""), Ok(HashSet::new()));
    }

    #[test]
    fn a_list_that_could_not_be_read_is_tried_again() {
        // It is there, and cannot be read.
        let list = |file: &str| BlockedHashes {
            file: file.into(),
            hashes: RwLock::default(),
            opened: Version(0, 0, 0, [0; 4]),
        };
        assert!(matches!(list("/proc/self/mem").look(None), (None, Err(ListError::Unreadable { .. }))));
        assert!(matches!(list("/proc/self/maps").look(None), (Some(_), Err(ListError::NoHash { .. }))));
    }

    #[test]
    fn a_line_that_is_no_hash_is_named() {
        for wrong in ["x", &FOO[1..], &format!("{FOO}  foo.txt"), &format!("{FOO} {FOO}"), "\u{e9}"] {
            assert_eq!(parse(format!("# one\n{FOO}\n{wrong}\n").as_bytes()), Err(3), "{wrong}");
        }
        assert_eq!(parse(b"\xff"), Err(1));
        assert_eq!(parse(format!("# a list\r{FOO}\r").as_bytes()), Err(1));
    }
}
