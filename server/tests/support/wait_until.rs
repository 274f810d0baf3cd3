//! Waiting for a condition that is checked by asynchronous code.

use std::time::{Duration, Instant};

use super::TIMEOUT;

/// Repeats the check until it holds. Panics after a timeout.
pub async fn wait_until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !is_so().await {
        assert!(Instant::now() < deadline, "timed out waiting until {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
