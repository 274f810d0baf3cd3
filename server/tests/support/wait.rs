//! Waiting for a condition, up to a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// The longest time for a failover on a busy machine.
pub const FAILOVER_TIMEOUT: Duration = Duration::from_secs(90);

/// Repeats the check until it holds. Panics after `FAILOVER_TIMEOUT`.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    while !holds() {
        assert!(Instant::now() < deadline, "timed out waiting until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
