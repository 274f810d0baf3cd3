//! Waiting for a condition, up to a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// The longest time for a failover on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Repeats the check until it holds. Panics after `PATIENCE`.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
