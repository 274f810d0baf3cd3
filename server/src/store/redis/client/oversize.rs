//! Values that Redis may reject because of their size alone.
//!
//! A value above `proto-max-bulk-len`, which is at least 1 MiB, is a protocol error: Redis replies with an error and
//! closes the connection, and other requests on that connection fail too. So each value above 1 MiB is sent alone, on
//! a separate connection. Often the connection breaks before the error arrives. Then a GET with a key of the same
//! size finds out whether the size was the cause.

use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::{Cmd, Value, cmd};
use tokio::time::Instant;

use super::error::{RedisClientError, RedisClientErrorKind};
use super::lane::Lane;
use super::pending_bytes::ReservedBytes;
use super::pipelines::Pipelines;

/// The smallest `proto-max-bulk-len` that Redis accepts, in bytes.
pub(super) const MIN_BULK_LIMIT: usize = 1 << 20;
/// How long a rejected size is rejected again without asking Redis.
const REJECTION_AGE: Duration = Duration::from_secs(10);

/// The connection for oversize values, which are sent one after the other.
pub(super) struct OversizeLane {
    pipelines: Arc<Pipelines>,
    turn: tokio::sync::Mutex<()>,
    rejected: Mutex<Option<(usize, Instant)>>,
    warning: Once,
}

impl OversizeLane {
    /// Takes a connection that nothing else uses.
    pub(super) fn new(lane: Lane) -> Self {
        Self {
            pipelines: Pipelines::new(vec![lane]),
            turn: tokio::sync::Mutex::new(()),
            rejected: Mutex::new(None),
            warning: Once::new(),
        }
    }

    /// Sends commands that carry a value of `len` bytes, and returns their replies.
    pub(super) async fn send(
        &self,
        len: usize,
        commands: Vec<Cmd>,
        reserved: ReservedBytes,
    ) -> Result<Vec<Value>, RedisClientError> {
        self.check_len(len)?;
        let _turn = self.turn.lock().await;
        let error = match self.pipelines.send_reserved(commands, reserved).await {
            Ok(replies) => return Ok(replies),
            Err(error) => error,
        };
        Err(self.find_cause(len, error).await)
    }

    /// Fails if Redis has recently rejected a value of `len` bytes or less.
    pub(super) fn check_len(&self, len: usize) -> Result<(), RedisClientError> {
        let rejected = *self.rejected.lock().unwrap_or_else(PoisonError::into_inner);
        match rejected {
            Some((rejected, at)) if rejected <= len && at.elapsed() < REJECTION_AGE => {
                let reason = format!("messages of {rejected} bytes are too large for it");
                Err(RedisClientError::new(RedisClientErrorKind::ValueTooLarge, reason))
            }
            _ => Ok(()),
        }
    }

    /// Returns the size as the cause if a write of `len` bytes failed because of it, else `error`.
    pub(super) async fn explain(&self, len: usize, error: RedisClientError) -> RedisClientError {
        let _turn = self.turn.lock().await;
        self.find_cause(len, error).await
    }

    async fn find_cause(&self, len: usize, error: RedisClientError) -> RedisClientError {
        let cause = match error.kind {
            RedisClientErrorKind::Disconnected => self.probe_len(len).await.unwrap_or(error),
            _ => error,
        };
        if cause.kind == RedisClientErrorKind::ValueTooLarge {
            *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) = Some((len, Instant::now()));
            self.warning.call_once(|| {
                log::warn!(
                    "messages of {len} bytes are refused: raise the proto-max-bulk-len of Redis to \
                     --max-message-bytes: {cause}"
                );
            });
        }
        cause
    }

    /// Sends a GET with a key of this size. Redis checks the size before the command, the user and the key.
    async fn probe_len(&self, len: usize) -> Option<RedisClientError> {
        let mut get = cmd("GET");
        get.arg(vec![b'0'; len]);
        let error = self.pipelines.send(vec![get]).await.err();
        error.filter(|error| error.kind == RedisClientErrorKind::ValueTooLarge)
    }
}
