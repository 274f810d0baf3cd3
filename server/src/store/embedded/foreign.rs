//! Files that are not this program's, and users who are not its own: they keep what they have, and get nothing.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::check::journal::COPY;
use super::folder::{LOCK, TREES, VERSION, list, number};
use super::reopen::PROBE_FILE;
use crate::store::OpenError;

/// Where a server gives the messages of its folder to `export` and `copy`.
pub const SOCKET: &str = "export.sock";
/// Every name that this program makes in a data folder, but those of journals.
const OURS: [&str; 6] = [VERSION, LOCK, TREES, COPY, PROBE_FILE, SOCKET];
/// Made by the file system, in the folder that it is mounted on.
const OF_THE_DISK: &str = "lost+found";
/// Of a leftover that is looked at before it is replaced.
const BEGIN_BYTES: u64 = 4096;

/// Refuses a folder that has a file which this program never makes.
pub(super) fn check(folder: &Path) -> Result<(), OpenError> {
    let files = list(folder)
        .map_err(|error| OpenError(format!("cannot use the data folder {}: {error}", folder.display())))?;
    let is_ours = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        number(path).is_some() || OURS.iter().chain(&[OF_THE_DISK]).any(|ours| *ours == name)
    };
    match files.iter().find(|path| !is_ours(path)) {
        None => Ok(()),
        Some(path) => Err(OpenError(format!(
            "{} is no data folder and not empty: {} is not this program's; name a folder that is empty or not there",
            folder.display(),
            path.display()
        ))),
    }
}

/// Says that this file has one of our names, and other content.
pub(super) fn not_ours(path: &Path) -> OpenError {
    OpenError(format!(
        "{} is not this program's and was left as it is; name another data folder, or move the file away",
        path.display()
    ))
}

/// Makes a file of this name. It replaces a leftover of a crash, which `is_ours` knows by how it begins.
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

/// Warns of a folder that every user of the machine may read.
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
