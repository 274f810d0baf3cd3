//! Writes results to stdout in the format of sha256sum, and warnings to stderr.

use std::io::{self, ErrorKind, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use message_to_hash_client::MessageHash;

use super::ClientError;
use crate::streams;

/// Formats a hash and the name of its file. A name with a line break or a backslash is escaped, and the line then
/// begins with a backslash.
pub(super) fn line(hash: MessageHash, file: &Path) -> Vec<u8> {
    let name = file.as_os_str().as_bytes();
    let mut line = format!("{hash}  ").into_bytes();
    let plain = line.len();
    for &byte in name {
        match byte {
            b'\\' => line.extend(b"\\\\"),
            b'\n' => line.extend(b"\\n"),
            b'\r' => line.extend(b"\\r"),
            _ => line.push(byte),
        }
    }
    if line.len() > plain + name.len() {
        line.insert(0, b'\\');
    }
    line.push(b'\n');
    line
}

/// Checks that stdout is writable, before the command does work whose result would be lost.
pub(super) fn check() -> Result<(), ClientError> {
    streams::stdout().map(drop).map_err(ClientError::stdout)
}

/// Writes to stdout. A reader that closes the pipe early is not an error.
pub(super) fn write(bytes: &[u8]) -> Result<(), ClientError> {
    let mut stdout = streams::stdout().map_err(ClientError::stdout)?;
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(ClientError::stdout(error)),
        _ => Ok(()),
    }
}

/// A file's name for a warning. Control characters are escaped, since a terminal would interpret them.
pub(super) fn display_name(file: &Path) -> String {
    let name = file.display().to_string();
    if name.contains(char::is_control) { name.escape_debug().to_string() } else { name }
}

/// Prints one line to stderr. A closed stderr is ignored.
pub(super) fn print_warning(command: &str, text: &str) {
    let _ = writeln!(io::stderr(), "{command}: {text}");
}
