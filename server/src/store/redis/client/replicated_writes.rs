//! Writes that replicas confirm: what has queued up is sent at once, with one WAIT behind it.
//!
//! WAIT counts the replicas that have all that its own connection wrote. A message that was there already
//! was written by another connection, maybe one whose own WAIT failed; so one such key is written again,
//! and what the replicas then confirm is all that the primary had before. So it is with one that was gone already.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::{Cmd, Value, pipe};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::commands::{
    Was, delete, deleted_of, mark, milliseconds, probe_replication, replaced_damaged, set, set_if_absent,
    strange, was,
};
use super::connection::Lane;
use super::discovery::Task;
use super::error::Failure;
use super::pending_bytes::Reserved;
use crate::message::Message;
use crate::store::Put;

/// The most writes for which one WAIT is sent.
pub(in crate::store::redis) const BATCH: usize = 128;
/// The bytes after which no more are added.
const BATCH_BYTES: usize = 1 << 20;
const QUEUE: usize = 4096;

/// The way of confirmed writes to one node.
pub(in crate::store::redis) struct Confirmed {
    queue: mpsc::Sender<Job>,
    deadline: Duration,
    _writer: Task,
}

struct Job {
    key: String,
    change: Change,
    asking: bool,
    done: oneshot::Sender<Result<Done, Failure>>,
    reserved: Reserved,
}

/// What is to be done to a key.
enum Change {
    Store(Message),
    Delete,
    /// Nothing but to find out whether replicas confirm.
    Probe,
}

/// Whether this connection has written anything for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Written,
    WasSo,
    /// There is another text.
    Damaged,
}

impl Job {
    fn commands(&self, retention: Option<Duration>) -> Vec<Cmd> {
        match &self.change {
            Change::Store(message) => set_if_absent(&self.key, message, retention, self.asking),
            Change::Delete => delete(&self.key, self.asking),
            Change::Probe => probe_replication(&self.key),
        }
    }

    fn done(&self, replies: &[Value]) -> Option<Done> {
        Some(match &self.change {
            Change::Store(message) => match was(replies, message)? {
                Was::Absent => Done::Written,
                Was::Same => Done::WasSo,
                Was::Other => Done::Damaged,
            },
            Change::Delete if deleted_of(replies)? > 0 => Done::Written,
            Change::Delete => Done::WasSo,
            Change::Probe => Done::Written,
        })
    }
}

impl Confirmed {
    /// Writes on this connection, up to `max_batch` messages at a time. `min_replicas` replicas confirm, or the write
    /// fails.
    pub(in crate::store::redis) fn start(
        lane: Lane,
        min_replicas: u32,
        max_batch: usize,
        retention: Option<Duration>,
        deadline: Duration,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        // Shorter than the deadline, so that the number of those who confirmed arrives in time.
        let patience = deadline.mul_f64(0.75);
        let writer = Writer { lane: Arc::new(lane), min_replicas, max_batch, retention, patience };
        Self { queue, deadline, _writer: Task::spawn(writer.run(jobs)) }
    }

    pub(in crate::store::redis) async fn set(
        &self,
        key: &str,
        message: &Message,
        asking: bool,
        reserved: Reserved,
    ) -> Result<Put, Failure> {
        Ok(match self.write(key, Change::Store(message.clone()), asking, reserved).await? {
            Done::Written => Put::Created,
            Done::WasSo => Put::AlreadyStored,
            Done::Damaged => return Err(strange("SET")),
        })
    }

    pub(in crate::store::redis) async fn delete(&self, key: &str, asking: bool) -> Result<(), Failure> {
        self.write(key, Change::Delete, asking, Reserved::default()).await.map(drop)
    }

    /// Fails where replicas do not confirm writes.
    pub(in crate::store::redis) async fn probe(&self, key: &str) -> Result<(), Failure> {
        self.write(key, Change::Probe, false, Reserved::default()).await.map(drop)
    }

    async fn write(
        &self,
        key: &str,
        change: Change,
        asking: bool,
        reserved: Reserved,
    ) -> Result<Done, Failure> {
        let (done, answer) = oneshot::channel();
        let job = Job { key: key.to_owned(), change, asking, done, reserved };
        if self.queue.try_send(job).is_err() {
            return Err(Failure::Refused("too many messages wait for its replicas".to_owned()));
        }
        match timeout(self.deadline, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Failure::Cut("it is no longer written to".to_owned())),
            Err(_) => Err(Failure::TimedOut(format!("nothing was confirmed within {:?}", self.deadline))),
        }
    }
}

