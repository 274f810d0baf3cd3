//! A client for Redis: one server, a primary with Sentinels, or a Cluster.
//!
//! The client reads and writes values under keys, and finds the server that has a key. It knows nothing of messages:
//! the folder above turns them into keys and values. Types of the Redis library do not leave this folder.
//!
//! Layers, from the connection up: `dialer` and `lane` connect, `pipelines` and `replicated_writes` send commands,
//! `node` offers them by name, `topology` (`cluster`, `sentinels`) finds the node of a key, and [`RedisClient`] follows
//! redirections and repeats commands.

mod address;
mod cluster;
mod commands;
mod confirmation;
mod dialer;
mod discovery;
mod error;
mod lane;
mod node;
mod oversize;
mod pending_bytes;
mod pipelines;
mod refresh;
mod replicated_writes;
mod role;
mod sentinel_connection;
mod sentinel_view;
mod sentinels;
mod server_memory;
mod shard;
mod slots;
mod subscription;
mod topology;
mod write_lanes;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use prometheus_client::metrics::gauge::Gauge;

use self::dialer::Dialer;
use self::shard::NodeFactory;
use crate::secret::{Secret, SecretFile};

pub use self::address::{Address, Servers};
pub use self::discovery::BackgroundTask;
pub use self::error::{RedisClientError, RedisClientErrorKind};
pub use self::node::Node;
pub use self::server_memory::ServerMemory;
pub use self::shard::{KeyAccess, Shard};
pub use self::subscription::Subscription;
pub use self::topology::{SlotLayout, Topology};

/// The maximum number of nodes to ask for one command. A moving key may be redirected more than once, and nodes that
/// disagree must not cause an endless loop.
const MAX_ATTEMPTS: usize = 5;
/// The maximum number of repeats after a lost connection. Both connections that the requests to a node share may have
/// been lost while idle.
const MAX_REPEATS: usize = 2;

/// How to connect, and how to read and write.
pub struct ClientSettings {
    pub servers: Servers,
    pub is_tls: bool,
    /// PEM certificates that replace those of the system.
    pub ca_certificates: Option<Vec<u8>>,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// Takes precedence over `password`. Read for each connection.
    pub password_file: Option<SecretFile>,
    pub database: u16,
    /// The prefix of all keys. The client adds it only to the keys of its probes.
    pub key_prefix: String,
    /// The time to live of written keys. `None` writes keys that never expire.
    pub ttl: Option<Duration>,
    pub reads_from_replicas: bool,
    /// How many replicas must confirm each write.
    pub min_replicas: u32,
    pub connect_timeout: Duration,
    pub command_timeout: Duration,
    /// The metric that counts open connections to nodes.
    pub connections: Gauge,
}

/// A value under a key.
pub struct StoredValue {
    pub bytes: Vec<u8>,
    /// The remaining time to live, or `None` if the key never expires.
    pub ttl: Option<Duration>,
}

/// The effect of setting a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOutcome {
    /// The key was absent.
    Created,
    /// The key had the same value. Its time to live was extended.
    Unchanged,
    /// The key had a different value, which was overwritten.
    Repaired,
}

/// A client for the servers of one store. The caller bounds the wait of each asynchronous function.
pub struct RedisClient {
    pub topology: Topology,
    dialer: Arc<Dialer>,
}

impl RedisClient {
    /// Starts to connect in the background. An unreachable server is not an error.
    ///
    /// # Errors
    /// [`RedisClientError`] if the CA certificates are invalid.
    pub fn connect(settings: &ClientSettings) -> Result<Self, RedisClientError> {
        // Installs the only compiled-in TLS provider. A second call fails, which is harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dialer = Arc::new(Dialer::new(settings));
        dialer.check_certificates()?;
        let nodes = NodeFactory::new(Arc::clone(&dialer), settings);
        Ok(Self { topology: Topology::connect(&settings.servers, nodes), dialer })
    }

