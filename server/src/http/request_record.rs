//! The record of one request: who sent it, which operation it called, and how it ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Body as _;
use hyper::http::request::Parts;
use message_to_hash_api::server::Operation;

use super::access_log;
use super::client_address::ClientAddress;
use crate::context::RequestIds;
use crate::identity::Verified;
use crate::logging::LogFormat;
use crate::metrics::HttpMetrics;
use crate::problem::ResponseBody;

/// The status that the metrics count for a request that ended without a response.
const NO_RESPONSE: u16 = 499;

/// The record of a request in flight.
///
/// Dropping it counts the request in the metrics and writes its line in the access log. Both therefore happen also when
/// the server stops before it has a response.
pub struct RequestRecord {
    pub format: LogFormat,
    pub started: Instant,
    pub metrics: Arc<HttpMetrics>,
    pub client: ClientAddress,
    /// The head of the request.
    pub request: Parts,
    /// The operation that the method and the path select; `None` if the contract has no such operation.
    pub operation: Option<Operation>,
    pub ids: RequestIds,
    /// The claims of the client's token; `None` without a valid token.
    pub identity: Option<Arc<Verified>>,
    /// The length of the request's body in bytes; `None` if the client did not announce it.
    pub bytes_in: Option<u64>,
    /// The status, and the length of the response's body in bytes; `None` until there is a response.
    pub response: Option<(u16, Option<u64>)>,
}

impl RequestRecord {
    /// Records the response.
    pub fn set_response(&mut self, response: &Response<ResponseBody>) {
        self.response = Some((response.status().as_u16(), response.body().size_hint().exact()));
    }

    fn count(&self, duration: Duration) {
        let (status, bytes_out) = self.response.unwrap_or((NO_RESPONSE, None));
        self.metrics.in_flight.dec();
        self.metrics.received.inc_by(self.bytes_in.unwrap_or(0));
        self.metrics.sent.inc_by(bytes_out.unwrap_or(0));
        self.metrics.observe(self.operation, status, duration);
    }
}

impl Drop for RequestRecord {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        self.count(duration);
        access_log::write(self, duration);
    }
}
