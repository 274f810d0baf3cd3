//! What bodies may take of memory: so much for all of them together. Those of requests grow, and wait for it; those
//! of responses take it at once, or not at all.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
/// A body of no more is not counted: there are as many of them as connections.
pub const SMALL_BYTES: u64 = 64 << 10;
/// Of one body, for others to give back what it still needs.
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
    /// For how long it had to wait.
    pub waited: Duration,
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
        if room.turn.is_some() {
            return true;
        }
        if let Some(share) = self.take(bytes) {
            room.add(share);
            return true;
        }
        let begun = Instant::now();
        let is_there = tokio::select! {
            share = self.wait_for(bytes) => share.map(|share| room.add(share)).is_some(),
            turn = Arc::clone(&self.turn).lock_owned() => {
                room.turn = Some(turn);
                true
            }
            () = sleep(LONGEST_WAIT.saturating_sub(room.waited)) => false,
        };
        room.waited += begun.elapsed();
        is_there
    }

    fn take(&self, bytes: usize) -> Option<Share> {
        Arc::clone(&self.free).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }

    async fn wait_for(&self, bytes: usize) -> Option<Share> {
        Arc::clone(&self.free).acquire_many_owned(u32::try_from(bytes).ok()?).await.ok()
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

impl Room {
    fn add(&mut self, more: Share) {
        match &mut self.share {
            Some(share) => share.merge(more),
            none => *none = Some(more),
        }
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