    /// Reads a key from a replica. Returns `None` if no replica is connected, or if the replica lacks the key or cannot
    /// read it. Then the primary must be asked.
    pub async fn get_from_replica(&self, key: &str) -> Result<Option<StoredValue>, RedisClientError> {
        let shard = self.topology.shard(key).await?;
        let Some(replica) = shard.replica() else { return Ok(None) };
        replica.get(key, false).await.or_else(|error| {
            log::debug!("cannot read from a replica: {}", error.with_causes());
            self.topology.request_refresh();
            Ok(None)
        })
    }

    /// Reads a key from its primary.
    ///
    /// # Errors
    /// [`RedisClientError`] also if the primary lacks the key, and it is uncertain whether it was still the primary at
    /// `read_began`.
    pub async fn get_from_primary(
        &self,
        key: &str,
        read_began: Instant,
    ) -> Result<Option<StoredValue>, RedisClientError> {
        let get = |node: Arc<Node>, asking| async move { node.get(key, asking).await };
        for _ in 0..MAX_ATTEMPTS {
            let (value, primary) = self.on_primary(key, KeyAccess::Read, get).await?;
            if value.is_some() {
                return Ok(value);
            }
            if self.topology.is_current(key, &primary.address, read_began.into()).await? {
                return Ok(None);
            }
            self.topology.refresh().await;
        }
        Err(RedisClientError::refused(format!("the primary of {key} changes too often")))
    }

    /// Sets a key, and overwrites a different value. An equal value stays, and its time to live is extended.
    pub async fn set(&self, key: &str, value: &Bytes) -> Result<SetOutcome, RedisClientError> {
        let set = |node: Arc<Node>, asking| async move { node.set(key, value, asking).await };
        Ok(self.on_primary(key, KeyAccess::Write, set).await?.0)
    }

    /// Deletes a key, and returns the primary that deleted it. An absent key is not an error.
    pub async fn delete(&self, key: &str) -> Result<Arc<Node>, RedisClientError> {
        let delete = |node: Arc<Node>, asking| async move { node.delete(key, asking).await };
        Ok(self.on_primary(key, KeyAccess::Write, delete).await?.1)
    }

    /// Subscribes to a channel on a random primary, because one of them may be dead. In a Cluster, every node receives
    /// the texts that are published on any node.
    pub async fn subscribe(&self, channel: &str) -> Result<Subscription, RedisClientError> {
        let shards = self.topology.shards().await?;
        let shard = fastrand::choice(&shards);
        let shard = shard.ok_or_else(|| RedisClientError::disconnected("the Cluster has no nodes"))?;
        Subscription::open(&self.dialer, &shard.primary.address, channel).await
    }

    /// Sends a command to the primary of the key. Follows redirections, and repeats the command after a lost
    /// connection. Also returns the primary: while the key's slot is being moved, the node that it moves from.
    ///
    /// `send` receives the node, and whether ASKING must precede the command.
    async fn on_primary<T, F>(
        &self,
        key: &str,
        access: KeyAccess,
        send: impl Fn(Arc<Node>, bool) -> F,
    ) -> Result<(T, Arc<Node>), RedisClientError>
    where
        F: Future<Output = Result<T, RedisClientError>>,
    {
        let mut node = self.topology.shard(key).await?.primary_for(access)?;
        let mut primary = Arc::clone(&node);
        let (mut asking, mut repeats) = (false, 0);
        for _ in 1..MAX_ATTEMPTS {
            let error = match send(Arc::clone(&node), asking).await {
                Ok(reply) => return Ok((reply, primary)),
                Err(error) => error,
            };
            let redirected = match &error.kind {
                RedisClientErrorKind::Moved(address) | RedisClientErrorKind::Ask(address) => {
                    self.topology.redirected(address)
                }
                _ => None,
            };
            if error.suggests_topology_change() {
                self.topology.request_refresh();
            }
            asking = matches!(error.kind, RedisClientErrorKind::Ask(_));
            node = match redirected {
                Some(node) => node,
                None if error.is_retryable() && repeats < MAX_REPEATS => {
                    repeats += 1;
                    self.topology.refresh().await;
                    self.topology.shard(key).await?.primary_for(access)?
                }
                None => return Err(error.with_key(key)),
            };
            if !asking {
                primary = Arc::clone(&node);
            }
        }
        let last = send(node, asking).await;
        last.map(|reply| (reply, primary)).map_err(|error| error.with_key(key))
    }
}
