//! What bodies may take of memory: so much for all of them together.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Body as _;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::problem::ResponseBody;

/// All may have so many bytes together, or so many times the largest one.
const ALL_BYTES: usize = 256 << 20;
const ALL_LARGEST: usize = 4;
/// A response of no more is not counted: there are as many of them as connections.
const SMALL_BYTES: u64 = 64 << 10;
/// For others to give back what a body that has begun still needs.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Memory that many share.
pub struct Memory {
    all: usize,
    free: Arc<Semaphore>,
    /// To go on when there is no more. Those who wait have all of it between them, so without this they would wait
    /// for each other, and none would ever have enough.
    turn: Arc<Mutex<()>>,
}

/// A part of it, until this is dropped.
type Share = OwnedSemaphorePermit;

/// What a body that grows has of it, until this is dropped.
#[derive(Default)]
pub struct Room {
    share: Option<Share>,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Memory {
    /// The largest body will have so many bytes.
    pub fn of_largest(bytes: usize) -> Self {
        let all = ALL_BYTES.max(bytes.saturating_mul(ALL_LARGEST)).min(Semaphore::MAX_PERMITS);
        Self { all, free: Arc::new(Semaphore::new(all)), turn: Arc::default() }
    }

    /// Whether there is room for so many bytes now.
    pub fn has(&self, bytes: u64) -> bool {
        self.free.available_permits() as u64 >= bytes
    }

    /// Makes room for so many bytes more, and waits for it if need be. Whether there is.
    ///
    /// One body at a time may go beyond what all may have.
    pub async fn grow(&self, room: &mut Room, bytes: usize) -> bool {
        let Ok(permits) = u32::try_from(bytes) else { return false };
        if room.turn.is_some() {
            return true;
        }
        tokio::select! {
            biased;
            Ok(more) = Arc::clone(&self.free).acquire_many_owned(permits) => match &mut room.share {
                Some(share) => share.merge(more),
                none => *none = Some(more),
            },
            turn = Arc::clone(&self.turn).lock_owned() => room.turn = Some(turn),
            () = sleep(LONGEST_WAIT) => return false,
        }
        true
    }

    /// The response, which takes its bytes until its client has read them; `None` where there is no room.
    pub async fn hold(&self, response: Response<ResponseBody>) -> Option<Response<ResponseBody>> {
        let bytes = usize::try_from(response.body().size_hint().lower()).ok()?;
        let bytes = u32::try_from(bytes.min(self.all)).ok()?; // it may have been stored when larger ones were taken
        let share = Arc::clone(&self.free).try_acquire_many_owned(bytes).ok()?;
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
