//! One line for each request, on stdout: who asked for what, how it ended and how long it took.
//!
//! Never the contents of a message, never a token. A path names a hash at most, and is cut.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Body as _;
use hyper::http::request::Parts;
use message_to_hash_api::server::Operation;
use message_to_hash_api_runtime::OperationSet as _;
use serde::Serialize;

use super::client::Client;
use crate::config::LogFormat;
use crate::context::RequestIds;
use crate::identity::Verified;
use crate::metrics::HttpMetrics;
use crate::problem::ResponseBody;

/// The target of these records, for `--log-filter` and for the logger that sends them to stdout.
pub const TARGET: &str = "access";

const PATH_BYTES: usize = 128;
const METHOD_BYTES: usize = 16;
/// Of most lines as text.
const TEXT_BYTES: usize = 320;
/// The status in the metrics of a request that was given up.
const NOT_ANSWERED: u16 = 499;

/// A request under way. It is counted, and its line is logged, when this is dropped, so also where the server
/// stops before the answer.
pub struct Exchange {
    pub format: LogFormat,
    pub started: Instant,
    pub metrics: Arc<HttpMetrics>,
    pub client: Client,
    /// Its head.
    pub request: Parts,
    /// The operation of the contract; none where path and method name none.
    pub operation: Option<Operation>,
    pub ids: RequestIds,
    /// What the client's token says, where it had one that is valid.
    pub identity: Option<Arc<Verified>>,
    /// Bytes of the request's body; none where it did not say.
    pub bytes_in: Option<u64>,
    /// Status, and bytes of the response's body; none where the server stops first.
    pub answer: Option<(u16, Option<u64>)>,
}

impl Exchange {
    /// Notes how the request was answered.
    pub fn answered(&mut self, response: &Response<ResponseBody>) {
        self.answer = Some((response.status().as_u16(), response.body().size_hint().exact()));
    }

    fn count(&self, duration: Duration) {
        let (status, bytes_out) = self.answer.unwrap_or((NOT_ANSWERED, None));
        self.metrics.in_flight.dec();
        self.metrics.received.inc_by(self.bytes_in.unwrap_or(0));
        self.metrics.sent.inc_by(bytes_out.unwrap_or(0));
        self.metrics.answered(self.operation, status, duration);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        self.count(duration);
        if !log::log_enabled!(target: TARGET, log::Level::Info) {
            return;
        }
        let path = printable(self.request.uri.path(), PATH_BYTES);
        let line = Line {
            peer: &self.client.name(),
            method: &printable(self.request.method.as_str(), METHOD_BYTES),
            path: &path,
            status: self.answer.map(|(status, _)| status),
            duration_us: u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
            operation: self.operation.map(|operation| operation.info().id),
            bytes_in: self.bytes_in,
            bytes_out: self.answer.and_then(|(_, bytes)| bytes),
            span: self.ids.span(),
            trace: self.ids.trace(),
            subject: self.identity.as_ref().and_then(|identity| identity.subject.as_deref()),
        };
        match self.format {
            LogFormat::Text => log::info!(target: TARGET, "{}", line.to_text()),
            LogFormat::Json => {
                let [span, request] = [serde_json::to_string(line.span), serde_json::to_string(&line)];
                let (span, request) = (span.unwrap_or_default(), request.unwrap_or_default());
                log::info!(target: TARGET, r#""span":{span},"request":{request}"#);
            }
        }
    }
}

/// The beginning of a text of the client; what is not ASCII is escaped, since a terminal might obey it.
fn printable(text: &str, bytes: usize) -> Cow<'_, str> {
    let text = &text[..text.floor_char_boundary(bytes)];
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.escape_default().to_string()) }
}

#[derive(Serialize)]
struct Line<'a> {
    peer: &'a str,
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    /// From the request's head to the response's.
    duration_us: u64,
    operation: Option<&'static str>,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
    /// In a line of JSON it stands beside the request, as in the lines of the other log.
    #[serde(skip)]
    span: &'a str,
    trace: Option<&'a str>,
    subject: Option<&'a str>,
}

impl Line<'_> {
    /// Piece by piece, since one `write!` of so many pieces takes four times the instructions.
    fn to_text(&self) -> String {
        let mut text = String::with_capacity(TEXT_BYTES);
        let mut number = itoa::Buffer::new();
        let mut say = |label: &str, value: &str| {
            text.push_str(label);
            text.push_str(value);
        };
        say("", self.peer);
        say(" ", self.method);
        say(" ", self.path);
        say(" ", self.status.map_or("-", |status| number.format(status)));
        say(" ", number.format(self.duration_us));
        say("us operation=", self.operation.unwrap_or("-"));
        say(" in=", self.bytes_in.map_or("-", |bytes| number.format(bytes)));
        say(" out=", self.bytes_out.map_or("-", |bytes| number.format(bytes)));
        say(" span=", self.span);
        say(" trace=", self.trace.unwrap_or("-"));
        say(" subject=", self.subject.unwrap_or("-"));
        text
    }
}
