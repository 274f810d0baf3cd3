//! One line for each request, on stdout: who asked for what, how it ended and how long it took.
//!
//! Never the contents of a message, never a token. A path names a hash at most, and is cut.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use hyper::body::Body as _;
use hyper::{Method, Response, Uri};
use serde::Serialize;

use super::client::Client;
use crate::config::LogFormat;
use crate::context::RequestContext;
use crate::identity::Verified;
use crate::metrics::HttpMetrics;
use crate::problem::ResponseBody;

/// The target of these records, for `--log-filter` and for the logger that sends them to stdout.
pub const TARGET: &str = "access";

const PATH_BYTES: usize = 128;
const METHOD_BYTES: usize = 16;
/// The status in the metrics of a request whose client went away.
const NOT_WAITED_FOR: u16 = 499;

/// A request under way. It is counted, and its line is logged, when this is dropped, so also where the client
/// went away.
pub struct Exchange {
    pub format: LogFormat,
    pub started: Instant,
    pub metrics: Arc<HttpMetrics>,
    pub client: Client,
    pub method: Method,
    pub uri: Uri,
    /// The operation of the contract; none where path and method name none.
    pub operation: Option<&'static str>,
    pub context: RequestContext,
    /// What the client's token says, where it had one that is valid.
    pub identity: Option<Arc<Verified>>,
    /// Bytes of the request's body; none where it did not say.
    pub bytes_in: Option<u64>,
    /// Status, and bytes of the response's body; none where the client did not wait for it.
    pub answer: Option<(u16, Option<u64>)>,
}

impl Exchange {
    /// Notes how the request was answered.
    pub fn answered(&mut self, response: &Response<ResponseBody>) {
        self.answer = Some((response.status().as_u16(), response.body().size_hint().exact()));
    }

    fn count(&self) {
        let (status, bytes_out) = self.answer.unwrap_or((NOT_WAITED_FOR, None));
        self.metrics.in_flight.dec();
        self.metrics.received.inc_by(self.bytes_in.unwrap_or(0));
        self.metrics.sent.inc_by(bytes_out.unwrap_or(0));
        self.metrics.answered(self.operation, status, self.started.elapsed());
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.count();
        if !log::log_enabled!(target: TARGET, log::Level::Info) {
            return;
        }
        let path = printable(self.uri.path(), PATH_BYTES);
        let line = Line {
            peer: self.client,
            method: &printable(self.method.as_str(), METHOD_BYTES),
            path: &path,
            status: self.answer.map(|(status, _)| status),
            duration_us: self.started.elapsed().as_micros(),
            operation: self.operation,
            bytes_in: self.bytes_in,
            bytes_out: self.answer.and_then(|(_, bytes)| bytes),
            span: self.context.span_id(),
            trace: self.context.trace_id(),
            subject: self.identity.as_ref().and_then(|identity| identity.subject.as_deref()),
        };
        match self.format {
            LogFormat::Text => log::info!(target: TARGET, "{line}"),
            LogFormat::Json => {
                log::info!(target: TARGET, "{}", serde_json::to_string(&line).unwrap_or_default());
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
    peer: Client,
    method: &'a str,
    path: &'a str,
    status: Option<u16>,
    /// From the request's head to the response's.
    duration_us: u128,
    operation: Option<&'static str>,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
    span: &'a str,
    trace: Option<&'a str>,
    subject: Option<&'a str>,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, method, path, duration_us, span, .. } = self;
        let (status, operation) = (OrDash(self.status), OrDash(self.operation));
        let (bytes_in, bytes_out) = (OrDash(self.bytes_in), OrDash(self.bytes_out));
        let (trace, subject) = (OrDash(self.trace), OrDash(self.subject));
        write!(f, "{peer} {method} {path} {status} {duration_us}us operation={operation}")?;
        write!(f, " in={bytes_in} out={bytes_out} span={span} trace={trace} subject={subject}")
    }
}

struct OrDash<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}
