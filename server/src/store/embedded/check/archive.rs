//! Checks the engine's archives: tables, files of large messages, and manifests.
//!
//! An archive (sfa 1, integers little-endian) ends with a table of contents and a trailer. The trailer is: magic,
//! version, u8 checksum type, u128 xxh3 of the table of contents, u64 its offset, u64 its length.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::CheckError;

const CONTENTS: &[u8] = b"TOC!";
const TRAILER: &[u8] = b"SFA!\x01\x00";
const TRAILER_BYTES: usize = 6 + 16 + 8 + 8;
/// Far above the size in the engine's archives.
const MAX_CONTENTS_BYTES: usize = 1 << 20;

/// Checks the table of contents. The engine reserves memory for the claimed number of entries before it compares the
/// checksum. An archive without a table of contents passes: it may be a leftover, which the engine deletes.
pub(super) fn check(path: &Path) -> Result<(), CheckError> {
    match contents(path) {
        Ok(Some((contents, checksum))) if xxh3_128(&contents) != checksum => {
            Err(CheckError::damaged(path, "is not what was written"))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(CheckError::reading(path, error)),
    }
}

/// Reads the table of contents and its checksum; `None` without a valid trailer.
fn contents(path: &Path) -> io::Result<Option<(Vec<u8>, u128)>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let Some(end) = length.checked_sub(TRAILER_BYTES as u64) else { return Ok(None) };
    let trailer = read(&file, end, TRAILER_BYTES)?;
    let Some((checksum, begin)) = trailer.strip_prefix(TRAILER).and_then(checksum_and_number) else {
        return Ok(None);
    };
    let size = end.checked_sub(begin).and_then(|size| usize::try_from(size).ok());
    let Some(size) = size.filter(|size| *size <= MAX_CONTENTS_BYTES) else { return Ok(None) };
    let contents = read(&file, begin, size)?;
    Ok(contents.starts_with(CONTENTS).then_some((contents, checksum)))
}

/// Whether the archive ends with a table of contents that this check understands.
#[cfg(test)]
pub(super) fn has_contents(path: &Path) -> io::Result<bool> {
    Ok(contents(path)?.is_some())
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

/// Checks the manifest of a tree, which lists its files: the engine deletes all others.
/// `current` names the manifest: u64 number, u128 xxh3, u8 checksum type.
pub(super) fn check_manifest(tree: &Path, current: &Path) -> Result<(), CheckError> {
    let content = fs::read(current).map_err(|error| CheckError::reading(current, error))?;
    let Some((number, rest)) = content.split_first_chunk() else {
        return Err(CheckError::damaged(current, "is too short"));
    };
    let manifest = tree.join(format!("v{}", u64::from_le_bytes(*number)));
    let content = fs::read(&manifest).map_err(|error| CheckError::reading(&manifest, error))?;
    if rest != [&xxh3_128(&content).to_le_bytes()[..], &[0]].concat() {
        return Err(CheckError::damaged(
            &manifest,
            "(or the file `current` in its folder) is not what was written",
        ));
    }
    Ok(())
}
