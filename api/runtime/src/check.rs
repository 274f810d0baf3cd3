//! Checks of the contract that the generated code makes while it is compiled.

use hyper::Method;

/// Whether each parameter of a path template is a whole segment, as in `/messages/{hash}/raw`.
#[must_use]
pub const fn has_whole_segments(template: &str) -> bool {
    let (template, mut index) = (template.as_bytes(), 0);
    while index < template.len() {
        let begins = template[index] != b'{' || index > 0 && template[index - 1] == b'/';
        let ends = template[index] != b'}' || index + 1 == template.len() || template[index + 1] == b'/';
        if !begins || !ends {
            return false;
        }
        index += 1;
    }
    true
}

/// Whether a media type has parameters, for example `text/plain; charset=utf-8`.
#[must_use]
pub const fn has_parameters(media_type: &str) -> bool {
    let mut index = 0;
    while index < media_type.len() {
        if media_type.as_bytes()[index] == b';' {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether the server answers requests of this method itself, on every path.
#[must_use]
pub const fn is_answered_on_every_path(method: &Method) -> bool {
    matches!(*method, Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Whether two operations declare the same statuses, in the same order.
#[must_use]
pub const fn are_equal(left: &[u16], right: &[u16]) -> bool {
    let mut index = 0;
    while index < left.len() && index < right.len() && left[index] == right[index] {
        index += 1;
    }
    index == left.len() && index == right.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_whole_segments_rejects_a_parameter_within_a_segment() {
        for template in ["/", "/messages", "/messages/{hash}", "/messages/{hash}/raw", "/{a}/{b}"] {
            assert!(has_whole_segments(template), "{template}");
        }
        for template in ["/messages/{hash}.json", "/messages/v{hash}", "{hash}", "/{a}{b}"] {
            assert!(!has_whole_segments(template), "{template}");
        }
    }

    #[test]
    fn has_parameters_finds_a_charset() {
        assert!(has_parameters("text/plain; charset=utf-8"));
        assert!(!has_parameters("text/plain"));
    }

    #[test]
    fn head_options_and_trace_are_answered_on_every_path() {
        for method in [Method::HEAD, Method::OPTIONS, Method::TRACE] {
            assert!(is_answered_on_every_path(&method), "{method}");
        }
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(!is_answered_on_every_path(&method), "{method}");
        }
    }

    #[test]
    fn are_equal_compares_length_and_order() {
        assert!(are_equal(&[200, 404], &[200, 404]));
        for other in [&[][..], &[200], &[404, 200], &[200, 404, 500]] {
            assert!(!are_equal(&[200, 404], other), "{other:?}");
        }
    }
}
