//! The store on Redis: one server, a primary with Sentinels, or a Cluster.
//!
//! Each key belongs to one message: the prefix (`m:`) and the 64 hexadecimal digits of its hash. The value is the message in
//! UTF-8, without anything else, so an empty value is the empty message.
//!
//! The store sets a key only if it is absent or holds another value, which is damage. Therefore every command may be
//! repeated. A replica may lag behind: the value that it returns is verified, but if it lacks a key, the primary is
//! asked.
//!
//! `client` knows servers, keys and bytes. This folder turns messages into keys and values.

mod acknowledged;
mod checks;
mod client;
mod error;
mod invalidation;
mod keys;
mod options;
mod put_all;
mod scan;
mod url;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::future;
use futures::stream::BoxStream;
use prometheus_client::metrics::counter::Counter;
use tokio::time::timeout;

use self::acknowledged::AcknowledgedSample;
use self::checks::BackgroundChecks;
use self::client::{ClientSettings, RedisClient, SetOutcome, StoredValue};
use self::invalidation::InvalidationChannel;
use self::keys::KeyPrefix;
use self::options::ReadFrom;
use super::{MessageStore, OpenError, Put, Puts, Scan, StoreError, Stored};
use crate::message::{Message, MessageHash};
use crate::metrics::StoreMetrics;

pub use self::options::RedisOptions;
pub use self::url::RedisUrl;

/// Stores messages in Redis.
pub struct Redis {
    client: Arc<RedisClient>,
    invalidation: InvalidationChannel,
    keys: KeyPrefix,
    min_replicas: u32,
    command_timeout: Duration,
    integrity_failures: Counter,
    checks: BackgroundChecks,
    acknowledged: AcknowledgedSample,
}

impl Redis {
    /// Starts to connect in the background. An unreachable server is not an error.
    ///
    /// # Errors
    /// [`OpenError`] if the CA file contains no valid certificates.
    pub fn open(
        url: &RedisUrl,
        options: &RedisOptions,
        retention: Option<Duration>,
        can_delete: bool,
        metrics: &StoreMetrics,
    ) -> Result<Self, OpenError> {
        let settings = settings(url, options, retention, metrics);
        let client = RedisClient::connect(&settings);
        let client = client.map_err(|error| OpenError::caused_by("--redis-ca-file", error))?;
        log::info!("messages are stored in {url}");
        let client = Arc::new(client);
        let redis_memory = metrics.redis_memory.clone();
        let missing = metrics.missing_acknowledged.clone();
        Ok(Self {
            checks: BackgroundChecks::new(Arc::clone(&client), options, retention.is_some(), redis_memory),
            acknowledged: AcknowledgedSample::new(
                can_delete,
                retention,
                options.redis_allow_eviction,
                missing,
            ),
            invalidation: InvalidationChannel::new(&options.redis_key_prefix, Arc::clone(&client)),
            client,
            keys: KeyPrefix::new(&options.redis_key_prefix),
            min_replicas: options.redis_min_replicas,
            command_timeout: options.redis_command_timeout,
            integrity_failures: metrics.integrity_failures.clone(),
        })
    }

    /// Reads a message from a replica. Returns `None` if the primary must be asked: without a replica, and if the
    /// replica lacks the message, holds a damaged copy or fails.
    async fn get_from_replica(&self, key: &str, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let Some(value) = self.client.get_from_replica(key).await? else { return Ok(None) };
        let stored = verify(hash, &value).inspect_err(|error| {
            log::error!("a replica holds a damaged copy: {error}");
            self.integrity_failures.inc();
        });
        Ok(stored.ok())
    }

    async fn find(&self, hash: MessageHash, read_began: Instant) -> Result<Option<Stored>, StoreError> {
        let key = self.keys.key(hash);
        if let Some(stored) = self.get_from_replica(&key, hash).await? {
            return Ok(Some(stored));
        }
        let value = self.client.get_from_primary(&key, read_began).await?;
        value.map(|value| verify(hash, &value)).transpose()
    }

