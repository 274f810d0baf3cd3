//! The attempts of one call: how often and how long.

use std::time::Duration;

use log::debug;
use tokio::time::{Instant, sleep, timeout};

use crate::Error;
use crate::backoff::backoff_delay;
use crate::token::TokenSource;
use crate::transport::CallContext;

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) attempt_timeout: Duration,
    pub(crate) total_timeout: Duration,
}

/// The attempts that were made, and the time that they took.
pub(crate) struct Attempts {
    retry_policy: RetryPolicy,
    started: Instant,
    /// One for all of them, as the server logs it.
    span_id: String,
    count: u32,
}

impl Attempts {
    pub(crate) fn start(retry_policy: RetryPolicy) -> Self {
        let span_id = format!("{:032x}", fastrand::u128(..));
        Self { retry_policy, started: Instant::now(), span_id, count: 0 }
    }

    /// One more.
    pub(crate) async fn run<T, A>(
        &mut self,
        token_source: &TokenSource,
        attempt: impl FnOnce(CallContext) -> A,
    ) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        self.count += 1;
        let bounded =
            async { attempt(CallContext::new(self.span_id.clone(), token_source.next_token().await?)).await };
        let remaining = self.retry_policy.total_timeout.saturating_sub(self.started.elapsed());
        timeout(self.retry_policy.attempt_timeout.min(remaining), bounded)
            .await
            .unwrap_or(Err(Error::TimedOut))
    }

    /// Waits for the next one; `Err` where there is none to be.
    pub(crate) async fn wait_before_retry(&self, error: Error) -> Result<(), Error> {
        let (span_id, count) = (&self.span_id, self.count);
        let delay = backoff_delay(count, error.retry_after());
        let is_too_late = self.started.elapsed().saturating_add(delay) >= self.retry_policy.total_timeout;
        if !error.is_temporary() || count >= self.retry_policy.max_attempts || is_too_late {
            debug!("{span_id}: attempt {count} was the last: {error}");
            return Err(error);
        }
        debug!("{span_id}: attempt {count}: {error}; the next in {delay:?}");
        sleep(delay).await;
        Ok(())
    }
}
