//! Checks the engine's journals: tells the torn end that a crash leaves from damage.
//!
//! A journal is a sequence of batches, each synced before the next one begins; zeros may follow. After a crash the
//! last batch may have holes; it was never acknowledged. If another batch follows the invalid bytes, in this journal
//! or in the next one, the journal is damaged. The engine would drop the batches that follow, and it does not open a
//! journal at all whose last batch has a hole.
//!
//! A batch of fjall 3, integers little-endian: tag 1, u32 number of items, u64 sequence number; items; tag 3,
//! u64 xxh3 of the items, magic. An item: tag 2, u8 kind, u8 compression, u64 tree, u16 length of the key,
//! u32 length of the value, u32 its length in this file; key; value.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::CheckError;
use crate::store::embedded::expiry;

/// The tag that begins a batch.
pub(in crate::store::embedded) const BATCH_START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const MAGIC: &[u8] = b"FJL\x03";
/// The engine's own work uses a few sequence numbers between two batches.
const MAX_SEQUENCE_GAP: u64 = 1024;
/// The most items in one batch. It bounds the search for a batch after invalid bytes.
pub(in crate::store::embedded) const MAX_BATCH_ITEMS: usize = 4096;

/// The state after the last valid batch of all journals.
#[derive(Default)]
pub(super) struct JournalsEnd {
    /// The lowest sequence number of the next batch; 0 if there was no batch.
    pub(super) next_sequence: u64,
    pub(super) unfinished: Option<UnfinishedWrite>,
}

/// A batch that a crash interrupted: the last `bytes` bytes of `journal`, from offset `at` on.
#[derive(Debug)]
pub(in crate::store::embedded) struct UnfinishedWrite {
    pub(in crate::store::embedded) journal: PathBuf,
    pub(in crate::store::embedded) at: usize,
    pub(in crate::store::embedded) bytes: usize,
}

/// Checks the journals, oldest first.
pub(super) fn check(journals: &[PathBuf]) -> Result<JournalsEnd, CheckError> {
    journals.iter().try_fold(JournalsEnd::default(), |before, path| check_one(path, before))
}

fn check_one(path: &Path, before: JournalsEnd) -> Result<JournalsEnd, CheckError> {
    let content = fs::read(path).map_err(|error| CheckError::unreadable(path, error))?;
    let (mut next_sequence, mut rest) = (before.next_sequence, content.as_slice());
    while let Some((sequence, after)) = batch(rest).filter(|(sequence, _)| *sequence >= next_sequence) {
        (next_sequence, rest) = (sequence + 1, after);
    }
    let invalid = without_trailing_zeros(rest);
    let at = content.len() - rest.len();
    // A message inside the unfinished batch may look like a batch: a client chose its bytes.
    let (begin, sequences) = later_batches(invalid);
    let follows =
        |at: usize| batch(&invalid[at..]).is_some_and(|(sequence, _)| sequences.contains(&sequence));
    if (begin..invalid.len()).any(follows) {
        return Err(not_as_written(path, at));
    }
    let is_empty = at == 0 && invalid.is_empty();
    match before.unfinished {
        Some(not_last) if !is_empty => Err(not_as_written(&not_last.journal, not_last.at)),
        None if !invalid.is_empty() => {
            let unfinished = UnfinishedWrite { journal: path.to_owned(), at, bytes: invalid.len() };
            Ok(JournalsEnd { next_sequence, unfinished: Some(unfinished) })
        }
        unfinished => Ok(JournalsEnd { next_sequence, unfinished }),
    }
}

fn not_as_written(path: &Path, from: usize) -> CheckError {
    CheckError::damaged(path, format!("is not what was written, from byte {from} on"))
}

/// The journal without the zeros at its end, which the engine reserved.
pub(in crate::store::embedded) fn without_trailing_zeros(mut bytes: &[u8]) -> &[u8] {
    const ZEROS: &[u8] = &[0; 4096];
    while let Some(rest) = bytes.strip_suffix(ZEROS) {
        bytes = rest;
    }
    while let Some(rest) = bytes.strip_suffix(&[0]) {
        bytes = rest;
    }
    bytes
}

/// Parses the batch at the beginning of `bytes`: its sequence number and the bytes after it. `None` without a
/// complete batch.
fn batch(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut rest = ByteReader(bytes);
    rest.tag(BATCH_START)?;
    let items = rest.u32().filter(|items| (1..=MAX_BATCH_ITEMS).contains(&(*items as usize)))?;
    let sequence = rest.u64()?;
    let content = rest.0;
    for _ in 0..items {
        rest.item()?;
    }
    let content = &content[..content.len() - rest.0.len()];
    rest.tag(END)?;
    let checksum = rest.u64()?;
    let is_whole = rest.take(MAGIC.len())? == MAGIC && xxhash_rust::xxh3::xxh3_64(content) == checksum;
    is_whole.then_some((sequence, rest.0))
}

/// Returns the offset from which to search for a later batch, and the sequence numbers that such a batch could have.
///
/// The search begins after the items of the unfinished batch that can be parsed. If its last item ends beyond the
/// file, the rest is part of that item, and a client chose its bytes. Then only the next few sequence numbers count,
/// which a client does not know.
fn later_batches(bytes: &[u8]) -> (usize, RangeInclusive<u64>) {
    let any = 0..=u64::MAX;
    let mut rest = ByteReader(bytes);
    let Some(sequence) = rest.tag(BATCH_START).and_then(|()| rest.u32()).and_then(|_| rest.u64()) else {
        return (1, any);
    };
    let mut unparsed = rest.0;
    while rest.item().is_some() {
        unparsed = rest.0;
    }
    let is_torn = ByteReader(unparsed).item_bytes().is_some_and(|bytes| bytes > unparsed.len());
    let sequences = if is_torn { sequence..=sequence.saturating_add(MAX_SEQUENCE_GAP) } else { any };
    (bytes.len() - unparsed.len(), sequences)
}

struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn tag(&mut self, tag: u8) -> Option<()> {
        (self.take(1)? == [tag]).then_some(())
    }

    /// Skips one item: a message, an expiry, or the removal of one of these.
    fn item(&mut self) -> Option<()> {
        let bytes = ByteReader(self.0).item_bytes()?;
        self.take(bytes).map(drop)
    }

    /// The length of the item that begins here, in bytes. The item may end beyond the available bytes.
    fn item_bytes(&mut self) -> Option<usize> {
        let before = self.0.len();
        self.tag(ITEM)?;
        self.take(1 + 1 + 8)?;
        let key = self.u16().map(usize::from).filter(|length| expiry::KEY_LENGTHS.contains(length))?;
        let _uncompressed_bytes = self.u32()?;
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
