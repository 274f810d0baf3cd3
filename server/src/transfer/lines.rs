//! Messages as JSON lines: `{"hash": "…", "message": "…"}`, one object a line, maybe compressed with
//! Zstandard (RFC 8878).

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::message::{Message, MessageHash};
use crate::store::{Scan, StoreError};

/// No server takes a message of more than 64 MiB, and JSON writes one byte of it as six at most.
const LONGEST_LINE: u64 = 6 * (64 << 20) + 1024;
/// How many messages are read before they are stored.
const AHEAD: usize = 16;
/// What a file begins with that is compressed.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line<H, M> {
    Message { hash: H, message: M },
    Damaged { damaged: M },
}

/// What ends the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The input's end.
    End,
    /// An empty line; without it they were cut off.
    EmptyLine,
}

/// Writes one line.
pub(super) fn write(out: &mut impl Write, hash: MessageHash, message: &Message) -> io::Result<()> {
    write_line(out, &Line::Message { hash: hash.digits().as_str(), message: message.as_str() })
}

/// Writes a line in place of a message.
pub(super) fn write_damaged(out: &mut impl Write, reason: &str) -> io::Result<()> {
    write_line(out, &Line::Damaged::<&str, _> { damaged: reason })
}

fn write_line(out: &mut impl Write, line: &Line<&str, &str>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// A file, or stdin for `-`; decompressed, if it is compressed.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead + Send>> {
    let mut input: Box<dyn Read + Send> =
        if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
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

/// What a file says of a damaged message is anybody's text.
const REASON_CHARS: usize = 512;

/// The messages of these lines, read by a thread of their own. A line that is none comes as `Corrupt`.
pub(super) fn stream(input: impl BufRead + Send + 'static, until: Until) -> Scan<'static> {
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        for message in read(input, until) {
            if sender.blocking_send(message).is_err() {
                return; // nobody wants more
            }
        }
    });
    stream::poll_fn(move |context| receiver.poll_recv(context)).boxed()
}

fn read(
    mut input: impl BufRead,
    until: Until,
) -> impl Iterator<Item = Result<(MessageHash, Message), StoreError>> {
    let mut text = Vec::new();
    let mut numbers = 1_u64..;
    let mut ended = false;
    std::iter::from_fn(move || {
        while !ended {
            text.clear();
            let number = numbers.next()?;
            let length = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text);
            let line = text.strip_suffix(b"\n").unwrap_or(&text);
            ended = match length {
                Err(error) => {
                    ended = true;
                    let reason = format!("line {number}: {error}");
                    return Some(Err(match until {
                        // A file will be no better the next time.
                        Until::End => {
                            StoreError::Corrupt(format!("{reason}; nothing can be read from there on"))
                        }
                        Until::EmptyLine => StoreError::Unavailable(reason),
                    }));
                }
                // Nor is half a line a damaged one.
                Ok(_) if until == Until::EmptyLine && line.len() == text.len() => {
                    ended = true;
                    return Some(Err(StoreError::Unavailable("it stopped before the end".to_owned())));
                }
                Ok(0) => true,
                Ok(_) => until == Until::EmptyLine && line.is_empty(),
            };
            if !line.trim_ascii().is_empty() {
                return Some(
                    parse(line).map_err(|reason| StoreError::Corrupt(format!("line {number}: {reason}"))),
                );
            }
        }
        None
    })
}

/// What is wrong is said without quoting the line.
fn parse(line: &[u8]) -> Result<(MessageHash, Message), String> {
    let line = serde_json::from_slice::<Line<String, String>>(line);
    match line.map_err(|_| r#"it is not {"hash": "...", "message": "..."}"#.to_owned())? {
        Line::Damaged { damaged } => Err(damaged.escape_debug().take(REASON_CHARS).collect()),
        Line::Message { hash, message } => {
            let hash = MessageHash::parse(&hash).ok_or("its hash is not 64 hexadecimal digits")?;
            let message = Message::from(message);
            let actual = message.hash();
            if actual == hash {
                Ok((hash, message))
            } else {
                Err(format!("its hash is {hash}, its message's {actual}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str, until: Until) -> Vec<Result<String, String>> {
        let read = read(text.as_bytes(), until);
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
    fn lines_that_were_written_are_read() {
        let foo =
            r#"{"hash":"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae","message":"foo"}"#;
        assert_eq!(line("foo"), format!("{foo}\n"));
        let texts = ["foo", "", "a\nb\0\u{10ffff}\"\\"];
        let lines = texts.map(line).concat();
        assert_eq!(read_all(&lines, Until::End), texts.map(|text| Ok(text.to_owned())));
        assert_eq!(read_all(foo, Until::End), [Ok("foo".to_owned())], "the last line needs no end");
    }

    #[test]
    fn a_line_that_is_none_is_named_and_the_rest_is_read() {
        let lines =
            ["{}\n", &line("foo"), "\n", "{\"hash\":\"00\",\"message\":\"secret\"}\n", &line("bar")[..60]]
                .concat();
        let read = read_all(&lines, Until::End);
        let start = |item: &Result<String, String>| match item {
            Ok(text) => text.clone(),
            Err(error) => error.split(": ").nth(1).unwrap().to_owned(),
        };
        let starts: Vec<_> = read.iter().map(start).collect();
        assert_eq!(starts, ["line 1", "foo", "line 4", "line 5"]);
        assert!(!format!("{read:?}").contains("secret"));
        let other = line("foo").replace("foo", "fop");
        assert!(
            read_all(&other, Until::End)[0].as_ref().is_err_and(|error| error.contains("its hash is 2c26"))
        );
    }

    #[test]
    fn lines_that_are_cut_off_are_no_end() {
        let whole = format!("{}\n", line("foo"));
        assert_eq!(read_all(&whole, Until::EmptyLine), [Ok("foo".to_owned())]);
        assert_eq!(read_all(&line("foo"), Until::EmptyLine).len(), 2);
        let cut = format!("{}{}", line("foo"), &line("bar")[..40]);
        let cut = read_all(&cut, Until::EmptyLine);
        assert!(cut.len() == 2 && cut[1].as_ref().is_err_and(|it| it.contains("stopped before the end")));
        assert!(read_all("", Until::EmptyLine)[0].is_err());
    }
}
