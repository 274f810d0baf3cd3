//! Finds the shard of a key, for the three ways to run Redis.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::select_ok;
use tokio::time::Instant;

use super::address::{Address, Servers};
use super::cluster::Cluster;
use super::commands::slot_probe_key;
use super::error::RedisClientError;
use super::node::Node;
use super::sentinels::Sentinels;
use super::shard::{NodeFactory, Shard};
use super::slots::SLOTS;

/// The slot ranges of all primaries: first slot, last slot, address.
pub type SlotLayout = Vec<(u16, u16, Address)>;

/// The shards of one store. The caller bounds the wait of each asynchronous function.
pub enum Topology {
    /// One server.
    Standalone(Arc<Shard>),
    /// A primary with replicas. Sentinels replace the primary when it fails.
    Sentinel(Sentinels),
    /// Several primaries, each with a part of the slots.
    Cluster(Cluster),
}

impl Topology {
    /// Starts to connect in the background.
    pub(super) fn connect(servers: &Servers, nodes: NodeFactory) -> Self {
        match servers {
            Servers::Standalone(address) => {
                Self::Standalone(Arc::new(nodes.shard(address, &[], |_, _| None)))
            }
            Servers::Sentinel { sentinels, primary_name } => {
                Self::Sentinel(Sentinels::watch(sentinels, primary_name, nodes))
            }
            Servers::Cluster(seeds) => Self::Cluster(Cluster::watch(seeds, nodes)),
        }
    }

    /// Returns the shard of a key.
    pub(super) async fn shard(&self, key: &str) -> Result<Arc<Shard>, RedisClientError> {
        match self {
            Self::Standalone(shard) => Ok(Arc::clone(shard)),
            Self::Sentinel(sentinels) => sentinels.shard().await,
            Self::Cluster(cluster) => cluster.shard(key).await,
        }
    }

    /// Returns the shard of each key, or `None` for a key whose slot no node serves.
    pub async fn shards_of(&self, keys: &[&str]) -> Result<Vec<Option<Arc<Shard>>>, RedisClientError> {
        match self {
            Self::Standalone(shard) => Ok(vec![Some(Arc::clone(shard)); keys.len()]),
            Self::Sentinel(sentinels) => Ok(vec![Some(sentinels.shard().await?); keys.len()]),
            Self::Cluster(cluster) => cluster.shards_of(keys).await,
        }
    }

    /// Returns all shards. Together they hold all keys.
    pub async fn shards(&self) -> Result<Vec<Arc<Shard>>, RedisClientError> {
        match self {
            Self::Standalone(shard) => Ok(vec![Arc::clone(shard)]),
            Self::Sentinel(sentinels) => Ok(vec![sentinels.shard().await?]),
            Self::Cluster(cluster) => cluster.shards().await,
        }
    }

    /// Returns each shard with a key in it that no value has. May omit a shard with very few slots.
    pub async fn probe_keys(&self, prefix: &str) -> Result<Vec<(Arc<Shard>, String)>, RedisClientError> {
        const MAX_ATTEMPTS: usize = 512;
        let shard_count = self.shards().await?.len();
        let mut found: Vec<(Arc<Shard>, String)> = Vec::new();
        for number in 0..MAX_ATTEMPTS {
            if found.len() == shard_count {
                break;
            }
            let key = slot_probe_key(prefix, number);
            let shards = self.shards_of(&[&key]).await?;
            if let Some(shard) = shards.into_iter().next().flatten()
                && found.iter().all(|(other, _)| other.primary.address != shard.primary.address)
            {
                found.push((shard, key));
            }
        }
        Ok(found)
    }

    /// Returns the slot ranges of all primaries. Outside a Cluster, the primary has all slots.
    pub async fn layout(&self) -> Result<SlotLayout, RedisClientError> {
        let all_slots = |shard: &Shard| vec![(0, SLOTS - 1, shard.primary.address.clone())];
        match self {
            Self::Standalone(shard) => Ok(all_slots(shard)),
            Self::Sentinel(sentinels) => Ok(all_slots(&*sentinels.shard().await?)),
            Self::Cluster(cluster) => cluster.layout().await,
        }
    }

    /// Returns the node that a MOVED or ASK reply names. `None` outside a Cluster.
    pub(super) fn redirected(&self, address: &Address) -> Option<Arc<Node>> {
        match self {
            Self::Standalone(_) | Self::Sentinel(_) => None,
            Self::Cluster(cluster) => Some(cluster.primary_at(address)),
        }
    }

    /// Requests a lookup of the nodes in the background.
    pub fn request_refresh(&self) {
        match self {
            Self::Standalone(_) => {}
            Self::Sentinel(sentinels) => sentinels.refresh.request(),
            Self::Cluster(cluster) => cluster.refresh.request(),
        }
    }

    /// Looks up the nodes and waits until a lookup has finished.
    pub async fn refresh(&self) {
        match self {
            Self::Standalone(_) => {}
            Self::Sentinel(sentinels) => sentinels.refresh.request_and_wait().await,
            Self::Cluster(cluster) => cluster.refresh.request_and_wait().await,
        }
    }

    /// Whether the node at this address, which lacks the key, was still the primary when the read began. `false` means
    /// that another node may be the primary: read again.
    ///
    /// # Errors
    /// [`RedisClientError`] if too few voters reply, so that another node may have the key.
    pub(super) async fn is_current(
        &self,
        key: &str,
        primary: &Address,
        read_began: Instant,
    ) -> Result<bool, RedisClientError> {
        match self {
            Self::Standalone(_) => Ok(true),
            Self::Sentinel(sentinels) => sentinels.is_current(primary, read_began).await,
            Self::Cluster(cluster) => cluster.is_current(key, primary, read_began).await,
        }
    }

    /// Fails unless a shard has a working primary. In a Cluster one shard is enough: if a server without one of the
    /// shards were not ready, a load balancer would take all servers out of service, and the other shards with them.
    pub async fn ready(&self, min_replicas: u32) -> Result<(), RedisClientError> {
        let shards = self.shards().await?;
        let checks = shards.iter().map(|shard| shard.primary.check_primary(min_replicas).boxed());
        select_ok(checks).await.map(drop)
    }
}
