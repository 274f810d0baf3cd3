//! Waiting for a condition that is checked by asynchronous code.

use std::time::{Duration, Instant};

use super::PATIENCE;

/// Repeats the check until it holds. Panics after a timeout.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
