//! The part of a message that a `Range` header selects (RFC 9110, section 14).

use std::ops::Range;

/// The bytes to send.
#[derive(Debug, PartialEq, Eq)]
pub enum Selection {
    /// The whole message: the header is not a range of bytes, or has several ranges.
    Whole,
    /// These bytes, at least one.
    Part(Range<usize>),
    /// The range begins after the last byte.
    OutOfBounds,
}

/// A range as the header writes it: `1-2`, `1-` or `-2`.
enum Spec {
    Between(usize, usize),
    From(usize),
    Last(usize),
}

/// The bytes that the header selects from a message of `length` bytes.
pub fn select(range: &str, length: usize) -> Selection {
    let part = |first, end: usize| {
        if first < length { Selection::Part(first..end.min(length)) } else { Selection::OutOfBounds }
    };
    match only_spec(range) {
        None => Selection::Whole,
        Some(Spec::Between(first, last)) if first > last => Selection::Whole,
        Some(Spec::Between(first, last)) => part(first, last.saturating_add(1)),
        Some(Spec::From(first)) => part(first, length),
        // An empty message has no byte positions that `Content-Range` could name.
        Some(Spec::Last(1..)) if length == 0 => Selection::Whole,
        Some(Spec::Last(count)) => part(length.saturating_sub(count), length),
    }
}

/// The range, if the header has exactly one and its unit is bytes.
fn only_spec(range: &str) -> Option<Spec> {
    let (unit, specs) = range.split_once('=')?;
    // A list may have blanks and empty elements (section 5.6.1).
    let specs = specs.split(',').map(|spec| spec.trim_matches([' ', '\t']));
    let mut specs = specs.filter(|spec| !spec.is_empty());
    let (Some(only), None) = (specs.next(), specs.next()) else { return None };
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    Some(match only.split_once('-')? {
        ("", count) => Spec::Last(number(count)?),
        (first, "") => Spec::From(number(first)?),
        (first, last) => Spec::Between(number(first)?, number(last)?),
    })
}

/// Parses a position. A number that is too large for the type is after the end of any message.
fn number(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::Selection::{OutOfBounds, Part, Whole};
    use super::select;

    #[test]
    fn select_returns_the_part_of_one_range() {
        // The first six are the examples of RFC 9110, section 14.1.2, for 10,000 bytes.
        for (range, part) in [
            ("bytes=0-499", 0..500),
            ("bytes=500-999", 500..1000),
            ("bytes=-500", 9500..10_000),
            ("bytes=9500-", 9500..10_000),
            ("bytes=0-0", 0..1),
            ("bytes=-1", 9999..10_000),
            ("bytes=0-", 0..10_000),
            ("bytes=9999-10000", 9999..10_000),
            ("bytes=9999-99999999999999999999999999", 9999..10_000),
            ("bytes=0-18446744073709551615", 0..10_000),
            ("bytes=-10000", 0..10_000),
            ("bytes=-10001", 0..10_000),
            ("bytes=-99999999999999999999999999", 0..10_000),
            ("bytes=007-08", 7..9),
            ("Bytes= 1-2\t", 1..3),
            ("bytes=, 1-2 ,,", 1..3),
        ] {
            assert_eq!(select(range, 10_000), Part(part), "{range}");
        }
    }

    #[test]
    fn select_ignores_other_units_several_ranges_and_malformed_ranges() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=0",
            "bytes=a-b",
            "bytes=0-b",
            "bytes=a-",
            "bytes=+1-2",
            "bytes=1- 2",
            "bytes=1-2-3",
            "bytes=--1",
            "bytes=2-1",
            "bytes=0x1-2",
            "bytes=\u{661}-",
            "bytes = 0-1",
            " bytes=0-1",
            "bytes:0-1",
            "0-1",
            "lines=0-1",
            "bytes=0-0,-1",
            "bytes=0-1,5-6",
            "bytes=0-1,x",
        ] {
            assert_eq!(select(range, 10_000), Whole, "{range}");
        }
    }

    #[test]
    fn select_rejects_a_range_after_the_end() {
        for range in ["bytes=10000-", "bytes=10000-10001", "bytes=99999999999999999999999999-", "bytes=-0"] {
            assert_eq!(select(range, 10_000), OutOfBounds, "{range}");
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-0"] {
            assert_eq!(select(range, 0), OutOfBounds, "{range}");
        }
        assert_eq!(select("bytes=-1", 0), Whole);
    }
}
