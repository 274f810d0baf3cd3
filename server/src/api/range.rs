//! Which part of a text's bytes a `Range` asks for (RFC 9110, section 14).

use std::ops::Range;

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it: this is no range of bytes, or not only one.
    Whole,
    /// These bytes, one at least.
    Part(Range<usize>),
    /// There is nothing where the range is.
    Nothing,
}

/// What is written on the two sides of the hyphen.
enum Spec {
    Between(usize, usize),
    From(usize),
    Last(usize),
}

/// What `range` wants of so many bytes.
pub fn wanted(range: &str, length: usize) -> Wanted {
    let part = |first, end: usize| {
        if first < length { Wanted::Part(first..end.min(length)) } else { Wanted::Nothing }
    };
    match only_spec(range) {
        None => Wanted::Whole,
        Some(Spec::Between(first, last)) if first > last => Wanted::Whole,
        Some(Spec::Between(first, last)) => part(first, last.saturating_add(1)),
        Some(Spec::From(first)) => part(first, length),
        // The last bytes of nothing are all of it, and there is no way to write their positions.
        Some(Spec::Last(1..)) if length == 0 => Wanted::Whole,
        Some(Spec::Last(count)) => part(length.saturating_sub(count), length),
    }
}

/// The one range of bytes; none where it is none, or where there are several.
fn only_spec(range: &str) -> Option<Spec> {
    let (unit, specs) = range.split_once('=')?;
    // A list, which may have blanks and empty elements (section 5.6.1).
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

/// A number too large for the type is beyond the end of any message.
fn number(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::Wanted::{Nothing, Part, Whole};
    use super::wanted;

    #[test]
    fn a_range_of_bytes_is_a_part_of_the_text() {
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
            assert_eq!(wanted(range, 10_000), Part(part), "{range}");
        }
    }

    #[test]
    fn what_is_not_one_range_of_bytes_is_ignored() {
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
            assert_eq!(wanted(range, 10_000), Whole, "{range}");
        }
    }

    #[test]
    fn what_begins_beyond_the_end_is_nothing() {
        for range in ["bytes=10000-", "bytes=10000-10001", "bytes=99999999999999999999999999-", "bytes=-0"] {
            assert_eq!(wanted(range, 10_000), Nothing, "{range}");
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-0"] {
            assert_eq!(wanted(range, 0), Nothing, "{range}");
        }
        assert_eq!(wanted("bytes=-1", 0), Whole);
    }
}
