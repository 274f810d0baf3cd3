//! When to look for what has expired: now and then, and a bit at a time, so that writes go on between.

use std::time::{Duration, Instant};

use super::engine::Engine;
use crate::message::MessageHash;
use crate::store::StoreError;
use crate::store::sweep::sweep_interval;

/// From a start on, so that servers that are started often sweep, too.
const FIRST: Duration = Duration::from_secs(1);
/// Between the parts of one sweep.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Sweeper {
    interval: Duration,
    pub(super) next: Instant,
    /// Where the sweep goes on that is under way.
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
