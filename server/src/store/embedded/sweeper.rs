//! Schedules the removal of expired messages in small steps, so that writes continue in between.

use std::time::{Duration, Instant};

use super::engine::Engine;
use crate::message::MessageHash;
use crate::store::StoreError;
use crate::store::sweep::sweep_interval;

/// The first sweep comes soon after the start, so that servers that restart often sweep too.
const FIRST: Duration = Duration::from_secs(1);
/// The pause between two steps of a sweep.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Sweeper {
    interval: Duration,
    pub(super) next: Instant,
    /// The hash after which the current sweep continues.
    after: Option<MessageHash>,
}

impl Sweeper {
    pub(super) fn new(retention: Option<Duration>) -> Self {
        Self { interval: sweep_interval(retention), next: Instant::now() + FIRST, after: None }
    }

    pub(super) fn sweep_if_due(&mut self, engine: &Engine) -> Result<(), StoreError> {
        let now = Instant::now();
        if now < self.next {
            return Ok(());
        }
        self.next = now + self.interval; // also after a failure
        self.after = engine.sweep(self.after.take())?;
        if self.after.is_some() {
            self.next = Instant::now() + PAUSE;
        }
        Ok(())
    }
}
