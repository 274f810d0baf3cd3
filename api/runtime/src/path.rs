//! Path templates of a contract, and the values of their parameters in a path.

use std::borrow::Cow;
use std::str::Utf8Error;

/// A path of the contract, whose parameters are whole segments: `/messages/{hash}/raw`.
#[derive(Debug, Clone, Copy)]
pub struct PathTemplate {
    template: &'static str,
    /// The text before the first parameter.
    prefix: &'static str,
}

impl PathTemplate {
    /// The template as the contract writes it.
    #[must_use]
    pub const fn new(template: &'static str) -> Self {
        let mut end = 0;
        while end < template.len() && template.as_bytes()[end] != b'{' {
            end += 1;
        }
        Self { template, prefix: template.split_at(end).0 }
    }

    /// The template as the contract writes it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.template
    }

    /// Whether the path has the form of a template with parameters. Each value is a segment: it is not empty, and
    /// it is UTF-8 once its percent-encoding is decoded.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut are_values_valid = true;
        let has_parameters = self.prefix.len() < self.template.len();
        let has_form = has_parameters
            && path.starts_with(self.prefix)
            && self.visit_values(path, |_, value| {
                are_values_valid &= !value.is_empty() && decode_percent(value).is_ok();
            });
        has_form && are_values_valid
    }

    /// The value of a parameter, still percent-encoded.
    pub(crate) fn value<'a>(&self, path: &'a str, parameter: &str) -> Option<&'a str> {
        let mut found = None;
        self.visit_values(path, |name, value| {
            if name == parameter {
                found = Some(value);
            }
        });
        found
    }

    /// Calls `visit` with the name and the value of each parameter. Returns whether the path has the form of the
    /// template.
    // `str::find` and `split_once` take three times the instructions on texts this short.
    fn visit_values<'a>(&self, path: &'a str, mut visit: impl FnMut(&'static str, &'a str)) -> bool {
        let (mut template, mut path) = (self.template, path);
        while let Some(open) = template.bytes().position(|byte| byte == b'{') {
            let (literal, parameter) = (&template[..open], &template[open + 1..]);
            let Some(close) = parameter.bytes().position(|byte| byte == b'}') else { return false };
            let Some(rest) = path.strip_prefix(literal) else { return false };
            let end = memchr::memchr(b'/', rest.as_bytes()).unwrap_or(rest.len());
            visit(&parameter[..close], &rest[..end]);
            (template, path) = (&parameter[close + 1..], &rest[end..]);
        }
        template == path
    }
}

/// Decodes percent-encoded text. Text without a `%` is not copied.
pub(crate) fn decode_percent(text: &str) -> Result<Cow<'_, str>, Utf8Error> {
    match memchr::memchr(b'%', text.as_bytes()) {
        None => Ok(text.into()),
        Some(_) => percent_encoding::percent_decode_str(text).decode_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_takes_one_value_for_each_parameter() {
        for (template, path, expected) in [
            ("/messages/{hash}", "/messages/ab", true),
            ("/messages/{hash}", "/messages/", false),
            ("/messages/{hash}", "/messages", false),
            ("/messages/{hash}", "/messages/ab/", false),
            ("/messages/{hash}", "/messages/ab/cd", false),
            ("/messages/{hash}", "/other/ab", false),
            ("/messages/{hash}", "/messages/a%20b", true),
            ("/messages/{hash}", "/messages/a%2Fb", true),
            ("/messages/{hash}", "/messages/%", true),
            ("/messages/{hash}", "/messages/%ff", false),
            ("/messages/{hash}/raw", "/messages/ab/raw", true),
            ("/messages/{hash}/raw", "/messages//raw", false),
            ("/messages/{hash}/raw", "/messages/ab", false),
            ("/messages/{hash}/raw", "/messages/ab/raw/", false),
            ("/{a}/{b}", "/1/2", true),
            ("/{a}/{b}", "/1", false),
            ("/{a}/{b}", "/1/", false),
            // A template without parameters is found by its text, not by its form.
            ("/messages", "/messages", false),
        ] {
            assert_eq!(PathTemplate::new(template).matches(path), expected, "{template} {path}");
        }
    }

    #[test]
    fn value_returns_the_segment_as_it_was_sent() {
        let template = PathTemplate::new("/{a}/x/{b}");
        for (parameter, expected) in [("a", Some("1%2F")), ("b", Some("2")), ("c", None)] {
            assert_eq!(template.value("/1%2F/x/2", parameter), expected, "{parameter}");
        }
    }

    #[test]
    fn decode_percent_rejects_what_is_not_utf_8() {
        for (text, expected) in
            [("ab", Some("ab")), ("%61b", Some("ab")), ("%zz", Some("%zz")), ("%e2%82%ac", Some("\u{20ac}"))]
        {
            assert_eq!(decode_percent(text).ok().as_deref(), expected, "{text}");
        }
        assert!(decode_percent("%e2%82").is_err());
        assert!(matches!(decode_percent("ab"), Ok(Cow::Borrowed(_))));
    }
}
