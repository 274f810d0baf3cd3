//! The engine's archives: its tables, blob files and manifests, as far as the engine trusts their bytes.
//!
//! An archive (sfa 1, integers little-endian) ends with its table of contents and a trailer: magic, version,
//! u8 kind of checksum, u128 xxh3 of the contents, u64 where they begin, u64 their length.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::error::{damaged, unreadable};
use crate::store::OpenError;

const CONTENTS: &[u8] = b"TOC!";
const TRAILER: &[u8] = b"SFA!\x01\x00";
const TRAILER_BYTES: usize = 6 + 16 + 8 + 8;
/// Much more than the engine's archives have.
const CONTENTS_AT_MOST: usize = 1 << 20;

/// Checks the table of contents: the engine reserves memory for as many entries as it claims to have,
/// before it compares the checksum. An archive without one is left to the engine: it may be a leftover.
pub(in crate::store::embedded) fn check(path: &Path) -> Result<(), OpenError> {
    match contents(path) {
        Ok(Some((contents, checksum))) if xxh3_128(&contents) != checksum => {
            Err(damaged(path, "is not what was written"))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// The table of contents and its checksum.
fn contents(path: &Path) -> io::Result<Option<(Vec<u8>, u128)>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let Some(end) = length.checked_sub(TRAILER_BYTES as u64) else { return Ok(None) };
    let trailer = read(&file, end, TRAILER_BYTES)?;
    let Some((checksum, begin)) = trailer.strip_prefix(TRAILER).and_then(checksum_and_number) else {
        return Ok(None);
    };
    let size = end.checked_sub(begin).and_then(|size| usize::try_from(size).ok());
    let Some(size) = size.filter(|size| *size <= CONTENTS_AT_MOST) else { return Ok(None) };
    let contents = read(&file, begin, size)?;
    Ok(contents.starts_with(CONTENTS).then_some((contents, checksum)))
}

fn read(file: &File, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

fn checksum_and_number(bytes: &[u8]) -> Option<(u128, u64)> {
    let (checksum, rest) = bytes.split_first_chunk()?;
    Some((u128::from_le_bytes(*checksum), u64::from_le_bytes(*rest.first_chunk()?)))
}

/// Checks the manifest of a tree, the list of its files: the engine deletes those that are not on it.
/// `current` names the manifest: u64 its number, u128 its xxh3, u8 the kind of checksum.
pub(in crate::store::embedded) fn check_manifest(tree: &Path, current: &Path) -> Result<(), OpenError> {
    let content = fs::read(current).map_err(|error| unreadable(current, &error))?;
    let Some((number, rest)) = content.split_first_chunk() else {
        return Err(damaged(current, "is too short"));
    };
    let manifest = tree.join(format!("v{}", u64::from_le_bytes(*number)));
    let content = fs::read(&manifest).map_err(|error| unreadable(&manifest, &error))?;
    if rest != [&xxh3_128(&content).to_le_bytes()[..], &[0]].concat() {
        return Err(damaged(&manifest, "(or `current` beside it) is not what was written"));
    }
    Ok(())
}
