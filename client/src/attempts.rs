//! The attempts of one call: how often and how long.

use std::time::Duration;

use log::debug;
use tokio::time::{Instant, sleep, timeout};

use crate::Error;
use crate::backoff::wait;
use crate::exchange::Call;
use crate::token::Tokens;

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) attempts: u32,
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
}

/// The attempts that were made, and the time that they took.
pub(crate) struct Attempts {
    patience: Patience,
    begun: Instant,
    /// One for all of them, as the server logs it.
    span_id: String,
    made: u32,
}

impl Attempts {
    pub(crate) fn begin(patience: Patience) -> Self {
        let span_id = format!("{:032x}", fastrand::u128(..));
        Self { patience, begun: Instant::now(), span_id, made: 0 }
    }

    /// One more.
    pub(crate) async fn run<T, A>(
        &mut self,
        tokens: &Tokens,
        attempt: impl FnOnce(Call) -> A,
    ) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        self.made += 1;
        let one = async { attempt(Call::new(self.span_id.clone(), tokens.next().await?)).await };
        let left = self.patience.total.saturating_sub(self.begun.elapsed());
        timeout(self.patience.attempt.min(left), one).await.unwrap_or(Err(Error::TimedOut))
    }

    /// Waits for the next one; `Err` where there is none to be.
    pub(crate) async fn pause_after(&self, error: Error) -> Result<(), Error> {
        let (span_id, made) = (&self.span_id, self.made);
        let wait = wait(made, error.retry_after());
        let is_too_late = self.begun.elapsed().saturating_add(wait) >= self.patience.total;
        if !error.is_temporary() || made >= self.patience.attempts || is_too_late {
            debug!("{span_id}: attempt {made} was the last: {error}");
            return Err(error);
        }
        debug!("{span_id}: attempt {made}: {error}; the next in {wait:?}");
        sleep(wait).await;
        Ok(())
    }
}
