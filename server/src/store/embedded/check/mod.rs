//! The read-only check of a data folder before the engine (fjall 3) opens it.
//!
//! The engine trusts its files too much. If a file is missing or a list of files is shortened, it takes the other
//! files for leftovers and deletes them. It cuts a journal at the first byte that it cannot read. Both are right after
//! a crash. After damage they would destroy messages that could still be restored, so [`check`] refuses a damaged
//! folder. It also refuses files with the engine's names that another program wrote.
//!
//! The folders in `server/tests/golden` were written by the pinned version of fjall; see `tests`.

mod archive;
mod error;
mod journal;
mod layout;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(super) use self::error::{CheckError, is_bad_block};
pub(super) use self::journal::{BATCH_START, MAX_BATCH_ITEMS, UnfinishedWrite, without_trailing_zeros};
pub use self::layout::is_data_folder;
use self::layout::{CURRENT, FORMAT, engine_tree, messages_tree};
pub(super) use self::layout::{
    FIRST_JOURNAL, LOCK, TREES, VERSION, current_of_messages, journal_number, journal_path, journals,
    largest_journal_bytes, last_journal, list,
};

/// The findings in a folder that may be opened.
#[derive(Debug)]
pub(super) struct Report {
    /// The journals, oldest first.
    pub(super) journals: Vec<PathBuf>,
    /// A write that a crash interrupted before it was acknowledged.
    pub(super) unfinished: Option<UnfinishedWrite>,
    /// The creation of the folder was interrupted. It has no messages, and the engine cannot open it.
    pub(super) is_half_created: bool,
}

/// Checks the folder and changes nothing in it. The caller holds the folder's lock, so that no write is in progress.
pub(super) fn check(folder: &Path) -> Result<Report, CheckError> {
    let has_version = has_version(folder)?;
    let trees = list(&folder.join(TREES)).map_err(|error| CheckError::unreadable(folder, error))?;
    let journals = journals(folder).map_err(|error| CheckError::unreadable(folder, error))?;
    // The first journal is older than the first tree. Without any journal, the engine would reuse the sequence numbers
    // of earlier writes, and would take its next writes for older than those.
    if journals.is_empty() && !trees.is_empty() {
        return Err(CheckError::damaged(&folder.join("*.jnl"), "is missing"));
    }
    let end = journal::check(&journals)?;
    let was_written = end.next_sequence > 0 || journals.iter().any(|path| !path.ends_with(FIRST_JOURNAL));
    // A folder that was never written to may lack any file: its creation was interrupted.
    if was_written {
        require_files(folder, &trees)?;
    } else if trees.is_empty() && !has_version {
        // `version` is complete before anything is written to a journal.
        if let Some(unfinished) = end.unfinished {
            return Err(CheckError::foreign(&unfinished.journal));
        }
        return Ok(Report { journals, unfinished: None, is_half_created: true });
    }
    trees.iter().try_for_each(|tree| check_tree(tree))?;
    Ok(Report { journals, unfinished: end.unfinished, is_half_created: false })
}

/// Whether `version` is complete. A missing or cut file means a half-created folder. Any other content may belong to
/// another program.
pub(super) fn has_version(folder: &Path) -> Result<bool, CheckError> {
    let path = folder.join(VERSION);
    match fs::read(&path) {
        Ok(content) if content == FORMAT => Ok(true),
        Ok(content) if FORMAT.starts_with(&content) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Ok(_) => Err(CheckError::foreign(&path)),
        Err(error) => Err(CheckError::reading(&path, error)),
    }
}

/// Requires the files without which the engine would create new ones, or would delete the messages.
fn require_files(folder: &Path, trees: &[PathBuf]) -> Result<(), CheckError> {
    let current = |tree: PathBuf| tree.join(CURRENT);
    let required =
        [folder.join(VERSION), current(engine_tree(folder)), current(messages_tree(folder, trees))];
    match required.iter().find(|path| !path.exists()) {
        Some(path) => Err(CheckError::damaged(path, "is missing")),
        None => Ok(()),
    }
}

fn check_tree(tree: &Path) -> Result<(), CheckError> {
    let current = tree.join(CURRENT);
    if !current.exists() {
        return Ok(()); // its creation was interrupted: see `require_files`
    }
    archive::check_manifest(tree, &current)?;
    for kind in ["tables", "blobs"] {
        let files = list(&tree.join(kind)).map_err(|error| CheckError::reading(tree, error))?;
        files.iter().try_for_each(|path| archive::check(path))?;
    }
    Ok(())
}
