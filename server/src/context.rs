//! The ids under which a request is logged, and the context of its operation.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

/// The header in which a client may send its own id for a request, and gets the id back.
pub const SPAN_ID: HeaderName = HeaderName::from_static("x-span-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const SPAN_ID_CHARS: usize = 128;

/// The ids under which a request is logged.
#[derive(Debug, Clone)]
pub struct RequestIds {
    span: HeaderValue,
    trace: Option<String>,
}

impl RequestIds {
    /// Reads the ids from the request's headers. Without a usable span id it makes one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let span = headers.get(SPAN_ID).filter(|value| is_usable_span_id(value)).cloned();
        let trace = headers.get(TRACEPARENT).and_then(|value| trace_id(value.to_str().ok()?));
        Self { span: span.unwrap_or_else(new_span_id), trace }
    }

    /// The id of this request as a header of its response.
    #[must_use]
    pub fn span_header(&self) -> HeaderValue {
        self.span.clone()
    }

    /// The id of this request.
    #[must_use]
    pub fn span(&self) -> &str {
        self.span.to_str().unwrap_or_default()
    }

    /// The id of the client's trace: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace(&self) -> Option<&str> {
        self.trace.as_deref()
    }
}

fn is_usable_span_id(value: &HeaderValue) -> bool {
    (1..=SPAN_ID_CHARS).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// Makes a random id of 32 hexadecimal digits. It is not a secret.
fn new_span_id() -> HeaderValue {
    let mut digits = [0; 32];
    let encoded = const_hex::encode_to_slice(fastrand::u128(..).to_be_bytes(), &mut digits);
    encoded.ok().and_then(|()| HeaderValue::from_bytes(&digits).ok()).unwrap_or(HeaderValue::from_static("-"))
}

/// The part of a request that an operation gets in addition to its parameters.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    ids: &'a RequestIds,
    subject: Option<&'a str>,
}

impl<'a> RequestContext<'a> {
    /// The context of a request with these ids. `subject` names the client, if the client is known.
    #[must_use]
    pub fn new(ids: &'a RequestIds, subject: Option<&'a str>) -> Self {
        Self { ids, subject: subject.filter(|subject| !subject.is_empty()) }
    }

    /// The id under which this server logs the request.
    #[must_use]
    pub fn span_id(&self) -> &str {
        self.ids.span()
    }

    /// The name of the client, if the client is known.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject
    }
}

/// The trace id of a `traceparent` (W3C Trace Context, section 3.2): `version-trace-parent-flags`.
/// A later version may append further fields.
fn trace_id(traceparent: &str) -> Option<String> {
    let mut fields = traceparent.split('-');
    let (version, trace, parent, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let well_formed = is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && [trace, parent].iter().all(|id| id.bytes().any(|digit| digit != b'0'))
        && (version != "00" || fields.next().is_none());
    well_formed.then(|| trace.to_owned())
}

fn is_hex(field: &str, digits: usize) -> bool {
    field.len() == digits && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn traceparent_has_a_trace_id() {
        for ok in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(trace_id(ok).as_deref(), Some(TRACE), "{ok}");
        }
    }

    #[test]
    fn malformed_traceparent_is_ignored() {
        for bad in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn span_id_is_echoed_or_generated() {
        let mut headers = HeaderMap::new();
        let made = RequestIds::of(&headers);
        assert!(is_hex(made.span(), 32), "{}", made.span());
        assert_ne!(RequestIds::of(&headers).span(), made.span());
        headers.insert(SPAN_ID, HeaderValue::from_static("mine"));
        assert_eq!(RequestIds::of(&headers).span(), "mine");
        for unusable in [String::new(), "two words".to_owned(), "x".repeat(SPAN_ID_CHARS + 1)] {
            headers.insert(SPAN_ID, HeaderValue::from_bytes(unusable.as_bytes()).unwrap());
            assert_eq!(RequestIds::of(&headers).span().len(), 32, "{unusable}");
        }
    }
}
