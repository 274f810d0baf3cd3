//! Runs the attempts of one call, within its limits on number and time.

use std::time::Duration;

use log::debug;
use tokio::time::{Instant, sleep, timeout};

use crate::Error;
use crate::backoff::backoff_delay;
use crate::token::TokenSource;
use crate::transport::CallContext;

/// The limits of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryPolicy {
    pub(crate) max_attempts: u32,
    /// The deadline of one attempt, from the token to the last byte of the response.
    pub(crate) attempt_timeout: Duration,
    /// The deadline of the call: all attempts and the delays between them.
    pub(crate) total_timeout: Duration,
}

/// The progress of one call.
pub(crate) struct Attempts {
    retry_policy: RetryPolicy,
    started: Instant,
    /// Sent as `X-Span-ID` with every attempt, so that the server's log shows them as one call.
    span_id: String,
    count: u32,
}

impl Attempts {
    pub(crate) fn start(retry_policy: RetryPolicy) -> Self {
        let span_id = format!("{:032x}", fastrand::u128(..));
        Self { retry_policy, started: Instant::now(), span_id, count: 0 }
    }

    /// Runs one attempt with a fresh token.
    ///
    /// # Errors
    /// The error of the token source or of the attempt; [`Error::TimedOut`] at a deadline.
    pub(crate) async fn run<T, A>(
        &mut self,
        token_source: &TokenSource,
        attempt: impl FnOnce(CallContext) -> A,
    ) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        self.count += 1;
        let attempt =
            async { attempt(CallContext::new(self.span_id.clone(), token_source.next_token().await?)).await };
        let remaining = self.retry_policy.total_timeout.saturating_sub(self.started.elapsed());
        timeout(self.retry_policy.attempt_timeout.min(remaining), attempt)
            .await
            .unwrap_or(Err(Error::TimedOut))
    }

    /// Waits until the next attempt may start.
    ///
    /// # Errors
    /// Returns `error` if it is not temporary, no attempt is left, or the delay would pass the deadline.
    pub(crate) async fn wait_before_retry(&self, error: Error) -> Result<(), Error> {
        let (span_id, count) = (&self.span_id, self.count);
        let delay = backoff_delay(count, error.retry_after());
        let exceeds_deadline =
            self.started.elapsed().saturating_add(delay) >= self.retry_policy.total_timeout;
        if !error.is_temporary() || count >= self.retry_policy.max_attempts || exceeds_deadline {
            debug!("{span_id}: giving up after attempt {count}: {error}");
            return Err(error);
        }
        debug!("{span_id}: attempt {count} failed: {error}; retrying in {delay:?}");
        sleep(delay).await;
        Ok(())
    }
}
