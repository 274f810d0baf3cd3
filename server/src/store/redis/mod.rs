//! Redis as the store: one server, a primary with Sentinels, or a Cluster.
//!
//! One message is one key: the prefix (`m:`) and the 64 hexadecimal digits of its hash. The value is the
//! message's bytes of UTF-8, nothing else, so an empty value is the empty message. Keys are set only where
//! they are absent or have another text, which is damage, and are deleted whatever they have, hence every
//! command here may be repeated; a value from any replica is right but for what is being deleted, and only a
//! replica's miss is doubtful.
//!
//! `topology` knows who is asked, `node` the commands, `connection` how they get there. No type of the
//! Redis library leaves this folder.

mod acknowledged;
mod checks;
mod client;
mod invalidation;
mod options;
mod put_all;
mod scan;
mod url;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future;
use futures::stream::BoxStream;
use prometheus_client::metrics::counter::Counter;
use tokio::time::timeout;

use self::acknowledged::Acknowledged;
use self::checks::Checks;
use self::client::connection::Dialer;
use self::client::error::Failure;
use self::client::node::{Found, Node};
use self::client::shard::{Nodes, Purpose};
use self::client::topology::Topology;
use self::invalidation::Channel;
pub use self::options::RedisOptions;
pub use self::url::RedisUrl;
use super::{MessageStore, OpenError, Put, Puts, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

/// A key that is moving may be redirected more than once; nodes that disagree must not send us in circles.
const ATTEMPTS: usize = 5;
/// Repeats after a lost connection: each of those that a node's requests share may have been lost while idle.
const REPEATS: usize = 2;

/// Messages in Redis.
pub struct Redis {
    topology: Arc<Topology>,
    announced: Channel,
    key_prefix: String,
    min_replicas: u32,
    command_timeout: Duration,
    integrity_failures: Counter,
    checks: Checks,
    acknowledged: Acknowledged,
}

impl Redis {
    /// Begins to connect. What cannot be reached yet is no error: it is waited for in the background.
    ///
    /// # Errors
    /// [`OpenError`] where the file of the CA holds no certificates.
    pub fn open(
        url: &RedisUrl,
        options: &RedisOptions,
        retention: Option<Duration>,
        can_delete: bool,
        metrics: &StoreMetrics,
    ) -> Result<Self, OpenError> {
        // The only provider that is compiled in; a second call finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dialer =
            Arc::new(Dialer::new(url, options, retention.is_some(), metrics.redis_connections.clone()));
        dialer.check().map_err(|reason| OpenError::caused_by("--redis-ca-file", reason))?;
        log::info!("messages are in {url}");
        let nodes = Nodes::new(Arc::clone(&dialer), options, retention);
        let topology = Arc::new(Topology::open(&url.servers, nodes));
        let checks =
            Checks::new(Arc::clone(&topology), options, retention.is_some(), metrics.redis_memory.clone());
        let missing = metrics.missing_acknowledged.clone();
        Ok(Self {
            checks,
            acknowledged: Acknowledged::new(can_delete, retention, options.redis_allow_eviction, missing),
            announced: Channel::new(&options.redis_key_prefix, Arc::clone(&topology), dialer),
            topology,
            key_prefix: options.redis_key_prefix.clone(),
            min_replicas: options.redis_min_replicas,
            command_timeout: options.redis_command_timeout,
            integrity_failures: metrics.integrity_failures.clone(),
        })
    }

    fn key(&self, hash: MessageHash) -> String {
        [self.key_prefix.as_str(), hash.digits().as_str()].concat()
    }

    /// Asks the primary of this key, wherever it has gone, and returns it, too. While the key's slot moves, that is
    /// the one that the slot moves from.
    async fn on_primary<T, F>(
        &self,
        key: &str,
        purpose: Purpose,
        ask: impl Fn(Arc<Node>, bool) -> F,
    ) -> Result<(T, Arc<Node>), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut node = self.topology.shard(key).await?.primary_for(purpose)?;
        let mut primary = Arc::clone(&node);
        let (mut asking, mut repeats) = (false, 0);
        for _ in 1..ATTEMPTS {
            let failure = match ask(Arc::clone(&node), asking).await {
                Ok(answer) => return Ok((answer, primary)),
                Err(failure) => failure,
            };
            let redirected = match &failure {
                Failure::Moved(address) | Failure::Ask(address) => self.topology.redirected(address),
                _ => None,
            };
            if failure.concerns_topology() {
                self.topology.suspect();
            }
            asking = matches!(failure, Failure::Ask(_));
            node = match redirected {
                Some(node) => node,
                None if failure.may_be_repeated() && repeats < REPEATS => {
                    repeats += 1;
                    self.topology.refresh().await;
                    self.topology.shard(key).await?.primary_for(purpose)?
                }
                None => return Err(failure.about(key)),
            };
            if !asking {
                primary = Arc::clone(&node);
            }
        }
        let last = ask(node, asking).await;
        last.map(|answer| (answer, primary)).map_err(|failure| failure.about(key))
    }

    /// What a replica holds; `None` where it does not, or cannot be asked, and the primary is to be.
    async fn ask_replica(&self, key: &str, hash: MessageHash) -> Result<Option<Stored>, Failure> {
        let shard = self.topology.shard(key).await?;
        let Some(replica) = shard.replica() else { return Ok(None) };
        match replica.get(key, false).await {
            Ok(None) => Ok(None),
            Ok(Some(found)) => {
                let stored = verified(hash, &found).inspect_err(|error| {
                    log::error!("a replica: {error}");
                    self.integrity_failures.inc();
                });
                Ok(stored.ok())
            }
            Err(failure) => {
                log::debug!("{}", StoreError::from(failure));
                self.topology.suspect();
                Ok(None)
            }
        }
    }

    /// Takes note of a message that is acknowledged now.
    fn acknowledge(&self, hash: MessageHash, message: &Message, put: Put) {
        self.checks.write_worked();
        self.acknowledged.add(hash, message, put);
    }

    /// What is done within the deadlines of its commands, and of what they had to wait for.
    async fn bounded<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let done = timeout(self.command_timeout * 2, work).await;
        done.unwrap_or_else(|_| Err(StoreError::Unavailable("Redis gave no answer in time".into())))
    }
}

