//! Protects the files of other programs, and warns if other users can read the messages.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::check::{LOCK, TREES, VERSION, journal_number, list};
use super::journals::COPY_FILE;
use super::reopen::PROBE_FILE;
use crate::store::OpenError;

/// The socket on which a server sends the messages of its folder to `export` and `copy`.
pub const SOCKET: &str = "export.sock";
/// All names that this program creates in a data folder, except journals.
const OURS: [&str; 6] = [VERSION, LOCK, TREES, COPY_FILE, PROBE_FILE, SOCKET];
/// Created by the file system in its root folder.
const LOST_AND_FOUND: &str = "lost+found";
/// How much of a leftover is read before it is replaced.
const BEGIN_BYTES: u64 = 4096;

/// Refuses a folder that contains a file which this program never creates.
pub(super) fn check(folder: &Path) -> Result<(), OpenError> {
    let files = list(folder).map_err(|error| OpenError::folder(folder, error))?;
    let is_ours = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        journal_number(path).is_some() || OURS.iter().chain(&[LOST_AND_FOUND]).any(|ours| *ours == name)
    };
    match files.iter().find(|path| !is_ours(path)) {
        None => Ok(()),
        Some(path) => Err(OpenError::new(format!(
            "{} is not a data folder and not empty: {} is not this program's; name a folder that is empty or missing",
            folder.display(),
            path.display()
        ))),
    }
}

/// Creates the file `path`. Replaces a leftover of a crash, which `is_ours` recognizes by its first bytes.
pub(super) fn create_anew(path: &Path, is_ours: impl Fn(&[u8]) -> bool) -> io::Result<File> {
    match File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mut begin = Vec::new();
            let is_file = fs::symlink_metadata(path)?.is_file();
            if is_file {
                File::open(path)?.take(BEGIN_BYTES).read_to_end(&mut begin)?;
            }
            if !is_file || !is_ours(&begin) {
                return Err(io::Error::other(format!("{} is not this program's", path.display())));
            }
            fs::remove_file(path)?;
            File::create_new(path)
        }
        made => made,
    }
}

/// Warns if every user of the machine may read the folder.
pub(super) fn warn_of_readers(folder: &Path) {
    const OTHERS: u32 = 0o007;
    let mode = fs::metadata(folder).map_or(0, |folder| folder.permissions().mode() & 0o7777);
    if mode & OTHERS != 0 {
        log::warn!(
            "the data folder {} is open to every user of this machine (mode {mode:03o}); chmod 700 it",
            folder.display()
        );
    }
}
