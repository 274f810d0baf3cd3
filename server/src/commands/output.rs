//! Lines on stdout as sha256sum writes them, and complaints on stderr.

use std::io::{self, ErrorKind, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use message_to_hash_client::MessageHash;

use super::ClientError;
use crate::streams;

/// A hash and the name of its file. A name with a line's end or a backslash in it is escaped, and the line then
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

/// Refuses a stdout that nothing can be written to, before anything is done whose result would be lost.
pub(super) fn check() -> Result<(), ClientError> {
    streams::stdout().map(drop).map_err(ClientError::stdout)
}

/// Writes to stdout. A reader that closes its end early wants no more.
pub(super) fn write(bytes: &[u8]) -> Result<(), ClientError> {
    let mut stdout = streams::stdout().map_err(ClientError::stdout)?;
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(ClientError::stdout(error)),
        _ => Ok(()),
    }
}

/// A file's name for a complaint, escaped where a terminal might obey it.
pub(super) fn display_name(file: &Path) -> String {
    let name = file.display().to_string();
    if name.contains(char::is_control) { name.escape_debug().to_string() } else { name }
}

/// Whoever has closed stderr does not want to know.
pub(super) fn print_warning(doing: &str, text: &str) {
    let _ = writeln!(io::stderr(), "{doing}: {text}");
}
