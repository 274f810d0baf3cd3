//! Lines on stdout as sha256sum writes them, and complaints on stderr.

use std::io::{self, ErrorKind, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use message_to_hash_client::MessageHash;

use super::Failed;

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

/// Writes to stdout. Whoever has closed it wants no more.
pub(super) fn write(bytes: &[u8]) -> Result<(), Failed> {
    let mut stdout = io::stdout();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failed::File("stdout".to_owned(), error)),
        _ => Ok(()),
    }
}

/// A file's name for a complaint, escaped where a terminal might obey it.
pub(super) fn shown(file: &Path) -> String {
    let name = file.display().to_string();
    if name.contains(char::is_control) { name.escape_debug().to_string() } else { name }
}

/// Whoever has closed stderr does not want to know.
pub(super) fn complain(doing: &str, text: &str) {
    let _ = writeln!(io::stderr(), "{doing}: {text}");
}
