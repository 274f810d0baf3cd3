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
use super::error::Failure;
use super::pending_bytes::Reserved;

/// As many requests wait for each other's replies, and the last of them may come with many.
const BATCH: usize = 64;
/// A write of more bytes is not made larger: the library copies each, and keeps memory for the largest.
const BATCH_BYTES: usize = 256 << 10;

/// Connections to one node, and the commands that are sent on them next.
pub(in crate::store::redis) struct Batches {
    lanes: Vec<Lane>,
    next: AtomicUsize,
    queue: Mutex<Vec<Job>>,
}

struct Job {
    /// The commands of each request.
    requests: Vec<Vec<Cmd>>,
    done: oneshot::Sender<Vec<Replies>>,
    reserved: Reserved,
}

/// What one request was answered; none of it is an error.
type Replies = Result<Vec<Value>, Failure>;

impl Batches {
    /// On at least one lane.
    pub(in crate::store::redis) fn on(lanes: Vec<Lane>) -> Arc<Self> {
        Arc::new(Self { lanes, next: AtomicUsize::new(0), queue: Mutex::default() })
    }

    /// Whether a command can be sent at once.
    pub(in crate::store::redis) fn is_up(&self) -> bool {
        self.lanes.iter().any(Lane::is_up)
    }

    /// Each in turn, but rather one that is connected.
    fn lane(&self) -> &Lane {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let lane = |offset| &self.lanes[(turn + offset) % self.lanes.len()];
        (0..self.lanes.len()).map(lane).find(|lane| lane.is_up()).unwrap_or_else(|| lane(0))
    }

    /// Sends these commands, one after the other, and gives their replies, of which none is an error.
    pub(in crate::store::redis) async fn ask(self: &Arc<Self>, commands: Vec<Cmd>) -> Replies {
        self.ask_reserved(commands, Reserved::default()).await
    }

    /// The same for commands that carry so many bytes, which are held until they are answered.
    pub(in crate::store::redis) async fn ask_reserved(
        self: &Arc<Self>,
        commands: Vec<Cmd>,
        reserved: Reserved,
    ) -> Replies {
        self.ask_all(vec![commands], reserved).await?.pop().unwrap_or_else(|| Err(closed()))
    }

    /// Sends the commands of all these requests together, and gives the replies to each.
    pub(in crate::store::redis) async fn ask_all(
        self: &Arc<Self>,
        requests: Vec<Vec<Cmd>>,
        reserved: Reserved,
    ) -> Result<Vec<Replies>, Failure> {
        let (done, replies) = oneshot::channel();
        let is_first = {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.push(Job { requests, done, reserved });
            queue.len() == 1
        };
        if is_first {
            // A task, since the request that began the batch may be given up.
            tokio::spawn(Arc::clone(self).send_queue());
        }
        replies.await.map_err(|_| closed())
    }

    async fn send_queue(self: Arc<Self>) {
        // Twice, for those whose requests are read meanwhile: 8 % less of the server's CPU for a GET at 64 connections.
        yield_now().await;
        yield_now().await;
        loop {
            let batch: Vec<_> = {
                let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let (mut room, mut room_bytes) = (BATCH, BATCH_BYTES);
                let fits = |job: &Job| {
                    let fits = room > 0 && room_bytes > 0;
                    room = room.saturating_sub(job.requests.len());
                    room_bytes = room_bytes.saturating_sub(job.reserved.bytes);
                    fits
                };
                let number = queue.iter().map(fits).take_while(|fits| *fits).count();
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
        let mut held = Vec::with_capacity(batch.len());
        for Job { requests, done, reserved } in batch {
            jobs.push((requests.iter().map(Vec::len).collect::<Vec<_>>(), done));
            held.push(reserved);
            for command in requests.into_iter().flatten() {
                all.add_command(command);
            }
        }
        let lane = self.lane();
        let sent = lane.send(&all).await;
        drop((all, held));
        match sent {
            Ok(replies) => {
                let mut replies = replies.into_iter();
                for (numbers, done) in jobs {
                    let answer = |number| {
                        let replies: Vec<_> = replies.by_ref().take(number).collect();
                        let failure = replies.iter().find_map(|reply| lane.failure(reply));
                        failure.map_or(Ok(replies), Err)
                    };
                    // Whoever no longer waits for the answer does not want it.
                    drop(done.send(numbers.into_iter().map(answer).collect()));
                }
            }
            Err(failure) => jobs.into_iter().for_each(|(numbers, done)| {
                drop(done.send(numbers.iter().map(|_| Err(failure.clone())).collect()));
            }),
        }
    }
}

fn closed() -> Failure {
    Failure::Refused("the store is closed".to_owned())
}
