//! What bodies may take of memory: so much for all of them together, and none waits for it.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt as _;
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
pub struct Memory(Arc<Semaphore>);

/// A part of it, until this is dropped.
pub type Share = OwnedSemaphorePermit;

impl Memory {
    /// The largest body will have so many bytes.
    pub fn of_largest(bytes: usize) -> Self {
        let all = ALL_BYTES.max(bytes.saturating_mul(ALL_LARGEST)).min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(all)))
    }

    /// Whether there is room for so many bytes now.
    pub fn has(&self, bytes: u64) -> bool {
        self.0.available_permits() as u64 >= bytes
    }

    /// Takes so many bytes, if there is room for them.
    pub fn take(&self, bytes: usize) -> Option<Share> {
        Arc::clone(&self.0).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }

    /// The response, which takes its bytes until its client has read them; `None` where there is no room.
    pub fn hold(&self, response: Response<ResponseBody>) -> Option<Response<ResponseBody>> {
        let bytes = response.body().size_hint().lower();
        if bytes <= SMALL_BYTES {
            return Some(response);
        }
        let mut share = self.take(usize::try_from(bytes).ok()?);
        share.as_ref()?;
        // The body is gone once hyper has its bytes, so these have the share; all of them are one frame.
        let hold = move |body: ResponseBody| {
            body.map_frame(move |frame| frame.map_data(|bytes| held(bytes, share.take()))).boxed()
        };
        Some(response.map(hold))
    }
}

fn held(bytes: Bytes, share: Option<Share>) -> Bytes {
    Bytes::from_owner(Held { bytes, _share: share })
}

struct Held {
    bytes: Bytes,
    _share: Option<Share>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
