//! Requests to look up the topology again, and waiting until a lookup has finished.

use tokio::sync::watch;

/// Connects the requests that need a new lookup with the tasks that perform lookups.
pub(super) struct Refresh {
    requests: watch::Sender<u64>,
    finished: watch::Sender<u64>,
}

impl Refresh {
    pub(super) fn new() -> Self {
        Self { requests: watch::Sender::new(0), finished: watch::Sender::new(0) }
    }

    /// Requests a lookup.
    pub(super) fn request(&self) {
        self.requests.send_modify(|count| *count += 1);
    }

    /// Requests a lookup and waits until a lookup has finished. The caller bounds the wait.
    pub(super) async fn request_and_wait(&self) {
        let mut finished = self.finished.subscribe();
        self.request();
        let _ = finished.changed().await;
    }

    /// Returns a receiver that changes with each request. The lookup tasks wait for it.
    pub(super) fn requests(&self) -> watch::Receiver<u64> {
        self.requests.subscribe()
    }

    /// Wakes the requests that wait. The lookup tasks call this after each lookup.
    pub(super) fn finish(&self) {
        self.finished.send_modify(|count| *count += 1);
    }
}
