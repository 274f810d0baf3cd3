//! Writes that replicas confirm: the queued writes are sent in one pipeline that ends with WAIT.
//!
//! WAIT counts the replicas that have received everything that its own connection wrote. If a key existed already,
//! another connection wrote it, perhaps one whose WAIT failed. So the client writes one such key again before a second
//! WAIT: once replicas confirm that write, they have everything that the primary had before it. The same holds for a
//! key that was deleted already.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deadpool_redis::redis::{Cmd, Pipeline, Value, pipe};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::SetOutcome;
use super::commands::{
    Previous, delete, milliseconds, overwrite, parse_deleted, parse_previous, probe_replication,
    set_if_absent, touch_slot,
};
use super::discovery::BackgroundTask;
use super::error::RedisClientError;
use super::lane::Lane;
use super::pending_bytes::ReservedBytes;

/// The maximum number of writes before one WAIT.
pub(super) const MAX_BATCH: usize = 128;
/// The bytes of values after which a batch takes no more writes.
const MAX_BATCH_BYTES: usize = 1 << 20;
/// The maximum number of queued writes.
const QUEUE_LEN: usize = 4096;

/// A connection for replicated writes to one node.
pub(super) struct ReplicatedWrites {
    queue: mpsc::Sender<QueuedWrite>,
    command_timeout: Duration,
    _writer: BackgroundTask,
}

struct QueuedWrite {
    key: String,
    change: KeyChange,
    asking: bool,
    outcome: oneshot::Sender<Result<WriteOutcome, RedisClientError>>,
    reserved: ReservedBytes,
}

/// The change to make to a key.
enum KeyChange {
    SetIfAbsent(Bytes),
    Delete,
    /// Writes a short-lived key, to find out whether replicas confirm writes.
    Probe,
}

/// The outcome of a write, before the overwrite of different values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WriteOutcome {
    /// This connection wrote to the key.
    Written,
    /// The key was in the desired state already.
    Unchanged,
    /// The key holds a different value.
    Different,
    /// The different value was overwritten.
    Repaired,
}

impl QueuedWrite {
    fn commands(&self, ttl: Option<Duration>) -> Vec<Cmd> {
        match &self.change {
            KeyChange::SetIfAbsent(value) => set_if_absent(&self.key, value, ttl, self.asking),
            KeyChange::Delete => delete(&self.key, self.asking),
            KeyChange::Probe => probe_replication(&self.key),
        }
    }

    fn parse_outcome(&self, replies: &[Value]) -> Option<WriteOutcome> {
        Some(match &self.change {
            KeyChange::SetIfAbsent(value) => match parse_previous(replies, value)? {
                Previous::Absent => WriteOutcome::Written,
                Previous::Same => WriteOutcome::Unchanged,
                Previous::Different => WriteOutcome::Different,
            },
            KeyChange::Delete if parse_deleted(replies)? > 0 => WriteOutcome::Written,
            KeyChange::Delete => WriteOutcome::Unchanged,
            KeyChange::Probe => WriteOutcome::Written,
        })
    }
}

impl ReplicatedWrites {
    /// Writes on this lane, up to `max_batch` writes before one WAIT. A write fails unless `min_replicas` replicas
    /// confirm it.
    pub(super) fn start(
        lane: Lane,
        min_replicas: u32,
        max_batch: usize,
        ttl: Option<Duration>,
        command_timeout: Duration,
    ) -> Self {
        let (queue, writes) = mpsc::channel(QUEUE_LEN);
        // Shorter than the command's timeout, so that the reply, with the number of confirmations, arrives in time.
        let wait_timeout = command_timeout.mul_f64(0.75);
        let task = ReplicatedWriter { lane: Arc::new(lane), min_replicas, max_batch, ttl, wait_timeout };
        Self { queue, command_timeout, _writer: BackgroundTask::spawn(task.run(writes)) }
    }

    /// Sets the key. A different value is overwritten.
    pub(super) async fn set(
        &self,
        key: &str,
        value: Bytes,
        asking: bool,
        reserved: ReservedBytes,
    ) -> Result<SetOutcome, RedisClientError> {
        Ok(match self.write(key, KeyChange::SetIfAbsent(value), asking, reserved).await? {
            WriteOutcome::Written => SetOutcome::Created,
            WriteOutcome::Unchanged => SetOutcome::Unchanged,
            WriteOutcome::Repaired => SetOutcome::Repaired,
            WriteOutcome::Different => return Err(RedisClientError::unexpected_reply("SET")),
        })
    }

    pub(super) async fn delete(&self, key: &str, asking: bool) -> Result<(), RedisClientError> {
        self.write(key, KeyChange::Delete, asking, ReservedBytes::default()).await.map(drop)
    }

    /// Fails unless replicas confirm a write to this key.
    pub(super) async fn probe(&self, key: &str) -> Result<(), RedisClientError> {
        self.write(key, KeyChange::Probe, false, ReservedBytes::default()).await.map(drop)
    }

