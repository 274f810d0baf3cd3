//! Bounds the bytes of values that wait for Redis, so that a Redis that hangs does not use up the memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::RedisClientError;

/// Bytes of values that are being sent or wait for the reply. The Redis library holds up to three copies of each value.
const MAX_SENDING: usize = 32 << 20;
/// Bytes of values that wait to be sent. There is one copy of each.
const MAX_WAITING: usize = 256 << 20;
/// Values up to this many bytes are not counted. The number of requests bounds them, and a GET must not wait behind
/// large writes.
const MAX_UNCOUNTED: usize = 4 << 10;

/// The bytes of all values on their way to the nodes of one store.
pub(super) struct PendingBytes {
    sending: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Bytes that are being sent. Dropping this releases them.
#[derive(Default)]
pub(super) struct ReservedBytes {
    _permit: Option<OwnedSemaphorePermit>,
    pub(super) len: usize,
}

impl PendingBytes {
    pub(super) fn new() -> Self {
        Self { sending: Arc::new(Semaphore::new(MAX_SENDING)), waiting: AtomicUsize::new(0) }
    }

    /// Waits until `len` more bytes may be sent. The caller bounds the wait.
    ///
    /// # Errors
    /// `Refused` if too many bytes wait already.
    pub(super) async fn reserve(&self, len: usize) -> Result<ReservedBytes, RedisClientError> {
        if len <= MAX_UNCOUNTED {
            return Ok(ReservedBytes { _permit: None, len });
        }
        let _waiting = WaitingBytes::add(&self.waiting, len)?;
        // A larger value takes all permits, and is therefore sent alone.
        let permits = u32::try_from(len.min(MAX_SENDING)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.sending).acquire_many_owned(permits).await;
        let permit = permit.map_err(|_| RedisClientError::closed())?;
        Ok(ReservedBytes { _permit: Some(permit), len })
    }
}

/// Bytes that wait to be sent. Dropping this subtracts them from the total.
struct WaitingBytes<'a> {
    total: &'a AtomicUsize,
    len: usize,
}

impl<'a> WaitingBytes<'a> {
    fn add(total: &'a AtomicUsize, len: usize) -> Result<Self, RedisClientError> {
        let before = total.fetch_add(len, Ordering::Relaxed);
        let waiting = Self { total, len };
        if before > 0 && before + len > MAX_WAITING {
            return Err(RedisClientError::refused(format!(
                "{before} bytes of messages wait for Redis already"
            )));
        }
        Ok(waiting)
    }
}

impl Drop for WaitingBytes<'_> {
    fn drop(&mut self) {
        self.total.fetch_sub(self.len, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn bytes_beyond_the_bound_wait_or_are_refused() {
        let pending = PendingBytes::new();
        let first = pending.reserve(MAX_SENDING + 1).await.unwrap();
        let mut next = Box::pin(pending.reserve(MAX_WAITING));
        assert!(next.as_mut().now_or_never().is_none(), "the reservation waits");
        assert!(pending.reserve(MAX_UNCOUNTED + 1).await.is_err(), "too many bytes wait");
        assert!(pending.reserve(MAX_UNCOUNTED).await.is_ok(), "a small value is not counted");
        drop(first);
        drop(next.await.unwrap());
        assert!(pending.reserve(MAX_SENDING).await.is_ok());
    }
}
