//! Reads requests' bodies: each whole, within a size and a time, and all of them within one memory.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use super::memory::{Memory, Room, SMALL_BYTES};

/// Of an announced length so much has to be there before there is room for all of it at once. To grow by doubling leaves
/// the allocator with what was outgrown: half as much again. Sooner, whoever announces much would occupy addresses.
const PART_BEFORE_ROOM: usize = 8;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It has more bytes than are taken.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The client ended the connection, or its framing is wrong.
    Broken,
    /// Other requests have all the memory there is for bodies, and did not give it back in time.
    NoMemory,
}

/// Reads bodies within bounds.
pub struct Reader {
    most_time: Duration,
    memory: Memory,
}

/// A body, and its share of the memory until this is dropped.
#[derive(Default)]
pub struct Received {
    pub bytes: Bytes,
    /// The fields behind a body in chunks. The HTTP library bounds them to 16 KiB.
    pub trailers: HeaderMap,
    _memory: Room,
}

impl Reader {
    /// The largest body will have so many bytes.
    pub fn new(largest: usize, most_time: Duration) -> Self {
        Self { most_time, memory: Memory::of_largest(largest) }
    }

    /// The bytes of the body. Where its length is announced and too large, nothing is read.
    pub async fn read(&self, body: &mut Incoming, most_bytes: usize) -> Result<Received, Unread> {
        if body.is_end_stream() {
            return Ok(Received::default());
        }
        let announced = body.size_hint();
        if announced.lower() > most_bytes as u64 {
            return Err(Unread::TooLarge);
        }
        let is_counted = announced.upper().is_none_or(|most| most > SMALL_BYTES);
        // Those that have begun need what is left.
        if is_counted && !self.memory.has(announced.lower()) {
            return Err(Unread::NoMemory);
        }
        // Boxed, so that requests without a body need no room for it.
        Box::pin(self.collect(body, most_bytes, is_counted)).await
    }

    async fn collect(
        &self,
        body: &mut Incoming,
        most_bytes: usize,
        is_counted: bool,
    ) -> Result<Received, Unread> {
        let (mut bytes, mut trailers) = (BytesMut::new(), HeaderMap::new());
        let announced = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
        let mut memory = Room::default();
        let deadline = Instant::now() + self.most_time;
        loop {
            // What it had to wait for others is not its client's time.
            let frame = timeout_at(deadline + memory.waited, body.frame()).await;
            let Some(frame) = frame.map_err(|_| Unread::TooSlow)? else { break };
            let data = match frame.map_err(|_| Unread::Broken)?.into_data() {
                Ok(data) => data,
                Err(frame) => {
                    trailers = frame.into_trailers().unwrap_or_default();
                    continue;
                }
            };
            if data.len() > most_bytes - bytes.len() {
                return Err(Unread::TooLarge);
            }
            // Only for what has arrived, so that a client has to send what it wants to occupy.
            if is_counted && !self.memory.grow(&mut memory, data.len()).await {
                return Err(Unread::NoMemory);
            }
            if bytes.is_empty() && body.is_end_stream() {
                return Ok(Received { bytes: data, trailers, _memory: memory }); // most bodies: one piece, no copy
            }
            if bytes.len() >= announced / PART_BEFORE_ROOM {
                bytes.reserve(announced.saturating_sub(bytes.len()));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Received { bytes: bytes.freeze(), trailers, _memory: memory })
    }
}

/// How many texts this JSON has, names of members among them. Each takes memory of its own once it is decoded,
/// and may have been as little as two bytes.
pub fn texts(mut json: &[u8]) -> usize {
    let mut texts = 0;
    while let Some(begin) = memchr::memchr(b'"', json) {
        texts += 1;
        json = &json[begin + 1..];
        while let Some(at) = memchr::memchr2(b'"', b'\\', json) {
            let is_end = json[at] == b'"';
            // A backslash takes what is next with it.
            json = json.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
            if is_end {
                break;
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_strings_are_counted() {
        for (json, number) in [
            ("", 0),
            ("{}", 0),
            (r#"{"messages":[]}"#, 1),
            (r#"{"messages":["","a","\"","\\","\\\"",",,\u0022"]}"#, 7),
            (r#"["unfinished"#, 1),
            (r#"["unfinished\"#, 1),
        ] {
            assert_eq!(texts(json.as_bytes()), number, "{json}");
        }
    }
}
