//! Reads the bodies of requests, each within a size and a time, and all of them within one memory budget.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use super::memory::{BodyMemory, BodyShare, MAX_UNCOUNTED_BYTES};

/// The announced length is reserved only after an eighth of it has arrived, so a large `Content-Length` alone reserves
/// nothing. Growth by doubling for the whole body would leave the allocator with the outgrown buffers: half as much
/// again.
const RESERVE_DIVISOR: usize = 8;

/// The reason why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// The body is larger than the limit.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// The client closed the connection, or the framing of the body is invalid.
    Broken,
    /// The memory budget for bodies is exhausted, and other requests did not free enough of it in time.
    NoMemory,
}

/// Reads bodies within limits.
pub struct BodyReader {
    timeout: Duration,
    memory: BodyMemory,
}

/// The body of a request. Dropping it frees its share of the memory budget.
#[derive(Default)]
pub struct ReceivedBody {
    pub bytes: Bytes,
    /// The trailers of a chunked body. hyper limits them to 16 KiB.
    pub trailers: HeaderMap,
    _share: BodyShare,
}

impl BodyReader {
    /// A reader for bodies of at most `max_bytes` bytes, which must arrive within `timeout`.
    pub fn new(max_bytes: usize, timeout: Duration) -> Self {
        Self { timeout, memory: BodyMemory::for_largest_body(max_bytes) }
    }

    /// Reads a body of at most `max_bytes` bytes. If its announced length is larger, nothing is read.
    pub async fn read(&self, body: &mut Incoming, max_bytes: usize) -> Result<ReceivedBody, BodyError> {
        if body.is_end_stream() {
            return Ok(ReceivedBody::default());
        }
        let announced = body.size_hint();
        if announced.lower() > max_bytes as u64 {
            return Err(BodyError::TooLarge);
        }
        let is_counted = announced.upper().is_none_or(|bytes| bytes > MAX_UNCOUNTED_BYTES);
        // Bodies that have begun to arrive need the rest of the budget.
        if is_counted && !self.memory.has_free(announced.lower()) {
            return Err(BodyError::NoMemory);
        }
        // Boxed, so that the future of a request without a body stays small.
        Box::pin(self.collect(body, max_bytes, is_counted)).await
    }

    async fn collect(
        &self,
        body: &mut Incoming,
        max_bytes: usize,
        is_counted: bool,
    ) -> Result<ReceivedBody, BodyError> {
        let (mut bytes, mut trailers) = (BytesMut::new(), HeaderMap::new());
        let announced = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
        let mut share = BodyShare::default();
        let deadline = Instant::now() + self.timeout;
        loop {
            // The time spent waiting for memory does not count against the client.
            let frame = timeout_at(deadline + share.waited, body.frame()).await;
            let Some(frame) = frame.map_err(|_| BodyError::TooSlow)? else { break };
            let data = match frame.map_err(|_| BodyError::Broken)?.into_data() {
                Ok(data) => data,
                Err(frame) => {
                    trailers = frame.into_trailers().unwrap_or_default();
                    continue;
                }
            };
            if data.len() > max_bytes - bytes.len() {
                return Err(BodyError::TooLarge);
            }
            // Only received bytes are counted, so a client must send all bytes that it wants to occupy.
            if is_counted && !self.memory.grow(&mut share, data.len()).await {
                return Err(BodyError::NoMemory);
            }
            if bytes.is_empty() && body.is_end_stream() {
                return Ok(ReceivedBody { bytes: data, trailers, _share: share }); // most bodies: one piece, no copy
            }
            if bytes.len() >= announced / RESERVE_DIVISOR {
                bytes.reserve(announced.saturating_sub(bytes.len()));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(ReceivedBody { bytes: bytes.freeze(), trailers, _share: share })
    }
}

/// Counts the strings in a JSON text, including the names of members. A decoded string has its own allocation, even if
/// it took only two bytes of JSON.
pub fn count_json_strings(mut json: &[u8]) -> usize {
    let mut count = 0;
    while let Some(start) = memchr::memchr(b'"', json) {
        count += 1;
        json = &json[start + 1..];
        while let Some(at) = memchr::memchr2(b'"', b'\\', json) {
            let is_end = json[at] == b'"';
            // A backslash escapes the next byte.
            json = json.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
            if is_end {
                break;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings_are_counted() {
        for (json, count) in [
            ("", 0),
            ("{}", 0),
            (r#"{"messages":[]}"#, 1),
            (r#"{"messages":["","a","\"","\\","\\\"",",,\u0022"]}"#, 7),
            (r#"["unfinished"#, 1),
            (r#"["unfinished\"#, 1),
        ] {
            assert_eq!(count_json_strings(json.as_bytes()), count, "{json}");
        }
    }
}
