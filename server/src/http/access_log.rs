//! One line for each request, on stdout: who asked for what, how it ended and how long it took.
//!
//! Never the contents of a message. A path names a hash at most, and is cut.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

use crate::config::LogFormat;

/// The target of these records, for `--log-filter` and for the logger that sends them to stdout.
pub const TARGET: &str = "access";

const PATH_BYTES: usize = 128;

/// What is logged of a request.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    /// The client, or the proxy in front of it.
    pub peer: SocketAddr,
    pub method: &'a str,
    pub path: &'a str,
    /// The operation of the contract; none where path and method name none.
    pub operation: Option<&'static str>,
    pub status: u16,
    /// Bytes of the request's body; none where it did not say.
    pub bytes_in: Option<u64>,
    /// Bytes of the response's body.
    pub bytes_out: Option<u64>,
    /// From the request's head to the response's, in microseconds.
    pub duration_us: u128,
    pub span: &'a str,
    pub trace: Option<&'a str>,
}

impl Entry<'_> {
    pub fn log(mut self, format: LogFormat) {
        self.path = &self.path[..self.path.floor_char_boundary(PATH_BYTES)];
        match format {
            LogFormat::Text => log::info!(target: TARGET, "{self}"),
            LogFormat::Json => {
                log::info!(target: TARGET, "{}", serde_json::to_string(&self).unwrap_or_default());
            }
        }
    }
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, method, path, status, duration_us, span, .. } = self;
        let (operation, trace) = (self.operation.unwrap_or("-"), self.trace.unwrap_or("-"));
        let (bytes_in, bytes_out) = (OrDash(self.bytes_in), OrDash(self.bytes_out));
        write!(f, "{peer} {method} {path} {status} {duration_us}us operation={operation}")?;
        write!(f, " in={bytes_in} out={bytes_out} span={span} trace={trace}")
    }
}

struct OrDash(Option<u64>);

impl fmt::Display for OrDash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(number) => write!(f, "{number}"),
            None => f.write_str("-"),
        }
    }
}
