//! Background checks of Redis: whether reads and writes work, and whether messages can be evicted. A failed check
//! makes the store not ready, with or without requests of clients.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use futures::future::{join_all, select_ok};
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::client::discovery::Task;
use super::client::error::Failure;
use super::client::server_memory::Memory;
use super::client::topology::Topology;
use crate::metrics::RedisMemoryMetrics;
use crate::store::StoreError;
use crate::store::redis::options::RedisOptions;
use crate::store::redis::url::Address;

/// From one probe to the next.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How much longer that is while the last probe and the writes of clients worked.
const QUIET_INTERVAL: Duration = Duration::from_secs(4);
/// How long all probes must have failed before the store is not ready: a failover or one late reply is shorter.
const TOLERANCE: Duration = Duration::from_secs(3);
/// How often the memory of a primary is read: its settings can be changed while it runs.
const MEMORY_INTERVAL: Duration = Duration::from_secs(10);
/// How often the primaries are compared with those that were read: a failover or a new shard adds one.
const NEWCOMER_INTERVAL: Duration = Duration::from_secs(1);

/// The checks. They begin with the first call of `outcome`: only a server calls it, so `export` and `copy` never
/// write to their source.
pub(super) struct Checks {
    inner: Arc<Inner>,
    task: OnceLock<Task>,
}

struct Inner {
    topology: Arc<Topology>,
    key_prefix: String,
    has_retention: bool,
    allow_eviction: bool,
    command_timeout: Duration,
    metrics: RedisMemoryMetrics,
    /// Since when all probes have failed, and why the last one did.
    failing: Mutex<Option<(Instant, Failure)>>,
    /// A write of a client failed.
    write_failed: Notify,
    /// The primaries whose memory was read, or that do not let it be read.
    memory: Mutex<HashMap<Address, Reading>>,
    has_read_memory: watch::Sender<bool>,
}

struct Reading {
    at: Instant,
    /// `None` where the server does not let it be read.
    memory: Option<Memory>,
}

impl Checks {
    pub(super) fn new(
        topology: Arc<Topology>,
        options: &RedisOptions,
        has_retention: bool,
        metrics: RedisMemoryMetrics,
    ) -> Self {
        let inner = Inner {
            topology,
            key_prefix: options.redis_key_prefix.clone(),
            has_retention,
            allow_eviction: options.redis_allow_eviction,
            command_timeout: options.redis_command_timeout,
            metrics,
            failing: Mutex::default(),
            write_failed: Notify::new(),
            memory: Mutex::default(),
            has_read_memory: watch::Sender::new(false),
        };
        Self { inner: Arc::new(inner), task: OnceLock::new() }
    }

    /// A write of a client worked: a probe that had no answer was only late.
    pub(super) fn write_worked(&self) {
        lock(&self.inner.failing).take_if(|(_, failure)| matches!(failure, Failure::TimedOut(_)));
    }

    /// A write of a client failed: the next probe does not wait.
    pub(super) fn write_failed(&self) {
        self.inner.write_failed.notify_one();
    }

    /// The result of the last checks; waits for the first ones. The caller bounds the wait.
    pub(super) async fn outcome(&self) -> Result<(), StoreError> {
        self.task.get_or_init(|| {
            let inner = Arc::clone(&self.inner);
            Task::spawn(async move {
                tokio::join!(inner.keep_probing(), inner.read_memory());
            })
        });
        // Fails only where this store is closed.
        let _ = self.inner.has_read_memory.subscribe().wait_for(|has_read| *has_read).await;
        if let Some((since, failure)) = &*lock(&self.inner.failing)
            && since.elapsed() >= TOLERANCE
        {
            return Err(failure.clone().into());
        }
        self.inner.check_eviction()
    }
}

impl Inner {
    /// Probes for ever.
    async fn keep_probing(&self) {
        loop {
            let probed = timeout(self.command_timeout * 2, self.probe_shards()).await;
            let probed =
                probed.unwrap_or_else(|_| Err(Failure::TimedOut("no write was answered in time".to_owned())));
            {
                let mut failing = lock(&self.failing);
                let since = failing.as_ref().map_or_else(Instant::now, |(since, _)| *since);
                *failing = probed.err().map(|failure| (since, failure));
            }
            sleep(RETRY_INTERVAL).await;
            if lock(&self.failing).is_none() {
                let _ = timeout(QUIET_INTERVAL, self.write_failed.notified()).await;
            }
        }
    }

