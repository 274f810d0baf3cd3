//! The writer thread: commits all queued mutations with one fsync (group commit).
//!
//! The queue is bounded in messages and in bytes. A put fails at once while the queue is full, so that memory does not
//! grow. After a failed commit no new write is acknowledged until the engine has been reopened. A put
//! of a message that is already stored still succeeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use prometheus_client::metrics::histogram::Histogram;
use tokio::sync::oneshot;

use super::check::MAX_BATCH_ITEMS;
use super::engine::Engine;
use super::mutation::Mutation;
use super::sweeper::Sweeper;
use crate::error_chain::chain;
use crate::message::{Message, MessageHash};
use crate::store::{Put, StoreError};

const BATCH_MESSAGES: usize = 1024;
const _: () = assert!(2 * BATCH_MESSAGES <= MAX_BATCH_ITEMS, "a message and its expiry are two items");
const BATCH_BYTES: usize = 8 << 20;
const QUEUE_MESSAGES: usize = 16 * 1024;
const QUEUE_BYTES: usize = 128 << 20;
/// A batch that takes longer means that the disk hangs.
const HANGS_AFTER: Duration = Duration::from_secs(5);
const RECOVERY_INTERVAL: Duration = Duration::from_secs(1);
/// How often an idle writer checks that the data folder on the disk is still the one that is open.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

pub(super) struct WriterHandle {
    queue: SyncSender<WriterCommand>,
    shared: Arc<WriterState>,
}

/// State that the thread shares with its clients.
struct WriterState {
    queued_bytes: AtomicUsize,
    health: RwLock<Result<(), StoreError>>,
    /// When the thread began its current work; `None` while it waits.
    busy_since: Mutex<Option<Instant>>,
}

enum WriterCommand {
    Write(WriteJob),
    Stop(oneshot::Sender<()>),
}

struct WriteJob {
    hash: MessageHash,
    mutation: Mutation,
    done: oneshot::Sender<Result<Put, StoreError>>,
}

impl WriterHandle {
    pub(super) fn start(engine: Arc<Engine>, commit_messages: Histogram) -> std::io::Result<Self> {
        let (queue, commands) = sync_channel(QUEUE_MESSAGES);
        let shared = Arc::new(WriterState {
            queued_bytes: AtomicUsize::new(0),
            health: RwLock::new(Ok(())),
            busy_since: Mutex::new(None),
        });
        let sweeper = Sweeper::new(engine.retention());
        let next_check = Instant::now() + CHECK_INTERVAL;
        let shared_by_worker = Arc::clone(&shared);
        let worker =
            Worker { engine, shared: shared_by_worker, outage: None, sweeper, next_check, commit_messages };
        thread::Builder::new().name("store-writer".to_owned()).spawn(move || worker.run(&commands))?;
        Ok(Self { queue, shared })
    }

