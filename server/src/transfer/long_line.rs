//! Reads a line that is too long for a buffer: finds its end, and bounds its decoded strings.

use std::io::{self, BufRead, ErrorKind, Read};

use crate::message::MAX_MESSAGE_BYTES;

/// The most bytes of a line outside its message: member names, hash and white space.
const MAX_FRAME_BYTES: u64 = 1024;

/// The rest of a line, without its line feed.
pub(super) struct RestOfLine<'a, R> {
    input: &'a mut R,
    found_end: bool,
}

impl<'a, R: BufRead> RestOfLine<'a, R> {
    pub(super) fn new(input: &'a mut R) -> Self {
        Self { input, found_end: false }
    }

    /// Skips the unread bytes. Returns whether the line ends with a line feed.
    pub(super) fn skip(mut self) -> io::Result<bool> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.found_end)
    }
}

impl<R: BufRead> Read for RestOfLine<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.found_end {
            return Ok(0);
        }
        let bytes = self.input.fill_buf()?;
        let bytes = &bytes[..bytes.len().min(into.len())];
        let end = memchr::memchr(b'\n', bytes);
        let length = end.unwrap_or(bytes.len());
        into[..length].copy_from_slice(&bytes[..length]);
        self.input.consume(length + usize::from(end.is_some()));
        self.found_end = end.is_some();
        Ok(length)
    }
}

/// Passes JSON on, and fails with `FileTooLarge` if its strings decode to more bytes than a message may have. The length
/// of the line does not show this, since an escape uses up to six bytes for one.
pub(super) struct BoundedJson<R> {
    json: R,
    left: u64,
    position: Position,
}

#[derive(Clone, Copy)]
enum Position {
    Plain,
    Escape,
    /// The number of hexadecimal digits that follow.
    Digits(u8),
}

impl<R> BoundedJson<R> {
    pub(super) fn new(json: R) -> Self {
        Self { json, left: u64::from(MAX_MESSAGE_BYTES) + MAX_FRAME_BYTES, position: Position::Plain }
    }

    /// Counts a byte if it is, or begins, a decoded byte.
    fn count(&mut self, byte: u8) -> Option<()> {
        let (is_counted, next) = match (self.position, byte) {
            (Position::Plain, b'\\') => (false, Position::Escape),
            (Position::Escape, b'u') => (true, Position::Digits(4)),
            (Position::Plain | Position::Escape | Position::Digits(0), _) => (true, Position::Plain),
            (Position::Digits(1), _) => (false, Position::Plain),
            (Position::Digits(left), _) => (false, Position::Digits(left - 1)),
        };
        self.position = next;
        self.left = self.left.checked_sub(u64::from(is_counted))?;
        Some(())
    }
}

impl<R: Read> Read for BoundedJson<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.json.read(into)?;
        let counted = into[..length].iter().try_for_each(|byte| self.count(*byte));
        counted.map(|()| length).ok_or_else(|| ErrorKind::FileTooLarge.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_bounded_by_what_it_decodes_to() {
        for (json, bytes) in [("", 0), ("{}", 2), (r"\u0000", 1), (r#"\\\"\n"#, 3), (r"\u00e9a\\", 3)] {
            let read = |left| {
                let mut bounded = BoundedJson { json: json.as_bytes(), left, position: Position::Plain };
                io::copy(&mut bounded, &mut io::sink()).map_err(|error| error.kind())
            };
            assert_eq!(read(bytes), Ok(json.len() as u64), "{json}");
            assert!(bytes == 0 || read(bytes - 1) == Err(ErrorKind::FileTooLarge), "{json}");
        }
    }

    #[test]
    fn rest_of_a_line_ends_at_its_end() {
        let mut input = &b"rest\nnext"[..];
        let mut rest = RestOfLine::new(&mut input);
        let mut text = String::new();
        rest.read_to_string(&mut text).unwrap();
        assert_eq!(text, "rest");
        assert!(rest.skip().unwrap());
        assert!(!RestOfLine::new(&mut input).skip().unwrap());
        assert!(input.is_empty());
    }
}
