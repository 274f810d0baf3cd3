//! The memory budgets of bodies: one for all requests, one for all responses.
//!
//! The body of a request takes memory as it grows, and waits while the budget is exhausted. The body of a response takes
//! its whole size at once, or fails.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Body as _;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use crate::problem::ResponseBody;

/// The smallest capacity of a budget.
const MIN_CAPACITY_BYTES: usize = 256 << 20;
/// A budget holds at least this many bodies of the largest size.
const MIN_LARGEST_BODIES: usize = 4;
/// The size up to which bodies are not counted. The limit on connections already bounds their number.
pub const MAX_UNCOUNTED_BYTES: u64 = 64 << 10;
/// The total time that one body waits for memory before its request fails.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// A memory budget that many bodies share.
pub struct BodyMemory {
    capacity: usize,
    free: Arc<Semaphore>,
    /// Prevents a deadlock: one body at a time may exceed the budget. Otherwise bodies that hold the whole budget
    /// together, and each need more, would wait for one another.
    overdraft: Arc<Mutex<()>>,
}

/// A share of the budget. Dropping it gives the bytes back.
type Permits = OwnedSemaphorePermit;

/// The share of one growing body. Dropping it gives the bytes back.
#[derive(Default)]
pub struct BodyShare {
    permits: Option<Permits>,
    overdraft: Option<OwnedMutexGuard<()>>,
    /// The total time that this body has waited for memory.
    pub waited: Duration,
}

impl BodyMemory {
    /// A budget for bodies of at most `bytes` bytes each.
    pub fn for_largest_body(bytes: usize) -> Self {
        let capacity =
            MIN_CAPACITY_BYTES.max(bytes.saturating_mul(MIN_LARGEST_BODIES)).min(Semaphore::MAX_PERMITS);
        Self { capacity, free: Arc::new(Semaphore::new(capacity)), overdraft: Arc::default() }
    }

    /// Whether this many bytes are free now.
    pub fn has_free(&self, bytes: u64) -> bool {
        self.free.available_permits() as u64 >= bytes
    }

    /// Reserves `bytes` more for a body, or lets the body exceed the budget if no other one does. Waits up to
    /// [`MAX_WAIT`] in total, and returns false after that.
    pub async fn grow(&self, share: &mut BodyShare, bytes: usize) -> bool {
        if share.overdraft.is_some() {
            return true;
        }
        if let Some(permits) = self.try_acquire(bytes) {
            share.add(permits);
            return true;
        }
        let started = Instant::now();
        let has_grown = tokio::select! {
            permits = self.acquire(bytes) => permits.map(|permits| share.add(permits)).is_some(),
            overdraft = Arc::clone(&self.overdraft).lock_owned() => {
                share.overdraft = Some(overdraft);
                true
            }
            () = sleep(MAX_WAIT.saturating_sub(share.waited)) => false,
        };
        share.waited += started.elapsed();
        has_grown
    }

    fn try_acquire(&self, bytes: usize) -> Option<Permits> {
        Arc::clone(&self.free).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }

    async fn acquire(&self, bytes: usize) -> Option<Permits> {
        Arc::clone(&self.free).acquire_many_owned(u32::try_from(bytes).ok()?).await.ok()
    }

    /// Charges the body of a response to the budget until hyper has written it to the connection. Returns `None` if the
    /// budget has too few free bytes.
    pub async fn count_response(&self, response: Response<ResponseBody>) -> Option<Response<ResponseBody>> {
        let bytes = usize::try_from(response.body().size_hint().lower()).ok()?;
        // The message may be larger than the budget, if it was stored under a higher limit.
        let permits = self.try_acquire(bytes.min(self.capacity))?;
        let (head, body) = response.into_parts();
        let Ok(body) = body.collect().await; // one piece in memory, so this neither waits nor copies
        // hyper drops the body as soon as it has taken the bytes, so the bytes own the permits.
        let bytes = Bytes::from_owner(CountedBytes { bytes: body.to_bytes(), _permits: permits });
        Some(Response::from_parts(head, Full::new(bytes).boxed()))
    }
}

impl BodyShare {
    fn add(&mut self, more: Permits) {
        match &mut self.permits {
            Some(permits) => permits.merge(more),
            none => *none = Some(more),
        }
    }
}

/// Whether the body of this response is large enough to be counted.
pub fn must_be_counted(response: &Response<ResponseBody>) -> bool {
    response.body().size_hint().lower() > MAX_UNCOUNTED_BYTES
}

struct CountedBytes {
    bytes: Bytes,
    _permits: Permits,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
