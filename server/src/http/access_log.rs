//! The access log: one line on stdout for each request, with its client, operation, status and duration.
//!
//! A line never contains a message or a token. It contains at most a hash, as part of the path, which is truncated.

use std::borrow::Cow;
use std::time::Duration;

use message_to_hash_api_runtime::OperationSet as _;
use serde::Serialize;

use super::request_record::RequestRecord;
use crate::logging::LogFormat;

/// The target of the access log's records. `--log-filter` names it, and the logger sends its records to stdout.
pub const TARGET: &str = "access";

const MAX_PATH_BYTES: usize = 128;
const MAX_METHOD_BYTES: usize = 16;
/// The initial capacity of a text line. Most lines are shorter.
const LINE_CAPACITY: usize = 320;

/// Writes the line of a request that took this long.
pub fn write(record: &RequestRecord, duration: Duration) {
    if !log::log_enabled!(target: TARGET, log::Level::Info) {
        return;
    }
    let line = AccessLogLine {
        peer: &record.client.text(),
        method: &printable(record.request.method.as_str(), MAX_METHOD_BYTES),
        path: &printable(record.request.uri.path(), MAX_PATH_BYTES),
        status: record.response.map(|(status, _)| status),
        duration_us: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
        operation: record.operation.map(|operation| operation.info().id),
        bytes_in: record.bytes_in,
        bytes_out: record.response.and_then(|(_, bytes)| bytes),
        span: record.ids.span(),
        trace: record.ids.trace(),
        subject: record.identity.as_ref().and_then(|identity| identity.subject.as_deref()),
    };
    match record.format {
        LogFormat::Text => log::info!(target: TARGET, "{}", line.to_text()),
        LogFormat::Json => {
            let [span, request] = [serde_json::to_string(line.span), serde_json::to_string(&line)];
            let (span, request) = (span.unwrap_or_default(), request.unwrap_or_default());
            log::info!(target: TARGET, r#""span":{span},"request":{request}"#);
        }
    }
}

/// Truncates a text that the client sent to `max_bytes`, and escapes it unless it is ASCII, because a terminal might
/// interpret other characters as commands.
fn printable(text: &str, max_bytes: usize) -> Cow<'_, str> {
    let text = &text[..text.floor_char_boundary(max_bytes)];
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.escape_default().to_string()) }
}

#[derive(Serialize)]
struct AccessLogLine<'a> {
    peer: &'a str,
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    /// The time from the request's head to the response's head, in microseconds.
    duration_us: u64,
    operation: Option<&'static str>,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
    /// A JSON line has the span next to the request object, as the lines on stderr do.
    #[serde(skip)]
    span: &'a str,
    trace: Option<&'a str>,
    subject: Option<&'a str>,
}

impl AccessLogLine<'_> {
    /// Formats the line as text. It appends field by field: one `write!` with all fields takes four times the
    /// instructions.
    fn to_text(&self) -> String {
        let mut text = String::with_capacity(LINE_CAPACITY);
        let mut number = itoa::Buffer::new();
        let mut append = |label: &str, value: &str| {
            text.push_str(label);
            text.push_str(value);
        };
        append("", self.peer);
        append(" ", self.method);
        append(" ", self.path);
        append(" ", self.status.map_or("-", |status| number.format(status)));
        append(" ", number.format(self.duration_us));
        append("us operation=", self.operation.unwrap_or("-"));
        append(" in=", self.bytes_in.map_or("-", |bytes| number.format(bytes)));
        append(" out=", self.bytes_out.map_or("-", |bytes| number.format(bytes)));
        append(" span=", self.span);
        append(" trace=", self.trace.unwrap_or("-"));
        append(" subject=", self.subject.unwrap_or("-"));
        text
    }
}
