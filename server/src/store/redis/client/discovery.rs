//! What a background task finds out, and requests wait for: but only while nothing bad is known.

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::error::Failure;

/// What is known of something that comes and goes.
#[derive(Clone)]
pub(in crate::store::redis) enum Known<T> {
    /// Nothing yet; it is being looked for.
    Pending,
    /// It is there.
    Here(T),
    /// It is not there, and the search goes on.
    Gone(Failure),
}

impl<T: Clone> Known<T> {
    /// A value that is pending.
    pub(in crate::store::redis) fn channel() -> watch::Sender<Self> {
        watch::Sender::new(Self::Pending)
    }
}

/// The value, when it is no longer pending. The caller bounds the wait.
pub(in crate::store::redis) async fn known<T: Clone>(sender: &watch::Sender<Known<T>>) -> Result<T, Failure> {
    let mut receiver = sender.subscribe();
    loop {
        match &*receiver.borrow_and_update() {
            Known::Here(value) => return Ok(value.clone()),
            Known::Gone(failure) => return Err(failure.clone()),
            Known::Pending => {}
        }
        if receiver.changed().await.is_err() {
            return Err(Failure::Refused("the store is closed".to_owned()));
        }
    }
}

/// A task that ends with whoever needs it.
pub(in crate::store::redis) struct Task(JoinHandle<()>);

impl Task {
    pub(in crate::store::redis) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
