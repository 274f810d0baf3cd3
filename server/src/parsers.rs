//! Parsers of option values that several components share. Errors explain the expected form.

use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use bytesize::ByteSize;

/// The size of the largest file that [`read_text`] reads.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// The longest [`time_limit`]. It is so short that sums of a few such durations do not overflow.
const MAX_TIME_LIMIT: Duration = Duration::from_hours(365 * 24);

pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "an IP address and a port are needed, as in 127.0.0.1:8080 or [::1]:8080".to_owned())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write 500ms, 10s or 2m"))
}

/// Parses a duration above zero.
pub(crate) fn time_limit(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("it must be longer than 0s".to_owned()),
        time if time > MAX_TIME_LIMIT => Err("it may be at most 365d".to_owned()),
        time => Ok(time),
    }
}

pub(crate) fn byte_size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "a number of bytes is needed, as in 4096, 500kB or 64MiB".to_owned())
}

/// Parses the path of a small text file, and returns the file's content.
pub(crate) fn text_file(path: &str) -> Result<String, String> {
    read_text(Path::new(path))
}

/// Reads a small text file. The error is for the operator.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let name = path.display();
    let cannot_read = |error: io::Error| format!("cannot read {name}: {error}");
    let mut text = String::new();
    let mut file = File::open(path).map_err(cannot_read)?.take(MAX_FILE_BYTES + 1);
    match file.read_to_string(&mut text).map_err(cannot_read)? as u64 {
        0..=MAX_FILE_BYTES => Ok(text),
        _ => Err(format!("{name} has more than {MAX_FILE_BYTES} bytes")),
    }
}
