//! Messages as JSON lines, `{"hash": "…", "message": "…"}`, optionally compressed with Zstandard (RFC 8878).

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

use super::long_line::{BoundedJson, RestOfLine};
use crate::message::{MAX_MESSAGE_BYTES, Message, MessageHash};
use crate::store::{Reason, Scan, StoreError};
use crate::streams;

/// The most messages, and the most KiB of them, that are read ahead. A larger message goes alone.
const MAX_AHEAD: usize = 16;
const MAX_AHEAD_KIB: u32 = 8 << 10;
/// Lines up to this length are buffered as a whole.
const BUFFERED_BYTES: u64 = 1 << 20;
/// The first bytes of a compressed file.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

#[derive(Serialize)]
#[serde(untagged)]
enum ExportLine<'a> {
    Message { hash: &'a str, message: &'a str },
    Damaged { damaged: &'a str },
}

/// A line of the input. Other members are skipped and use no memory.
#[derive(Deserialize)]
struct ImportLine {
    hash: Option<String>,
    message: Option<String>,
    damaged: Option<String>,
}

/// How the input ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputEnd {
    /// At the end of the file.
    EndOfFile,
    /// With an empty line. Without it, the input is incomplete.
    EmptyLine,
}

/// Writes one line.
pub(super) fn write(out: &mut impl Write, hash: MessageHash, message: &Message) -> io::Result<()> {
    write_line(out, &ExportLine::Message { hash: hash.digits().as_str(), message: message.as_str() })
}

/// Writes a line that replaces a damaged message.
pub(super) fn write_damaged(out: &mut impl Write, reason: &str) -> io::Result<()> {
    write_line(out, &ExportLine::Damaged { damaged: reason })
}

fn write_line(out: &mut impl Write, line: &ExportLine) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// Opens a file, or stdin for `-`, and decompresses it if necessary.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut input: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(streams::stdin()?) } else { Box::new(File::open(path)?) };
    let mut start = Vec::new();
    input.by_ref().take(ZSTD.len() as u64).read_to_end(&mut start)?;
    let is_compressed = start == ZSTD;
    let input = io::Cursor::new(start).chain(input);
    Ok(if is_compressed {
        Box::new(BufReader::new(zstd::Decoder::new(input)?))
    } else {
        Box::new(BufReader::new(input))
    })
}

/// The longest reason for damage that is shown, in characters. A file can contain any text as a reason.
const MAX_REASON_CHARS: usize = 512;

