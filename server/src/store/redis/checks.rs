//! Background checks of Redis: whether reads and writes work, and whether Redis can evict messages. A failed check makes
//! the store not ready, even without requests of clients.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::{join_all, select_ok};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::client::{
    Address, BackgroundTask, RedisClient, RedisClientError, RedisClientErrorKind, ServerMemory,
};
use super::options::RedisOptions;
use crate::metrics::RedisMemoryMetrics;
use crate::store::StoreError;

/// The time between two probes after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// The additional pause after a successful probe. A client's failed write ends it.
const QUIET_INTERVAL: Duration = Duration::from_secs(4);
/// Probes must fail for this long before the store is not ready, so that one late reply does not change readiness.
const TOLERANCE: Duration = Duration::from_secs(3);
/// The time between two reads of a primary's memory settings, which can be changed while it runs.
const MEMORY_INTERVAL: Duration = Duration::from_secs(10);
/// The time between two checks for new primaries, after a failover or resharding.
const PRIMARY_SCAN_INTERVAL: Duration = Duration::from_secs(1);

/// The checks. They start with the first call of `outcome`. Only a server calls it, so `export` and `copy` never write
/// to their source.
pub(super) struct BackgroundChecks {
    state: Arc<CheckState>,
    task: OnceLock<BackgroundTask>,
}

struct CheckState {
    client: Arc<RedisClient>,
    key_prefix: String,
    keys_expire: bool,
    allow_eviction: bool,
    command_timeout: Duration,
    metrics: RedisMemoryMetrics,
    /// Since when all probes have failed, and the error of the last one.
    failing: Mutex<Option<(Instant, RedisClientError)>>,
    /// Notified when a write of a client fails.
    write_failed: Notify,
    /// The last reading of each primary.
    memory: Mutex<HashMap<Address, MemoryReading>>,
    has_read_memory: watch::Sender<bool>,
}

struct MemoryReading {
    at: Instant,
    /// `None` if the server does not allow reading it.
    memory: Option<ServerMemory>,
}

impl BackgroundChecks {
    pub(super) fn new(
        client: Arc<RedisClient>,
        options: &RedisOptions,
        keys_expire: bool,
        metrics: RedisMemoryMetrics,
    ) -> Self {
        let state = CheckState {
            client,
            key_prefix: options.redis_key_prefix.clone(),
            keys_expire,
            allow_eviction: options.redis_allow_eviction,
            command_timeout: options.redis_command_timeout,
            metrics,
            failing: Mutex::default(),
            write_failed: Notify::new(),
            memory: Mutex::default(),
            has_read_memory: watch::Sender::new(false),
        };
        Self { state: Arc::new(state), task: OnceLock::new() }
    }

    /// Records a client's successful write. If the last probe timed out, its reply was only late.
    pub(super) fn record_write_success(&self) {
        lock(&self.state.failing).take_if(|(_, error)| error.kind == RedisClientErrorKind::TimedOut);
    }

    /// Records a client's failed write. The next probe starts at once.
    pub(super) fn record_write_failure(&self) {
        self.state.write_failed.notify_one();
    }

    /// Returns the latest result. The first call starts the checks, and waits for the first reading of the memory, but
    /// not for a probe. The caller bounds the wait.
    pub(super) async fn outcome(&self) -> Result<(), StoreError> {
        self.task.get_or_init(|| {
            let state = Arc::clone(&self.state);
            BackgroundTask::spawn(async move {
                tokio::join!(state.keep_probing(), state.keep_reading_memory());
            })
        });
        // Cannot fail, since `self` owns the sender.
        let _ = self.state.has_read_memory.subscribe().wait_for(|has_read| *has_read).await;
        if let Some((since, error)) = &*lock(&self.state.failing)
            && since.elapsed() >= TOLERANCE
        {
            return Err(error.clone().into());
        }
        self.state.check_eviction()
    }
}

impl CheckState {
    /// Probes at intervals. Never ends.
    async fn keep_probing(&self) {
        loop {
            let probed = timeout(self.command_timeout * 2, self.probe_shards()).await;
            let probed =
                probed.unwrap_or_else(|_| Err(RedisClientError::timed_out("the probe had no reply in time")));
            {
                let mut failing = lock(&self.failing);
                let since = failing.as_ref().map_or_else(Instant::now, |(since, _)| *since);
                *failing = probed.err().map(|error| (since, error));
            }
            sleep(RETRY_INTERVAL).await;
            if lock(&self.failing).is_none() {
                let _ = timeout(QUIET_INTERVAL, self.write_failed.notified()).await;
            }
        }
    }

