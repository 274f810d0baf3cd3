//! Reads a request's body: whole, within a size and within a time.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It has more bytes than are taken.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The client ended the connection, or its framing is wrong.
    Broken,
}

/// The bytes of the body. Where its length is announced and too large, nothing is read.
pub async fn read(body: Incoming, most_bytes: u64, most_time: Duration) -> Result<Bytes, Unread> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > most_bytes {
        return Err(Unread::TooLarge);
    }
    let limit = usize::try_from(most_bytes).unwrap_or(usize::MAX);
    let collected =
        timeout(most_time, Limited::new(body, limit).collect()).await.map_err(|_| Unread::TooSlow)?;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(_) => Err(Unread::Broken),
    }
}
