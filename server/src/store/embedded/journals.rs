//! Changes to journals while the engine does not have the folder open: copy, cut and retire.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::check::{
    BATCH_START, TREES, UnfinishedWrite, journal_number, journal_path, journals, list, without_trailing_zeros,
};
use super::folder;
use super::foreign;
use crate::store::OpenError;

/// The name of a copy in progress.
pub(super) const COPY_FILE: &str = "journal-copy";

/// Replaces the journal by a copy on other blocks of the disk. The caller syncs the folder.
pub(super) fn copy(path: &Path) -> io::Result<()> {
    let content = fs::read(path)?;
    let content = without_trailing_zeros(&content);
    if content.is_empty() {
        return Ok(());
    }
    // The same name for every copy, and not a name of the engine, which therefore ignores a leftover.
    let copy = path.with_file_name(COPY_FILE);
    let is_copy = |begin: &[u8]| begin.first().is_none_or(|tag| [0, BATCH_START].contains(tag));
    let mut file = foreign::create_anew(&copy, is_copy)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    match written {
        Ok(()) => fs::rename(copy, path),
        Err(error) => fs::remove_file(copy).and(Err(error)),
    }
}

/// Cuts off an unfinished write.
pub(super) fn cut(unfinished: &UnfinishedWrite) -> io::Result<()> {
    let UnfinishedWrite { journal, at, bytes } = unfinished;
    log::warn!("{} ends with {bytes} bytes of an unfinished write; dropped them", journal.display());
    let file = OpenOptions::new().write(true).open(journal)?;
    file.set_len(*at as u64)?;
    file.sync_all()
}

/// Replaces all journals by one empty journal, as the engine does one by one. Only for a folder whose messages are all
/// in tables.
pub(super) fn retire(folder: &Path) -> Result<(), OpenError> {
    let _lock = folder::lock(folder)?;
    replace_all(folder)
        .map_err(|error| OpenError::caused_by(format!("the journals of {}", folder.display()), error))
}

fn replace_all(folder: &Path) -> io::Result<()> {
    let old = journals(folder)?;
    let is_empty = |path: &PathBuf| path.metadata().is_ok_and(|journal| journal.len() == 0);
    let last = old.last().filter(|_| !old.iter().all(is_empty));
    let Some(last) = last.and_then(|path| journal_number(path)) else { return Ok(()) };
    let sync = |folder: &Path| File::open(folder)?.sync_all();
    for tree in list(&folder.join(TREES))? {
        list(&tree)?.iter().filter(|path| path.is_dir()).try_for_each(|files| sync(files))?;
    }
    File::create_new(journal_path(folder, last + 1))?.sync_all()?;
    sync(folder)?; // before the old journals go: a folder without any journal counts as damaged
    old.iter().try_for_each(fs::remove_file)?;
    sync(folder)
}