    /// Reads from and writes to each primary. As for `Topology::ready`, one that works is enough; a full one works.
    async fn probe_shards(&self) -> Result<(), Failure> {
        let keys = self.topology.probe_keys(&self.key_prefix).await?;
        let probes = keys.iter().map(|(shard, key)| {
            let probe = shard.primary.probe(key);
            let works = probe.map(|probed| match probed {
                // The slot is moving: writes to it go to another node.
                Err(Failure::Full(_) | Failure::Moved(_) | Failure::Ask(_)) => Ok(()),
                probed => probed,
            });
            works.boxed()
        });
        let probes: Vec<_> = probes.collect();
        if probes.is_empty() {
            return Ok(());
        }
        select_ok(probes).await.map(drop)
    }

    /// Reads the memory of each primary for ever.
    async fn read_memory(&self) {
        let mut has_warned = false;
        loop {
            if let Ok(Ok(shards)) = timeout(self.command_timeout, self.topology.shards()).await {
                let primaries: Vec<_> = shards.iter().map(|shard| &shard.primary).collect();
                self.forget_others(&primaries.iter().map(|node| &node.address).collect::<Vec<_>>());
                let is_due = |address| {
                    lock(&self.memory).get(address).is_none_or(|last| last.at.elapsed() >= MEMORY_INTERVAL)
                };
                let due = primaries.into_iter().filter(|node| is_due(&node.address));
                let reads = due.map(async |node| (node, node.memory().await));
                for (node, read) in join_all(reads).await {
                    match read {
                        Ok(memory) => self.take_in(&node.address, Some(memory)),
                        // Its settings are read when it is connected again.
                        Err(failure) if !node.is_up() => {
                            log::debug!("memory of Redis: {}", StoreError::from(failure));
                        }
                        Err(failure) => {
                            if !has_warned {
                                has_warned = true;
                                log::warn!(
                                    "it is not known whether Redis evicts messages: {}; allow this user +info, or \
                                     see to it that maxmemory-policy is noeviction",
                                    StoreError::from(failure)
                                );
                            }
                            self.take_in(&node.address, None);
                        }
                    }
                }
            }
            sleep(NEWCOMER_INTERVAL).await;
        }
    }

    fn take_in(&self, address: &Address, memory: Option<Memory>) {
        let node = address.to_string();
        let reading = Reading { at: Instant::now(), memory };
        let new = reading.memory.clone();
        let old = lock(&self.memory).insert(address.clone(), reading).and_then(|old| old.memory);
        if let Some(old) = old.as_ref().filter(|old| new.as_ref().is_none_or(|new| new.policy != old.policy))
        {
            self.metrics.remove_policy(&node, &old.policy);
        }
        match &new {
            Some(new) => {
                let evicts = new.evicts_messages(self.has_retention);
                self.metrics.set_bytes(&node, new.used_bytes, new.max_bytes);
                self.metrics.set_policy(&node, &new.policy, evicts);
                let did = old.is_some_and(|old| old.evicts_messages(self.has_retention));
                if self.allow_eviction && evicts && !did {
                    log::warn!(
                        "Redis at {node} evicts messages when it is full ({}), as --redis-allow-eviction accepts",
                        new.policy
                    );
                }
            }
            None => self.metrics.remove(&node),
        }
        self.has_read_memory.send_replace(true);
    }

    /// Forgets primaries that are no longer in use, and their series.
    fn forget_others(&self, primaries: &[&Address]) {
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

    /// Fails where a primary can evict what was acknowledged.
    fn check_eviction(&self) -> Result<(), StoreError> {
        if self.allow_eviction {
            return Ok(());
        }
        let readings = lock(&self.memory);
        let evicting = readings.iter().find_map(|(address, reading)| {
            Some((address, reading.memory.as_ref().filter(|it| it.evicts_messages(self.has_retention))?))
        });
        evicting.map_or(Ok(()), |(address, memory)| {
            Err(StoreError::AtRisk(format!(
                "Redis at {address} evicts messages when its {} bytes are full: its maxmemory-policy is {}; set \
                 it to noeviction, or accept the loss with --redis-allow-eviction",
                memory.max_bytes, memory.policy
            ).into()))
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
