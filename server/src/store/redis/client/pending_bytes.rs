//! The bytes of messages that wait for Redis, which are bounded: a Redis that hangs takes none of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::Failure;

/// Of messages that were sent and not yet answered. The Redis library holds up to three copies of each.
const MAX_SENDING: usize = 32 << 20;
/// Of messages that wait until they can be sent. They are there once.
const MAX_WAITING: usize = 256 << 20;
/// A message of no more is not counted: there are as many of them as requests, and reads must not wait behind writes.
const SMALL: usize = 4 << 10;

/// What all nodes of a store share.
pub(in crate::store::redis) struct Pending {
    sending: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Bytes that are being sent, until this is dropped.
#[derive(Default)]
pub(in crate::store::redis) struct Reserved {
    _permit: Option<OwnedSemaphorePermit>,
    pub(in crate::store::redis) bytes: usize,
}

impl Pending {
    pub(in crate::store::redis) fn new() -> Self {
        Self { sending: Arc::new(Semaphore::new(MAX_SENDING)), waiting: AtomicUsize::new(0) }
    }

    /// Waits until so many more bytes can be sent. The caller bounds the wait.
    ///
    /// # Errors
    /// [`Failure`] where too many wait already.
    pub(in crate::store::redis) async fn reserve(&self, bytes: usize) -> Result<Reserved, Failure> {
        if bytes <= SMALL {
            return Ok(Reserved { _permit: None, bytes });
        }
        let _waiting = Waiting::begin(&self.waiting, bytes)?;
        // A larger one is sent alone.
        let permits = u32::try_from(bytes.min(MAX_SENDING)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.sending).acquire_many_owned(permits).await;
        let permit = permit.map_err(|_| Failure::Refused("the store is closed".to_owned()))?;
        Ok(Reserved { _permit: Some(permit), bytes })
    }
}

/// Bytes that wait, until this is dropped.
struct Waiting<'a> {
    all: &'a AtomicUsize,
    bytes: usize,
}

impl<'a> Waiting<'a> {
    fn begin(all: &'a AtomicUsize, bytes: usize) -> Result<Self, Failure> {
        let before = all.fetch_add(bytes, Ordering::Relaxed);
        let waiting = Self { all, bytes };
        if before > 0 && before + bytes > MAX_WAITING {
            return Err(Failure::Refused(format!("{before} bytes of messages wait for Redis already")));
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn bytes_beyond_the_bound_wait_or_are_refused() {
        let pending = Pending::new();
        let all = pending.reserve(MAX_SENDING + 1).await.unwrap();
        let mut next = Box::pin(pending.reserve(MAX_WAITING));
        assert!(next.as_mut().now_or_never().is_none(), "it waits");
        assert!(pending.reserve(SMALL + 1).await.is_err(), "too many wait");
        assert!(pending.reserve(SMALL).await.is_ok(), "a small one is not counted");
        drop(all);
        drop(next.await.unwrap());
        assert!(pending.reserve(MAX_SENDING).await.is_ok());
    }
}
