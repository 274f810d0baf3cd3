//! Asking background tasks to look again, and waiting until one of them has.

use tokio::sync::watch;

/// Joins those who want something looked up and those who look.
pub(in crate::store::redis) struct Look {
    wanted: watch::Sender<u64>,
    done: watch::Sender<u64>,
}

impl Look {
    pub(in crate::store::redis) fn new() -> Self {
        Self { wanted: watch::Sender::new(0), done: watch::Sender::new(0) }
    }

    /// Wants it looked up.
    pub(in crate::store::redis) fn again(&self) {
        self.wanted.send_modify(|wanted| *wanted += 1);
    }

    /// Wants it looked up, and waits until somebody has.
    pub(in crate::store::redis) async fn again_and_wait(&self) {
        let mut done = self.done.subscribe();
        self.again();
        let _ = done.changed().await;
    }

    /// For those who look: changes whenever it is wanted.
    pub(in crate::store::redis) fn wanted(&self) -> watch::Receiver<u64> {
        self.wanted.subscribe()
    }

    /// For those who look: it was looked up.
    pub(in crate::store::redis) fn done(&self) {
        self.done.send_modify(|done| *done += 1);
    }
}