struct Writer {
    lane: Arc<Lane>,
    min_replicas: u32,
    max_batch: usize,
    retention: Option<Duration>,
    patience: Duration,
}

impl Writer {
    async fn run(self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(self.max_batch);
        while let Some(first) = jobs.recv().await {
            let mut bytes = first.reserved.bytes;
            batch.push(first);
            while batch.len() < self.max_batch
                && bytes < BATCH_BYTES
                && let Ok(next) = jobs.try_recv()
            {
                bytes += next.reserved.bytes;
                batch.push(next);
            }
            batch.retain(|job: &Job| !job.done.is_closed());
            if batch.is_empty() {
                continue;
            }
            match self.write(&batch).await {
                Ok(results) => {
                    batch.drain(..).zip(results).for_each(|(job, result)| drop(job.done.send(result)));
                }
                Err(failure) => {
                    batch.drain(..).for_each(|job| drop(job.done.send(Err(failure.clone()))));
                }
            }
        }
    }

    async fn write(&self, batch: &[Job]) -> Result<Vec<Result<Done, Failure>>, Failure> {
        let mut commands = pipe();
        let mut lengths = Vec::with_capacity(batch.len());
        for job in batch {
            let of_job = job.commands(self.retention);
            lengths.push(of_job.len());
            for command in of_job {
                commands.add_command(command);
            }
        }
        self.add_wait(&mut commands);
        let mut replies = &self.lane.send(&commands).await?[..];
        let mut results = Vec::with_capacity(batch.len());
        for (job, length) in batch.iter().zip(lengths) {
            let of_job = replies.split_off(..length).ok_or_else(|| strange("SET"))?;
            let failure = of_job.iter().find_map(|reply| self.lane.failure(reply));
            results.push(failure.map_or_else(|| job.done(of_job).ok_or_else(|| strange("SET")), Err));
        }
        let mut confirmed = self.confirmed(replies.first());
        let was_so = results.iter().position(|result| matches!(result, Ok(Done::WasSo)));
        let is_again = |index: usize| matches!(results[index], Ok(Done::Damaged)) || Some(index) == was_so;
        let again: Vec<_> =
            batch.iter().enumerate().filter(|(index, _)| is_again(*index)).map(|(_, job)| job).collect();
        if !again.is_empty() && confirmed.is_ok() {
            confirmed = self.write_again(&again).await;
        }
        for (job, result) in batch.iter().zip(&mut results).filter(|(_, result)| result.is_ok()) {
            match &confirmed {
                Err(failure) => *result = Err(failure.clone()),
                Ok(()) if matches!(result, Ok(Done::Damaged)) => {
                    replaced_damaged(&job.key);
                    *result = Ok(Done::Written);
                }
                Ok(()) => {}
            }
        }
        Ok(results)
    }

    async fn write_again(&self, jobs: &[&Job]) -> Result<(), Failure> {
        let mut commands = pipe();
        for job in jobs {
            let again = match &job.change {
                Change::Store(message) => set(&job.key, message, self.retention, job.asking),
                Change::Delete | Change::Probe => mark(&job.key, job.asking),
            };
            for command in again {
                commands.add_command(command);
            }
        }
        self.add_wait(&mut commands);
        self.confirmed(self.lane.ask(&commands).await?.last())
    }

    fn add_wait(&self, commands: &mut deadpool_redis::redis::Pipeline) {
        commands.cmd("WAIT").arg(self.min_replicas).arg(milliseconds(self.patience));
    }

    fn confirmed(&self, wait: Option<&Value>) -> Result<(), Failure> {
        let wait = wait.unwrap_or(&Value::Nil);
        if let Some(failure) = self.lane.failure(wait) {
            return Err(failure);
        }
        match wait {
            Value::Int(number) if *number >= i64::from(self.min_replicas) => Ok(()),
            Value::Int(number) => Err(Failure::Refused(format!(
                "{number} of {} replicas confirmed within {:?}; it may be done all the same",
                self.min_replicas, self.patience
            ))),
            _ => Err(strange("WAIT")),
        }
    }
}
