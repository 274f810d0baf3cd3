//! Names and paths of the files in a data folder (fjall 3).
//!
//! | path | content |
//! | --- | --- |
//! | `version` | the format, written last when a folder is created |
//! | `lock` | empty, locked while a process has the folder open |
//! | `N.jnl` | a journal; N grows |
//! | `keyspaces/0` | the engine's own tree |
//! | `keyspaces/1` | the tree of messages |
//! | `keyspaces/*/current` | the number and checksum of the manifest |
//! | `keyspaces/*/vN` | a manifest: the list of the tree's files |
//! | `keyspaces/*/tables/`, `blobs/` | tables, and files of large messages |

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

pub(in crate::store::embedded) const VERSION: &str = "version";
/// The content of `version`.
pub(super) const FORMAT: &[u8] = b"FJL\x03";
pub(in crate::store::embedded) const LOCK: &str = "lock";
pub(in crate::store::embedded) const FIRST_JOURNAL: &str = "0.jnl";
pub(in crate::store::embedded) const TREES: &str = "keyspaces";
pub(super) const CURRENT: &str = "current";
/// The unit of `st_blocks` in stat(2).
const BLOCK_BYTES: u64 = 512;

/// The journals, oldest first.
pub(in crate::store::embedded) fn journals(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut journals = list(folder)?;
    journals.retain(|path| journal_number(path).is_some());
    journals.sort_by_key(|path| journal_number(path));
    Ok(journals)
}

/// The disk space that a copy of the largest journal needs, in bytes; at least 1.
pub(in crate::store::embedded) fn largest_journal_bytes(folder: &Path) -> io::Result<u64> {
    let mut sizes = journals(folder)?.into_iter().map(|path| Ok(path.metadata()?.blocks() * BLOCK_BYTES));
    sizes.try_fold(1, |largest, size: io::Result<u64>| Ok(largest.max(size?)))
}

/// The number of the journal that the engine appends to.
pub(in crate::store::embedded) fn last_journal(folder: &Path) -> io::Result<Option<u64>> {
    Ok(journals(folder)?.last().and_then(|path| journal_number(path)))
}

pub(in crate::store::embedded) fn journal_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number}.jnl"))
}

/// The number of a journal, or `None` if the file is not a journal.
pub(in crate::store::embedded) fn journal_number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".jnl")?.parse().ok()
}

/// The paths in a folder. A missing folder counts as empty.
pub(in crate::store::embedded) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// The engine's own tree.
pub(super) fn engine_tree(folder: &Path) -> PathBuf {
    folder.join(TREES).join("0")
}

/// The tree of messages, among the `trees` of the folder.
pub(super) fn messages_tree(folder: &Path, trees: &[PathBuf]) -> PathBuf {
    let own = engine_tree(folder);
    let messages = trees.iter().find(|tree| **tree != own).cloned();
    messages.unwrap_or_else(|| folder.join(TREES).join("1"))
}

/// The file that names the manifest of the tree of messages.
pub(in crate::store::embedded) fn current_of_messages(folder: &Path) -> io::Result<PathBuf> {
    Ok(messages_tree(folder, &list(&folder.join(TREES))?).join(CURRENT))
}

/// Whether messages were ever stored in this folder, judged by the names of its files.
#[must_use]
pub fn is_data_folder(folder: &Path) -> bool {
    let is_absent = |name: &str| {
        folder.join(name).symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let has_no_more = |journals: Vec<PathBuf>| journals.iter().all(|path| path.ends_with(FIRST_JOURNAL));
    !([VERSION, TREES].into_iter().all(is_absent) && journals(folder).is_ok_and(has_no_more))
}
