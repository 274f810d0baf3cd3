//! Messages that Redis may refuse for their size alone.
//!
//! A text above `proto-max-bulk-len`, which is at least 1 MiB, is a protocol error: Redis answers with an error and
//! closes the connection, and with it the requests of others. So a message above 1 MiB is alone on its connection.
//! Often the connection breaks before the error arrives; then a read of the same size tells why.

use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::{Cmd, Value, cmd};
use tokio::time::Instant;

use super::connection::Lane;
use super::error::Failure;
use super::pending_bytes::Reserved;
use super::pipelines::Batches;

/// No server can be told to take less.
pub(in crate::store::redis) const MIN_LIMIT: usize = 1 << 20;
/// How long a refused size is refused again without asking.
const REMEMBERED: Duration = Duration::from_secs(10);

/// The way of large messages to one node, one after the other.
pub(in crate::store::redis) struct Oversize {
    lane: Arc<Batches>,
    turn: tokio::sync::Mutex<()>,
    refused: Mutex<Option<(usize, Instant)>>,
    warning: Once,
}

impl Oversize {
    /// Has this connection for itself.
    pub(in crate::store::redis) fn on(lane: Lane) -> Self {
        Self {
            lane: Batches::on(vec![lane]),
            turn: tokio::sync::Mutex::new(()),
            refused: Mutex::new(None),
            warning: Once::new(),
        }
    }

    /// Sends these commands, of which one has a text of `len` bytes, and gives their replies.
    pub(in crate::store::redis) async fn ask(
        &self,
        len: usize,
        commands: Vec<Cmd>,
        reserved: Reserved,
    ) -> Result<Vec<Value>, Failure> {
        self.check(len)?;
        let _turn = self.turn.lock().await;
        let failure = match self.lane.ask_reserved(commands, reserved).await {
            Ok(replies) => return Ok(replies),
            Err(failure) => failure,
        };
        Err(self.find_cause(len, failure).await)
    }

    /// Fails where a text of `len` bytes, or a shorter one, was refused just now.
    pub(in crate::store::redis) fn check(&self, len: usize) -> Result<(), Failure> {
        let refused = *self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match refused {
            Some((refused, at)) if refused <= len && at.elapsed() < REMEMBERED => {
                Err(Failure::TooLarge(format!("messages of {refused} bytes are too large for it")))
            }
            _ => Ok(()),
        }
    }

    /// Why a text of `len` bytes failed elsewhere, if its size is the cause.
    pub(in crate::store::redis) async fn explain(&self, len: usize, failure: Failure) -> Failure {
        let _turn = self.turn.lock().await;
        self.find_cause(len, failure).await
    }

    async fn find_cause(&self, len: usize, failure: Failure) -> Failure {
        let cause = match failure {
            Failure::Cut(_) => self.try_size(len).await.unwrap_or(failure),
            failure => failure,
        };
        if let Failure::TooLarge(text) = &cause {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some((len, Instant::now()));
            self.warning.call_once(|| {
                log::warn!(
                    "messages of {len} bytes are refused: its proto-max-bulk-len is too small for \
                     --max-message-bytes: {text}"
                );
            });
        }
        cause
    }

    /// Reads a key of this size. Redis refuses it before it looks at the command, the user or the key.
    async fn try_size(&self, len: usize) -> Option<Failure> {
        let mut get = cmd("GET");
        get.arg(vec![b'0'; len]);
        self.lane.ask(vec![get]).await.err().filter(|failure| matches!(failure, Failure::TooLarge(_)))
    }
}
