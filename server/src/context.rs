//! What is known of a request beside the request itself: the ids under which it is logged, and whether it may.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use swagger::auth::Scopes;
use swagger::{Authorization, Has, XSpanIdString};

/// The header in which a client may send its own id for a request, and gets the id back.
pub const SPAN_ID: HeaderName = HeaderName::from_static("x-span-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const SPAN_ID_CHARS: usize = 128;

/// The context that the generated code hands to each operation.
#[derive(Debug, Clone)]
pub struct RequestContext {
    span_id: XSpanIdString,
    trace_id: Option<String>,
    /// Without it the generated code refuses the request.
    authorization: Option<Authorization>,
}

impl RequestContext {
    /// Takes the ids from the request's headers; makes a span id where there is no usable one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let span_id = headers.get(SPAN_ID).and_then(usable_span_id);
        let span_id = span_id.unwrap_or_else(|| format!("{:032x}", fastrand::u128(..)));
        let trace_id = headers.get(TRACEPARENT).and_then(|value| trace_id(value.to_str().ok()?));
        Self { span_id: XSpanIdString(span_id), trace_id, authorization: None }
    }

    /// The id under which this server logs the request.
    #[must_use]
    pub fn span_id(&self) -> &str {
        &self.span_id.0
    }

    /// The request may do what it asks for; its subject is who asks, if that is known.
    pub fn admit(&mut self, subject: Option<&str>) {
        let subject = subject.unwrap_or_default().to_owned();
        self.authorization = Some(Authorization { subject, scopes: Scopes::All, issuer: None });
    }

    /// The id of the trace that the client put the request into: 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }
}

fn usable_span_id(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let usable =
        (1..=SPAN_ID_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then(|| text.to_owned())
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

impl Has<XSpanIdString> for RequestContext {
    fn get(&self) -> &XSpanIdString {
        &self.span_id
    }

    fn get_mut(&mut self) -> &mut XSpanIdString {
        &mut self.span_id
    }

    fn set(&mut self, value: XSpanIdString) {
        self.span_id = value;
    }
}

impl Has<Option<Authorization>> for RequestContext {
    fn get(&self) -> &Option<Authorization> {
        &self.authorization
    }

    fn get_mut(&mut self) -> &mut Option<Authorization> {
        &mut self.authorization
    }

    fn set(&mut self, value: Option<Authorization>) {
        self.authorization = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_well_formed_traceparent_has_a_trace_id() {
        for ok in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(trace_id(ok).as_deref(), Some(TRACE), "{ok}");
        }
    }

    #[test]
    fn a_malformed_traceparent_is_ignored() {
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
    fn a_span_id_is_echoed_or_made() {
        let mut headers = HeaderMap::new();
        assert_eq!(RequestContext::of(&headers).span_id().len(), 32);
        headers.insert(SPAN_ID, HeaderValue::from_static("mine"));
        assert_eq!(RequestContext::of(&headers).span_id(), "mine");
        for unusable in [String::new(), "two words".to_owned(), "x".repeat(SPAN_ID_CHARS + 1)] {
            headers.insert(SPAN_ID, HeaderValue::from_bytes(unusable.as_bytes()).unwrap());
            assert_eq!(RequestContext::of(&headers).span_id().len(), 32, "{unusable}");
        }
    }
}
