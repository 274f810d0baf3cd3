//! The connections that requests share, and how the commands of many requests are sent as one.
//!
//! A command is not sent at once: whatever else can run now runs first, and may add its own. One write
//! then carries them all, and one reply of Redis answers them all, where each would have cost a write.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use deadpool_redis::redis::{Cmd, Value, pipe};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use super::connection::Lane;
use super::failure::Failure;

/// The most commands that wait for each other's replies.
const BATCH: usize = 64;

/// Connections to one node, and the commands that are sent on them next.
pub(super) struct Batches {
    lanes: Vec<Lane>,
    next: AtomicUsize,
    queue: Mutex<Vec<Job>>,
}

struct Job {
    commands: Vec<Cmd>,
    done: oneshot::Sender<Result<Vec<Value>, Failure>>,
}

impl Batches {
    /// On at least one lane.
    pub(super) fn on(lanes: Vec<Lane>) -> Arc<Self> {
        Arc::new(Self { lanes, next: AtomicUsize::new(0), queue: Mutex::default() })
    }

    /// Whether a command can be sent at once.
    pub(super) fn is_up(&self) -> bool {
        self.lanes.iter().any(Lane::is_up)
    }

    /// Each in turn, but rather one that is connected.
    fn lane(&self) -> &Lane {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let lane = |offset| &self.lanes[(turn + offset) % self.lanes.len()];
        (0..self.lanes.len()).map(lane).find(|lane| lane.is_up()).unwrap_or_else(|| lane(0))
    }

    /// Sends these commands, one after the other, and gives their replies, of which none is an error.
    pub(super) async fn ask(self: &Arc<Self>, commands: Vec<Cmd>) -> Result<Vec<Value>, Failure> {
        let (done, replies) = oneshot::channel();
        let is_first = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.push(Job { commands, done });
            queue.len() == 1
        };
        if is_first {
            // A task, since the request that began the batch may be given up.
            tokio::spawn(Arc::clone(self).send_queue());
        }
        replies.await.unwrap_or_else(|_| Err(Failure::Refused("the store is closed".to_owned())))
    }

    async fn send_queue(self: Arc<Self>) {
        yield_now().await;
        loop {
            let batch: Vec<_> = {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let number = queue.len().min(BATCH);
                queue.drain(..number).collect()
            };
            if batch.is_empty() {
                return;
            }
            tokio::spawn(Arc::clone(&self).send(batch));
        }
    }

    async fn send(self: Arc<Self>, batch: Vec<Job>) {
        let mut all = pipe();
        let mut jobs = Vec::with_capacity(batch.len());
        for Job { commands, done } in batch {
            jobs.push((commands.len(), done));
            for command in commands {
                all.add_command(command);
            }
        }
        let lane = self.lane();
        match lane.send(&all).await {
            Ok(replies) => {
                let mut replies = replies.into_iter();
                for (number, done) in jobs {
                    let replies: Vec<_> = replies.by_ref().take(number).collect();
                    let failure = replies.iter().find_map(|reply| lane.failure(reply));
                    // Whoever no longer waits for the answer does not want it.
                    drop(done.send(failure.map_or(Ok(replies), Err)));
                }
            }
            Err(failure) => jobs.into_iter().for_each(|(_, done)| drop(done.send(Err(failure.clone())))),
        }
    }
}