/// Reads the messages of the input on a blocking thread. An invalid line becomes a [`StoreError::Corrupt`].
pub(super) fn stream(input: impl BufRead + Send + 'static, end: InputEnd) -> Scan<'static> {
    let (sender, mut receiver) = mpsc::channel(MAX_AHEAD);
    let (room, runtime) = (Arc::new(Semaphore::new(MAX_AHEAD_KIB as usize)), Handle::current());
    tokio::task::spawn_blocking(move || {
        for message in read(input, end) {
            let bytes = message.as_ref().map_or(0, |(_, message)| message.len());
            let kib = u32::try_from(bytes >> 10).unwrap_or(MAX_AHEAD_KIB).min(MAX_AHEAD_KIB);
            // Waits for the messages before this one to be taken.
            let room = runtime.block_on(Arc::clone(&room).acquire_many_owned(kib));
            if sender.blocking_send((message, room)).is_err() {
                return; // the stream was dropped
            }
        }
    });
    let messages = stream::poll_fn(move |context| receiver.poll_recv(context));
    messages.map(|(message, _)| message).boxed()
}

fn read(
    mut input: impl BufRead,
    end: InputEnd,
) -> impl Iterator<Item = Result<(MessageHash, Message), StoreError>> {
    let mut text = Vec::new();
    let mut numbers = 1_u64..;
    let mut ended = false;
    std::iter::from_fn(move || {
        while !ended {
            let number = numbers.next()?;
            let line = match next_line(&mut input, &mut text) {
                Ok(line) => line,
                Err(error) => {
                    ended = true;
                    return Some(Err(match end {
                        // Reading the file again fails again.
                        InputEnd::EndOfFile => StoreError::Corrupt(Reason::caused_by(
                            format!("line {number}: nothing can be read from there on"),
                            error,
                        )),
                        InputEnd::EmptyLine => {
                            StoreError::Unavailable(Reason::caused_by(format!("line {number}"), error))
                        }
                    }));
                }
            };
            // A cut line means a broken connection, not a damaged message.
            if end == InputEnd::EmptyLine && !line.is_whole {
                ended = true;
                return Some(Err(StoreError::Unavailable("it stopped before the end".into())));
            }
            ended = !line.is_whole || end == InputEnd::EmptyLine && line.is_empty;
            if let Some(parsed) = line.parsed {
                let message = parsed.and_then(message);
                return Some(
                    message.map_err(|error| StoreError::Corrupt(format!("line {number}: {error}").into())),
                );
            }
        }
        None
    })
}

/// A line of the input.
struct NextLine {
    /// The line ends with a line feed. Otherwise the input has ended.
    is_whole: bool,
    is_empty: bool,
    /// `None` for a line of only white space.
    parsed: Option<Result<ImportLine, LineError>>,
}

/// A line is not a message. The texts do not quote the line.
#[derive(Debug, thiserror::Error)]
enum LineError {
    #[error(r#"it is not {{"hash": "...", "message": "..."}}"#)]
    Format,
    #[error("it has more than {} MiB", MAX_MESSAGE_BYTES >> 20)]
    TooLong,
    #[error("its hash is not 64 hexadecimal digits")]
    Hash,
    #[error("its hash is {0}, its message's {1}")]
    OtherHash(MessageHash, MessageHash),
    /// The line reports a damaged message of the exported store.
    #[error("{0}")]
    Damaged(String),
}

/// Reads one line. `text` is a buffer. A line longer than `BUFFERED_BYTES` is decoded while it is read, so that no line
/// uses more memory than the largest message.
fn next_line(input: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<NextLine> {
    text.clear();
    input.by_ref().take(BUFFERED_BYTES).read_until(b'\n', text)?;
    if let Some(line) = text.strip_suffix(b"\n") {
        return Ok(NextLine { is_whole: true, is_empty: line.is_empty(), parsed: parse(line) });
    }
    if (text.len() as u64) < BUFFERED_BYTES {
        return Ok(NextLine { is_whole: false, is_empty: false, parsed: parse(text) });
    }
    let mut rest = RestOfLine::new(input);
    let line = BufReader::new(BoundedJson::new(text.chain(&mut rest)));
    let parsed = serde_json::from_reader(line).map_err(|error| match error.io_error_kind() {
        Some(ErrorKind::FileTooLarge) => LineError::TooLong,
        _ => LineError::Format,
    });
    // An error of the input also ends it.
    let is_whole = rest.skip()?;
    Ok(NextLine { is_whole, is_empty: false, parsed: Some(parsed) })
}

fn parse(line: &[u8]) -> Option<Result<ImportLine, LineError>> {
    let line = line.trim_ascii();
    (!line.is_empty()).then(|| serde_json::from_slice(line).map_err(|_| LineError::Format))
}

fn message(line: ImportLine) -> Result<(MessageHash, Message), LineError> {
    let (hash, message) = match line {
        ImportLine { hash: Some(hash), message: Some(message), .. } => (hash, message),
        ImportLine { damaged: Some(damaged), .. } => {
            return Err(LineError::Damaged(damaged.escape_debug().take(MAX_REASON_CHARS).collect()));
        }
        _ => return Err(LineError::Format),
    };
    if message.len() > MAX_MESSAGE_BYTES as usize {
        return Err(LineError::TooLong);
    }
    let hash = MessageHash::parse(&hash).ok_or(LineError::Hash)?;
    let message = Message::from(message);
    let actual = message.hash();
    if actual == hash { Ok((hash, message)) } else { Err(LineError::OtherHash(hash, actual)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str, end: InputEnd) -> Vec<Result<String, String>> {
        let read = read(text.as_bytes(), end);
        read.map(|item| {
            item.map(|(_, message)| message.as_str().to_owned()).map_err(|error| error.to_string())
        })
        .collect()
    }

    fn line(text: &str) -> String {
        let mut line = Vec::new();
        let message = Message::from(text.to_owned());
        write(&mut line, message.hash(), &message).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn export_line_round_trips() {
        let foo =
            r#"{"hash":"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae","message":"foo"}"#;
        assert_eq!(line("foo"), format!("{foo}\n"));
        let texts = ["foo", "", "a\nb\0\u{10ffff}\"\\"];
        let lines = texts.map(line).concat();
        assert_eq!(read_all(&lines, InputEnd::EndOfFile), texts.map(|text| Ok(text.to_owned())));
        assert_eq!(read_all(foo, InputEnd::EndOfFile), [Ok("foo".to_owned())], "the last line needs no end");
    }

    #[test]
    fn invalid_line_is_named_and_skipped() {
        let lines =
            ["{}\n", &line("foo"), "\n", "{\"hash\":\"00\",\"message\":\"secret\"}\n", &line("bar")[..60]]
                .concat();
        let read = read_all(&lines, InputEnd::EndOfFile);
        let start = |item: &Result<String, String>| match item {
            Ok(text) => text.clone(),
            Err(error) => error.split(": ").nth(1).unwrap().to_owned(),
        };
        let starts: Vec<_> = read.iter().map(start).collect();
        assert_eq!(starts, ["line 1", "foo", "line 4", "line 5"]);
        assert!(!format!("{read:?}").contains("secret"));
        let other = line("foo").replace("foo", "fop");
        assert!(
            read_all(&other, InputEnd::EndOfFile)[0]
                .as_ref()
                .is_err_and(|error| error.contains("its hash is 2c26"))
        );
    }

    #[test]
    fn truncated_line_is_an_error() {
        let whole = format!("{}\n", line("foo"));
        assert_eq!(read_all(&whole, InputEnd::EmptyLine), [Ok("foo".to_owned())]);
        assert_eq!(read_all(&line("foo"), InputEnd::EmptyLine).len(), 2);
        let cut = format!("{}{}", line("foo"), &line("bar")[..40]);
        let cut = read_all(&cut, InputEnd::EmptyLine);
        assert!(cut.len() == 2 && cut[1].as_ref().is_err_and(|it| it.contains("stopped before the end")));
        assert!(read_all("", InputEnd::EmptyLine)[0].is_err());
    }

    #[test]
    fn long_lines_are_read_as_short_ones_are() {
        let long = "\u{1}\u{e9}\"x".repeat(1 << 19);
        let other = line(&long).replacen("\\u0001", "\\u0002", 1);
        let lines = [&line(&long), &other, &line("foo"), &line(&long)[..2 << 20]].concat();
        let read = read_all(&lines, InputEnd::EndOfFile);
        assert_eq!(read[0].as_ref(), Ok(&long));
        assert!(read[1].as_ref().is_err_and(|error| error.contains("line 2: its hash is")));
        assert_eq!(read[2].as_deref(), Ok("foo"));
        assert!(read[3].as_ref().is_err_and(|error| error.contains("line 4: it is not")));
        assert_eq!(read.len(), 4);
        assert_eq!(read_all(&format!("{}\n", line(&long)), InputEnd::EmptyLine), [Ok(long)]);
        assert!(read_all(&lines[lines.len() - (2 << 20)..], InputEnd::EmptyLine)[0].is_err());
    }

    #[test]
    fn member_of_another_type_is_not_kept() {
        let numbers = format!("{{\"hash\":[{}0]}}\n", "0,".repeat(1000));
        let lines = [numbers, line("foo").replacen('{', r#"{"other":[{"a":1}],"#, 1)].concat();
        let read = read_all(&lines, InputEnd::EndOfFile);
        assert!(read[0].as_ref().is_err_and(|error| error.contains("line 1: it is not")));
        assert_eq!(read[1].as_deref(), Ok("foo"));
    }
}
