//! What bodies may take of memory: so much for all of them together, and none waits for it.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::ResponseBody;

/// All may have so many bytes together, or so many times the largest one.
const ALL_BYTES: usize = 256 << 20;
const ALL_LARGEST: usize = 4;
/// A response of no more is not counted: there are as many of them as connections.
const SMALL_BYTES: u64 = 64 << 10;

/// Memory that many share.
pub struct Memory {
    all: usize,
    free: Arc<Semaphore>,
}

/// A part of it, until this is dropped.
pub type Share = OwnedSemaphorePermit;

impl Memory {
    /// The largest body will have so many bytes.
    pub fn of_largest(bytes: usize) -> Self {
        let all = ALL_BYTES.max(bytes.saturating_mul(ALL_LARGEST)).min(Semaphore::MAX_PERMITS);
        Self { all, free: Arc::new(Semaphore::new(all)) }
    }

    /// Whether there is room for so many bytes now.
    pub fn has(&self, bytes: u64) -> bool {
        self.free.available_permits() as u64 >= bytes
    }

    /// Takes so many bytes, if there is room for them.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        Arc::clone(&self.free).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }

    /// The response, which takes its bytes until its client has read them; `None` where there is no room.
    pub async fn hold(&self, response: Response<ResponseBody>) -> Option<Response<ResponseBody>> {
        let bytes = usize::try_from(response.body().size_hint().lower()).ok()?;
        let share = self.take(bytes.min(self.all))?; // it may have been stored when larger ones were taken
        let (head, body) = response.into_parts();
        let Ok(body) = body.collect().await; // one piece, and there at once
        // The body is gone once hyper has its bytes, so these have the share.
        let bytes = Bytes::from_owner(Held { bytes: body.to_bytes(), _share: share });
        Some(Response::from_parts(head, Full::new(bytes).boxed()))
    }
}

/// Whether the response is to be held.
pub fn is_large(response: &Response<ResponseBody>) -> bool {
    response.body().size_hint().lower() > SMALL_BYTES
}

struct Held {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