    /// Probes all primaries concurrently, and returns at the first one that works. A full primary counts as working, and
    /// so does one that redirects the probe.
    async fn probe_shards(&self) -> Result<(), RedisClientError> {
        let keys = self.client.topology.probe_keys(&self.key_prefix).await?;
        let probes = keys.iter().map(|(shard, key)| {
            let probe = shard.primary.probe(key);
            let result = probe.map(|probed| match probed.as_ref().map_err(|error| &error.kind) {
                // MOVED and ASK: the slot is being moved, and writes to it go to another node.
                Err(
                    RedisClientErrorKind::Full
                    | RedisClientErrorKind::Moved(_)
                    | RedisClientErrorKind::Ask(_),
                ) => Ok(()),
                _ => probed,
            });
            result.boxed()
        });
        let probes: Vec<_> = probes.collect();
        if probes.is_empty() {
            return Ok(());
        }
        select_ok(probes).await.map(drop)
    }

    /// Reads the memory settings of each primary at intervals. Never ends.
    async fn keep_reading_memory(&self) {
        let mut has_warned = false;
        loop {
            if let Ok(Ok(shards)) = timeout(self.command_timeout, self.client.topology.shards()).await {
                let primaries: Vec<_> = shards.iter().map(|shard| &shard.primary).collect();
                self.forget_others_than(&primaries.iter().map(|node| &node.address).collect::<Vec<_>>());
                let is_due = |address| {
                    lock(&self.memory).get(address).is_none_or(|last| last.at.elapsed() >= MEMORY_INTERVAL)
                };
                let due = primaries.into_iter().filter(|node| is_due(&node.address));
                let reads = due.map(async |node| (node, node.memory().await));
                for (node, read) in join_all(reads).await {
                    match read {
                        Ok(memory) => self.record(&node.address, Some(memory)),
                        // The settings are read after the node has reconnected.
                        Err(error) if !node.is_up() => {
                            log::debug!("cannot read the memory settings: {}", error.with_causes());
                        }
                        Err(error) => {
                            if !has_warned {
                                has_warned = true;
                                log::warn!(
                                    "cannot check whether Redis evicts messages: {}; allow this user +info, or make \
                                     sure that maxmemory-policy is noeviction",
                                    error.with_causes()
                                );
                            }
                            self.record(&node.address, None);
                        }
                    }
                }
            }
            sleep(PRIMARY_SCAN_INTERVAL).await;
        }
    }

    /// Stores a reading, and updates the metrics.
    fn record(&self, address: &Address, memory: Option<ServerMemory>) {
        let node = address.to_string();
        let reading = MemoryReading { at: Instant::now(), memory };
        let new = reading.memory.clone();
        let old = lock(&self.memory).insert(address.clone(), reading).and_then(|old| old.memory);
        if let Some(old) = old.as_ref().filter(|old| new.as_ref().is_none_or(|new| new.policy != old.policy))
        {
            self.metrics.remove_policy(&node, &old.policy);
        }
        match &new {
            Some(new) => {
                let can_evict = new.can_evict(self.keys_expire);
                self.metrics.set_bytes(&node, new.used_bytes, new.max_bytes);
                self.metrics.set_policy(&node, &new.policy, can_evict);
                let could_evict = old.is_some_and(|old| old.can_evict(self.keys_expire));
                if self.allow_eviction && can_evict && !could_evict {
                    log::warn!(
                        "Redis at {node} evicts messages when it is full ({}); --redis-allow-eviction accepts the loss",
                        new.policy
                    );
                }
            }
            None => self.metrics.remove(&node),
        }
        self.has_read_memory.send_replace(true);
    }

    /// Removes the readings and metrics of primaries that are no longer in use.
    fn forget_others_than(&self, primaries: &[&Address]) {
        lock(&self.memory).retain(|address, reading| {
            let is_kept = primaries.contains(&address);
            if !is_kept {
                let node = address.to_string();
                if let Some(memory) = &reading.memory {
                    self.metrics.remove_policy(&node, &memory.policy);
                }
                self.metrics.remove(&node);
            }
            is_kept
        });
    }

    /// Fails if a primary can evict acknowledged messages.
    fn check_eviction(&self) -> Result<(), StoreError> {
        if self.allow_eviction {
            return Ok(());
        }
        let readings = lock(&self.memory);
        let evicting = readings.iter().find_map(|(address, reading)| {
            Some((address, reading.memory.as_ref().filter(|it| it.can_evict(self.keys_expire))?))
        });
        evicting.map_or(Ok(()), |(address, memory)| {
            Err(StoreError::AtRisk(format!(
                "Redis at {address} evicts messages when it reaches its maxmemory of {} bytes: its maxmemory-policy is \
                 {}; set it to noeviction, or accept the loss with --redis-allow-eviction",
                memory.max_bytes, memory.policy
            ).into()))
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
