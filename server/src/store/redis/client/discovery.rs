//! The result of a background search, and how requests wait for it.
//!
//! A request waits only while the search has no result yet. After a failed attempt it fails at once, although the
//! search goes on.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::error::RedisClientError;

/// The state of a search that never ends, because its target may disappear and come back.
#[derive(Clone)]
pub(super) enum Discovery<T> {
    /// The first attempt is under way.
    Pending,
    /// The last attempt succeeded.
    Found(T),
    /// The last attempt failed, and the next one follows.
    Failed(RedisClientError),
}

impl<T: Clone> Discovery<T> {
    /// Returns a channel that holds `Pending`.
    pub(super) fn channel() -> watch::Sender<Self> {
        watch::Sender::new(Self::Pending)
    }

    /// Waits until the search has a result, and returns it. The caller bounds the wait.
    pub(super) async fn wait(sender: &watch::Sender<Self>) -> Result<T, RedisClientError> {
        let mut receiver = sender.subscribe();
        loop {
            match &*receiver.borrow_and_update() {
                Self::Found(value) => return Ok(value.clone()),
                Self::Failed(error) => return Err(error.clone()),
                Self::Pending => {}
            }
            if receiver.changed().await.is_err() {
                return Err(RedisClientError::closed());
            }
        }
    }
}

/// A task that is aborted when its owner is dropped.
pub struct BackgroundTask(JoinHandle<()>);

impl BackgroundTask {
    pub fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }
}

impl Drop for BackgroundTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}
