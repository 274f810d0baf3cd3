//! The engine's journals, read only to tell the end that a crash leaves from damage.
//!
//! A journal is a row of batches, each on disk before the next one is begun; zeros may follow. After a
//! crash the last batch may have holes: it was never acknowledged. Where anything else is wrong another
//! batch follows, in this journal or the next one. The engine would drop it, or not open at all for a
//! last batch with a hole.
//!
//! A batch of fjall 3, integers little-endian: tag 1, u32 number of items, u64 write number; items; tag 3,
//! u64 xxh3 of the items, magic. An item: tag 2, u8 kind, u8 compression, u64 tree, u16 length of the key,
//! u32 length of the value, u32 its length here; key; value.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::super::{expiry, foreign};
use super::error::damaged;
use crate::store::OpenError;

/// A copy under way.
pub(in crate::store::embedded) const COPY: &str = "journal-copy";
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const MAGIC: &[u8] = b"FJL\x03";
/// The engine's own work takes a few of the numbers between two batches.
const MOST_BETWEEN: u64 = 1024;
/// What no batch may be larger than. It bounds the search behind a damaged one.
pub(in crate::store::embedded) const ITEMS_AT_MOST: usize = 4096;

/// The end of the journals.
#[derive(Default)]
pub(in crate::store::embedded) struct End {
    /// The number of the next write; 0 where there was none.
    pub(in crate::store::embedded) next_write: u64,
    unfinished: Option<Unfinished>,
}

/// A batch that a crash interrupted.
struct Unfinished {
    journal: PathBuf,
    at: usize,
    bytes: usize,
}

/// Checks the journals, oldest first, and changes none.
pub(in crate::store::embedded) fn check(journals: &[PathBuf]) -> Result<End, OpenError> {
    journals.iter().try_fold(End::default(), |before, path| check_one(path, before))
}

fn check_one(path: &Path, before: End) -> Result<End, OpenError> {
    let content = fs::read(path).map_err(|error| unusable(path, &error))?;
    let (mut next_write, mut rest) = (before.next_write, content.as_slice());
    while let Some((write, after)) = batch(rest).filter(|(write, _)| *write >= next_write) {
        (next_write, rest) = (write + 1, after);
    }
    let unfinished = without_zeros_at_end(rest);
    let at = content.len() - rest.len();
    // What looks like a batch within a message of the unfinished one was written by a client.
    let (begin, writes) = beyond_unfinished(unfinished);
    let follows = |at: usize| batch(&unfinished[at..]).is_some_and(|(write, _)| writes.contains(&write));
    if (begin..unfinished.len()).any(follows) {
        return Err(not_as_written(path, at));
    }
    let is_empty = at == 0 && unfinished.is_empty();
    match before.unfinished {
        Some(not_last) if !is_empty => Err(not_as_written(&not_last.journal, not_last.at)),
        None if !unfinished.is_empty() => {
            let unfinished = Unfinished { journal: path.to_owned(), at, bytes: unfinished.len() };
            Ok(End { next_write, unfinished: Some(unfinished) })
        }
        unfinished => Ok(End { next_write, unfinished }),
    }
}

fn not_as_written(path: &Path, from: usize) -> OpenError {
    damaged(path, &format!("is not what was written, from byte {from} on"))
}

fn unusable(path: &Path, error: &io::Error) -> OpenError {
    OpenError(format!("cannot use the journal {}: {error}", path.display()))
}

impl End {
    pub(in crate::store::embedded) fn has_unfinished(&self) -> bool {
        self.unfinished.is_some()
    }

    /// Cuts an unfinished batch off.
    pub(in crate::store::embedded) fn cut_unfinished(self) -> Result<(), OpenError> {
        let Some(Unfinished { journal, at, bytes }) = self.unfinished else { return Ok(()) };
        log::warn!("{} ends with {bytes} bytes of an unfinished write; dropped them", journal.display());
        let cut = || {
            let file = OpenOptions::new().write(true).open(&journal)?;
            file.set_len(at as u64)?;
            file.sync_all()
        };
        cut().map_err(|error| unusable(&journal, &error))
    }
}

/// Replaces the journal by a copy in blocks of its own. The folder is synced by the caller.
pub(in crate::store::embedded) fn copy_anew(path: &Path) -> io::Result<()> {
    let content = fs::read(path)?;
    let content = without_zeros_at_end(&content);
    if content.is_empty() {
        return Ok(());
    }
    // One name for all, and not one of the engine's: what a crash leaves is overwritten or ignored.
    let copy = path.with_file_name(COPY);
    let mut file =
        foreign::create_anew(&copy, |begin| begin.first().is_none_or(|tag| [0, START].contains(tag)))?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    match written {
        Ok(()) => fs::rename(copy, path),
        Err(error) => fs::remove_file(copy).and(Err(error)),
    }
}

pub(in crate::store::embedded) fn without_zeros_at_end(mut bytes: &[u8]) -> &[u8] {
    const ZEROS: &[u8] = &[0; 4096];
    while let Some(rest) = bytes.strip_suffix(ZEROS) {
        bytes = rest;
    }
    while let Some(rest) = bytes.strip_suffix(&[0]) {
        bytes = rest;
    }
    bytes
}

/// The number of the write at the beginning of `bytes`, and what follows it; `None` where there is no
/// whole one.
fn batch(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut rest = Reader(bytes);
    rest.tag(START)?;
    let items = rest.u32().filter(|items| (1..=ITEMS_AT_MOST).contains(&(*items as usize)))?;
    let write = rest.u64()?;
    let content = rest.0;
    for _ in 0..items {
        rest.item()?;
    }
    let content = &content[..content.len() - rest.0.len()];
    rest.tag(END)?;
    let checksum = rest.u64()?;
    let is_whole = rest.take(MAGIC.len())? == MAGIC && xxhash_rust::xxh3::xxh3_64(content) == checksum;
    is_whole.then_some((write, rest.0))
}

/// Where batches may follow an unfinished one, behind what can be read of it, and the numbers that their writes may
/// have: those of the next ones, if its last item ends beyond all that is there. A client does not know them.
fn beyond_unfinished(bytes: &[u8]) -> (usize, RangeInclusive<u64>) {
    let any = 0..=u64::MAX;
    let mut rest = Reader(bytes);
    let Some(write) = rest.tag(START).and_then(|()| rest.u32()).and_then(|_| rest.u64()) else {
        return (1, any);
    };
    let mut read = rest.0;
    while rest.item().is_some() {
        read = rest.0;
    }
    let is_torn = Reader(read).item_bytes().is_some_and(|bytes| bytes > read.len());
    (bytes.len() - read.len(), if is_torn { write..=write.saturating_add(MOST_BETWEEN) } else { any })
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn tag(&mut self, tag: u8) -> Option<()> {
        (self.take(1)? == [tag]).then_some(())
    }

    /// One message under its hash, the time at which it expires, or that one of these is removed.
    fn item(&mut self) -> Option<()> {
        let bytes = Reader(self.0).item_bytes()?;
        self.take(bytes).map(drop)
    }

    /// How long the item is that begins here, whether all of it is there or not.
    fn item_bytes(&mut self) -> Option<usize> {
        let before = self.0.len();
        self.tag(ITEM)?;
        self.take(1 + 1 + 8)?;
        let key = self.u16().map(usize::from).filter(|length| expiry::KEY_LENGTHS.contains(length))?;
        let _length_unpacked = self.u32()?;
        let value = usize::try_from(self.u32()?).ok()?;
        (before - self.0.len() + key).checked_add(value)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }
}