    /// Records that a message is acknowledged now.
    fn acknowledge(&self, hash: MessageHash, message: &Message, put: Put) {
        self.checks.record_write_success();
        self.acknowledged.add(hash, message, put);
    }

    /// Bounds a request by two command timeouts: one for the wait for a connection, and one for the command.
    async fn within_deadline<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let done = timeout(self.command_timeout * 2, work).await;
        done.unwrap_or_else(|_| Err(StoreError::Unavailable("Redis did not reply in time".into())))
    }
}

fn settings(
    url: &RedisUrl,
    options: &RedisOptions,
    retention: Option<Duration>,
    metrics: &StoreMetrics,
) -> ClientSettings {
    ClientSettings {
        servers: url.servers.clone(),
        is_tls: url.tls,
        ca_certificates: options.redis_ca_file.as_ref().map(|ca| ca.as_bytes().to_vec()),
        user: url.user.clone(),
        password: url.password.clone(),
        password_file: options.redis_password_file.clone(),
        database: url.database,
        key_prefix: options.redis_key_prefix.clone(),
        ttl: retention,
        reads_from_replicas: options.redis_read_from == ReadFrom::Replica,
        min_replicas: options.redis_min_replicas,
        connect_timeout: options.redis_connect_timeout,
        command_timeout: options.redis_command_timeout,
        connections: metrics.redis_connections.clone(),
    }
}

/// Verifies a value against the hash.
fn verify(hash: MessageHash, value: &StoredValue) -> Result<Stored, StoreError> {
    let message = Message::verified(hash, &value.bytes);
    let message = message.map_err(|mismatch| StoreError::Corrupt(mismatch.to_string().into()))?;
    Ok(Stored::new(message, value.ttl))
}

#[async_trait]
impl MessageStore for Redis {
    async fn put(&self, hash: MessageHash, message: Message) -> Result<Put, StoreError> {
        let key = self.keys.key(hash);
        let value = Bytes::from_owner(message.clone());
        let set = async { Ok(self.client.set(&key, &value).await?) };
        let put = match self.within_deadline(set).await {
            Ok(SetOutcome::Created) => Put::Created,
            Ok(SetOutcome::Unchanged) => Put::AlreadyStored,
            Ok(SetOutcome::Repaired) => {
                log::error!(
                    "the stored copy under {key} was damaged; it is replaced by the message just received"
                );
                Put::Created
            }
            Err(error) => {
                self.checks.record_write_failure();
                return Err(error);
            }
        };
        self.acknowledge(hash, &message, put);
        Ok(put)
    }

    fn put_all(&self, messages: Vec<(MessageHash, Message)>) -> Puts<'_> {
        put_all::put_all(self, messages)
    }

    async fn delete(&self, hash: MessageHash) -> Result<(), StoreError> {
        let key = self.keys.key(hash);
        let node = self.within_deadline(async { Ok(self.client.delete(&key).await?) }).await?;
        self.invalidation.publish(node, hash);
        Ok(())
    }

    fn deleted_elsewhere(&self) -> BoxStream<'static, MessageHash> {
        self.invalidation.clone().subscribe()
    }

    async fn get(&self, hash: MessageHash) -> Result<Option<Stored>, StoreError> {
        let read_began = Instant::now();
        let found = self.within_deadline(self.find(hash, read_began)).await;
        if matches!(found, Ok(None)) {
            self.acknowledged.report_miss(hash, read_began);
        }
        found
    }

    fn scan(&self) -> Scan<'_> {
        scan::scan(self)
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        self.within_deadline(async { Ok(scan::key_count(&self.client).await?) }).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let ready = async {
            let topology = &self.client.topology;
            topology.ready(self.min_replicas).await.inspect_err(|_| topology.request_refresh())?;
            self.checks.outcome().await
        };
        self.within_deadline(ready).await?;
        // `get` reports each missing message.
        future::join_all(self.acknowledged.due().into_iter().map(|hash| self.get(hash))).await;
        Ok(())
    }

    async fn close(&self) {
        // Connections hold no acknowledged messages, and close when this store is dropped.
    }
}