    async fn write(
        &self,
        key: &str,
        change: KeyChange,
        asking: bool,
        reserved: ReservedBytes,
    ) -> Result<WriteOutcome, RedisClientError> {
        let (outcome, received) = oneshot::channel();
        let write = QueuedWrite { key: key.to_owned(), change, asking, outcome, reserved };
        if self.queue.try_send(write).is_err() {
            return Err(RedisClientError::refused("too many messages wait for its replicas"));
        }
        match timeout(self.command_timeout, received).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(RedisClientError::disconnected("the writer of this node has ended")),
            Err(_) => {
                let reason = format!("replicas confirmed nothing within {:?}", self.command_timeout);
                Err(RedisClientError::timed_out(reason))
            }
        }
    }
}

/// The task that sends the queued writes.
struct ReplicatedWriter {
    lane: Arc<Lane>,
    min_replicas: u32,
    max_batch: usize,
    ttl: Option<Duration>,
    wait_timeout: Duration,
}

impl ReplicatedWriter {
    async fn run(self, mut writes: mpsc::Receiver<QueuedWrite>) {
        let mut batch = Vec::with_capacity(self.max_batch);
        while let Some(first) = writes.recv().await {
            let mut len = first.reserved.len;
            batch.push(first);
            while batch.len() < self.max_batch
                && len < MAX_BATCH_BYTES
                && let Ok(next) = writes.try_recv()
            {
                len += next.reserved.len;
                batch.push(next);
            }
            batch.retain(|write: &QueuedWrite| !write.outcome.is_closed());
            if batch.is_empty() {
                continue;
            }
            match self.send_batch(&batch).await {
                Ok(results) => {
                    let answered = batch.drain(..).zip(results);
                    answered.for_each(|(write, result)| drop(write.outcome.send(result)));
                }
                Err(error) => {
                    batch.drain(..).for_each(|write| drop(write.outcome.send(Err(error.clone()))));
                }
            }
        }
    }

    async fn send_batch(
        &self,
        batch: &[QueuedWrite],
    ) -> Result<Vec<Result<WriteOutcome, RedisClientError>>, RedisClientError> {
        let mut pipeline = pipe();
        let mut lengths = Vec::with_capacity(batch.len());
        for write in batch {
            let commands = write.commands(self.ttl);
            lengths.push(commands.len());
            for command in commands {
                pipeline.add_command(command);
            }
        }
        self.add_wait(&mut pipeline);
        let unexpected = || RedisClientError::unexpected_reply("SET");
        let mut replies = &self.lane.send(&pipeline).await?[..];
        let mut results = Vec::with_capacity(batch.len());
        for (write, length) in batch.iter().zip(lengths) {
            let own = replies.split_off(..length).ok_or_else(unexpected)?;
            let error = own.iter().find_map(|reply| self.lane.error_in(reply));
            results.push(error.map_or_else(|| write.parse_outcome(own).ok_or_else(unexpected), Err));
        }
        let mut confirmed = self.parse_wait(replies.first());
        let first_unchanged = results.iter().position(|result| matches!(result, Ok(WriteOutcome::Unchanged)));
        let needs_rewrite = |index: usize| {
            matches!(results[index], Ok(WriteOutcome::Different)) || Some(index) == first_unchanged
        };
        let rewrites: Vec<_> = batch
            .iter()
            .enumerate()
            .filter(|(index, _)| needs_rewrite(*index))
            .map(|(_, write)| write)
            .collect();
        if !rewrites.is_empty() && confirmed.is_ok() {
            confirmed = self.rewrite(&rewrites).await;
        }
        for result in results.iter_mut().filter(|result| result.is_ok()) {
            match &confirmed {
                Err(error) => *result = Err(error.clone()),
                Ok(()) if matches!(result, Ok(WriteOutcome::Different)) => {
                    *result = Ok(WriteOutcome::Repaired);
                }
                Ok(()) => {}
            }
        }
        Ok(results)
    }

    /// Overwrites the values, or touches the slots of deleted keys, and waits for the replicas again.
    async fn rewrite(&self, writes: &[&QueuedWrite]) -> Result<(), RedisClientError> {
        let mut pipeline = pipe();
        for write in writes {
            let commands = match &write.change {
                KeyChange::SetIfAbsent(value) => overwrite(&write.key, value, self.ttl, write.asking),
                KeyChange::Delete | KeyChange::Probe => touch_slot(&write.key, write.asking),
            };
            for command in commands {
                pipeline.add_command(command);
            }
        }
        self.add_wait(&mut pipeline);
        self.parse_wait(self.lane.send_all_or_fail(&pipeline).await?.last())
    }

    fn add_wait(&self, pipeline: &mut Pipeline) {
        pipeline.cmd("WAIT").arg(self.min_replicas).arg(milliseconds(self.wait_timeout));
    }

    /// Parses the reply to WAIT: the number of replicas that confirmed.
    fn parse_wait(&self, reply: Option<&Value>) -> Result<(), RedisClientError> {
        let reply = reply.unwrap_or(&Value::Nil);
        if let Some(error) = self.lane.error_in(reply) {
            return Err(error);
        }
        match reply {
            Value::Int(count) if *count >= i64::from(self.min_replicas) => Ok(()),
            Value::Int(count) => Err(RedisClientError::refused(format!(
                "{count} of {} replicas confirmed within {:?}; the write may have succeeded nevertheless",
                self.min_replicas, self.wait_timeout
            ))),
            _ => Err(RedisClientError::unexpected_reply("WAIT")),
        }
    }
}