fn verified(hash: MessageHash, found: &Found) -> Result<Stored, StoreError> {
    let message = Message::verified(hash, &found.bytes);
    let message = message.map_err(|mismatch| StoreError::Corrupt(mismatch.to_string().into()))?;
    Ok(Stored::new(message, found.time_to_live))
}

#[async_trait]
impl MessageStore for Redis {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        let key = self.key(hash);
        let set = |node: Arc<Node>, asking| {
            let (key, message) = (&key, &message);
            async move { node.set(key, message, asking).await }
        };
        let put = async { Ok(self.on_primary(&key, Purpose::Write, set).await?.0) };
        let put = self.bounded(put).await;
        match &put {
            Ok(put) => self.acknowledge(hash, &message, *put),
            Err(_) => self.checks.write_failed(),
        }
        put
    }

    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        put_all::put_all(self, messages)
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        let key = self.key(hash);
        let delete = |node: Arc<Node>, asking| {
            let key = &key;
            async move { node.delete(key, asking).await }
        };
        let delete = async { Ok(self.on_primary(&key, Purpose::Write, delete).await?.1) };
        let node = self.bounded(delete).await?;
        self.announced.tell(node, hash);
        Ok(())
    }

    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        self.announced.clone().hear()
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let (key, asked) = (self.key(hash), Instant::now());
        let get = |node: Arc<Node>, asking| {
            let key = &key;
            async move { node.get(key, asking).await }
        };
        let read = async {
            if let Some(stored) = self.ask_replica(&key, hash).await? {
                return Ok(Some(stored));
            }
            for _ in 0..ATTEMPTS {
                let (found, primary) = self.on_primary(&key, Purpose::Read, get).await?;
                match found {
                    Some(found) => return verified(hash, &found).map(Some),
                    None if self.topology.is_current(&key, &primary.address, asked.into()).await? => {
                        return Ok(None);
                    }
                    None => self.topology.refresh().await,
                }
            }
            Err(StoreError::Unavailable(format!("the primary of {key} changes again and again").into()))
        };
        let got = self.bounded(read).await;
        if matches!(got, Ok(None)) {
            self.acknowledged.missed(hash, asked);
        }
        got
    }

    fn scan(&self) -> Scan<'_> {
        scan::scan(self)
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        self.bounded(async { Ok(scan::count(&self.topology).await?) }).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let ready = async {
            self.topology.ready(self.min_replicas).await.inspect_err(|_| self.topology.suspect())?;
            self.checks.outcome().await
        };
        self.bounded(ready).await?;
        // Each read reports by itself what is missing.
        future::join_all(self.acknowledged.due().into_iter().map(|hash| self.get(hash))).await;
        Ok(())
    }

    async fn close(&self) {
        // Connections hold nothing that was acknowledged; they end with this store.
    }
}