    /// Waits until the message is on disk.
    pub(super) async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        self.submit(hash, Mutation::Put(message)).await
    }

    /// Waits until the deletion is on disk.
    pub(super) async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        self.submit(hash, Mutation::Delete).await.map(drop)
    }

    async fn submit(&self, hash: MessageHash, mutation: Mutation) -> Result<Put, StoreError> {
        let bytes = mutation.bytes();
        if self.shared.queued_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > QUEUE_BYTES {
            self.shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(queue_is_full());
        }
        let (done, answer) = oneshot::channel();
        if let Err(refused) = self.queue.try_send(WriterCommand::Write(WriteJob { hash, mutation, done })) {
            self.shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(match refused {
                TrySendError::Full(_) => queue_is_full(),
                TrySendError::Disconnected(_) => stopped(),
            });
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Returns the last error until recovery succeeds, or an error if the disk hangs.
    pub(super) fn health(&self) -> Result<(), StoreError> {
        let busy_since = *self.shared.busy_since.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(busy) = busy_since.map(|since| since.elapsed()).filter(|busy| *busy > HANGS_AFTER) {
            let seconds = busy.as_secs();
            return Err(StoreError::Unavailable(
                format!("the disk has not taken a write for {seconds} s").into(),
            ));
        }
        self.shared.health.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the thread after it has committed all queued mutations.
    pub(super) async fn stop(&self) {
        let (stopped, wait) = oneshot::channel();
        let mut command = WriterCommand::Stop(stopped);
        while let Err(TrySendError::Full(refused)) = self.queue.try_send(command) {
            command = refused;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let _ = wait.await;
    }
}

fn queue_is_full() -> StoreError {
    StoreError::Unavailable("too many messages wait for the disk".into())
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the writer thread has stopped".into())
}

struct Worker {
    engine: Arc<Engine>,
    shared: Arc<WriterState>,
    outage: Option<WriteOutage>,
    sweeper: Sweeper,
    /// When to check the files next, without an outage.
    next_check: Instant,
    /// The sizes of commits.
    commit_messages: Histogram,
}

/// While the disk is full only deletions are written. After a failed commit nothing is written until the engine has been
/// reopened.
struct WriteOutage {
    /// The mutations of the failed commit, after which the engine must be reopened. `None` if the commit was not
    /// attempted because the disk has no room.
    unsure: Option<Vec<(MessageHash, Mutation)>>,
    next_attempt: Instant,
}

impl Worker {
    fn run(mut self, commands: &Receiver<WriterCommand>) {
        loop {
            self.set_busy_since(None);
            let attempt = self.outage.as_ref().map_or(self.next_check, |outage| outage.next_attempt);
            let wake = attempt.min(self.sweeper.next);
            let first = commands.recv_timeout(wake.saturating_duration_since(Instant::now()));
            self.set_busy_since(Some(Instant::now()));
            // Lets waiting tasks queue their messages first: 25 % more messages per second on one core.
            thread::yield_now();
            self.recover_if_due();
            self.check_files_if_due();
            self.sweep_if_due();
            let (jobs, stop) = match first {
                Ok(command) => gather(command, commands),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            // A disk without room for messages still has room for deletions.
            let (deletions, puts): (Vec<_>, Vec<_>) =
                jobs.into_iter().partition(|job| self.outage.is_some() && job.mutation.is_deletion());
            self.write(puts);
            self.write(deletions);
            if let Some(stopped) = stop {
                let _ = stopped.send(());
                return;
            }
        }
    }

    /// Commits a batch, and sends each job its result.
    fn write(&mut self, jobs: Vec<WriteJob>) {
        if jobs.is_empty() {
            return;
        }
        let (batch, clients): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|job| ((job.hash, job.mutation), job.done)).unzip();
        let bytes = batch.iter().map(|(_, mutation)| mutation.bytes()).sum();
        let needs_room = !batch.iter().all(|(_, mutation)| mutation.is_deletion());
        let written = match self.outage {
            Some(WriteOutage { unsure: None, .. }) if !needs_room => self.commit(&batch, needs_room),
            Some(_) => Err(self.last_failure()),
            None => self.commit(&batch, needs_room),
        };
        self.shared.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
        let answers: Vec<_> = match written {
            Ok(puts) => puts.into_iter().map(Ok).collect(),
            Err(error) => batch.iter().map(|each| self.result_during_outage(each, &error)).collect(),
        };
        // A client may have stopped waiting. Its mutation was carried out regardless.
        clients.into_iter().zip(answers).for_each(|(client, answer)| drop(client.send(answer)));
    }

    /// The result of a mutation during an outage. Putting a message that is stored without an expiry needs no write, so
    /// it succeeds, unless the failed commit deletes the message and will be repeated.
    fn result_during_outage(
        &self,
        (hash, mutation): &(MessageHash, Mutation),
        error: &StoreError,
    ) -> Result<Put, StoreError> {
        let Mutation::Put(message) = mutation else { return Err(error.clone()) };
        if self.engine.check_files().is_err() {
            return Err(error.clone());
        }
        let mut unsure = self.outage.iter().filter_map(|outage| outage.unsure.as_ref()).flatten();
        if unsure.any(|(unsure, mutation)| unsure == hash && mutation.is_deletion()) {
            return Err(error.clone());
        }
        match guarded(|| self.engine.get(*hash)) {
            Ok(Some(stored)) if stored.message == *message && stored.expires.is_none() => {
                Ok(Put::AlreadyStored)
            }
            _ => Err(error.clone()),
        }
    }

    fn commit(
        &mut self,
        batch: &[(MessageHash, Mutation)],
        needs_room: bool,
    ) -> Result<Vec<Put>, StoreError> {
        // Checked first: after a failed write on a full disk the engine would have to be reopened.
        let room = if needs_room { self.engine.check_room() } else { Ok(()) };
        let written = match room {
            Ok(()) => guarded(|| self.engine.apply(batch)).map_err(|error| (error, Some(batch.to_vec()))),
            Err(error) => Err((error, None)),
        };
        #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
        if written.is_ok() {
            self.commit_messages.observe(batch.len() as f64);
        }
        written.map_err(|(error, unsure)| {
            self.fail(unsure, &error);
            error
        })
    }

    fn fail(&mut self, unsure: Option<Vec<(MessageHash, Mutation)>>, error: &StoreError) {
        self.outage = Some(WriteOutage { unsure, next_attempt: Instant::now() + RECOVERY_INTERVAL });
        self.set_health(Err(error.clone()));
    }

    fn check_files_if_due(&mut self) {
        let now = Instant::now();
        if self.outage.is_some() || now < self.next_check {
            return;
        }
        self.next_check = now + CHECK_INTERVAL;
        if let Err(error) = guarded(|| self.engine.check_files()) {
            self.fail(Some(Vec::new()), &error);
        }
    }

    fn recover_if_due(&mut self) {
        let Some(outage) = &mut self.outage else { return };
        if Instant::now() < outage.next_attempt {
            return;
        }
        outage.next_attempt = Instant::now() + RECOVERY_INTERVAL;
        let recovered = match &outage.unsure {
            Some(unsure) => guarded(|| self.engine.recover(unsure)),
            None => self.engine.check_room().and_then(|()| self.engine.check_files()),
        };
        if recovered.is_ok() {
            self.outage = None;
        }
        self.set_health(recovered);
    }

    fn sweep_if_due(&mut self) {
        let (sweeper, engine) = (&mut self.sweeper, &self.engine);
        if let Err(error) = guarded(|| sweeper.sweep_if_due(engine)) {
            log::warn!("expired messages are not removed yet: {}", chain(&error));
        }
    }

    fn last_failure(&self) -> StoreError {
        let health = self.shared.health.read().unwrap_or_else(PoisonError::into_inner);
        health.clone().err().unwrap_or_else(stopped)
    }

    fn set_busy_since(&self, since: Option<Instant>) {
        *self.shared.busy_since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// Logs when writes begin to fail, and when they succeed again.
    fn set_health(&self, now: Result<(), StoreError>) {
        let mut health = self.shared.health.write().unwrap_or_else(PoisonError::into_inner);
        match (&*health, &now) {
            (Ok(()), Err(error)) => {
                log::error!("nothing more is stored until writes succeed again: {}", chain(error));
            }
            (Err(_), Ok(())) => log::info!("messages are stored again"),
            _ => {}
        }
        *health = now;
    }
}

/// Turns a panic of the engine into an error, so that the thread continues.
fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StoreError::Unavailable("the storage engine failed".into())))
}

/// Collects the jobs of one batch: `first` and the commands that wait after it. Also returns the sender of a stop
/// command, which ends the batch.
fn gather(
    first: WriterCommand,
    commands: &Receiver<WriterCommand>,
) -> (Vec<WriteJob>, Option<oneshot::Sender<()>>) {
    let mut jobs = Vec::new();
    let mut bytes = 0;
    let mut next = Ok(first);
    loop {
        match next {
            Ok(WriterCommand::Write(job)) => {
                bytes += job.mutation.bytes();
                jobs.push(job);
            }
            Ok(WriterCommand::Stop(stopped)) => return (jobs, Some(stopped)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => return (jobs, None),
        }
        if jobs.len() >= BATCH_MESSAGES || bytes >= BATCH_BYTES {
            return (jobs, None);
        }
        next = commands.try_recv();
    }
}
