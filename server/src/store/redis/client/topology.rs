//! Who is asked for which key: the three ways to run Redis, each of which comes down to shards.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::select_ok;
use tokio::time::Instant;

use super::cluster::Cluster;
use super::commands::probe_key;
use super::error::Failure;
use super::node::Node;
use super::sentinels::Sentinels;
use super::shard::{Nodes, Shard};
use super::slots::SLOTS;
use crate::store::redis::url::{Address, Servers};

/// How Redis is run.
pub(in crate::store::redis) enum Topology {
    /// One server.
    Standalone(Arc<Shard>),
    /// A primary and replicas, watched by sentinels that replace the primary.
    Sentinel(Sentinels),
    /// Many primaries, each with its part of the keys.
    Cluster(Cluster),
}

impl Topology {
    /// Begins to connect.
    pub(in crate::store::redis) fn open(servers: &Servers, nodes: Nodes) -> Self {
        match servers {
            Servers::Standalone(address) => {
                Self::Standalone(Arc::new(nodes.shard(address, &[], |_, _| None)))
            }
            Servers::Sentinel { sentinels, master } => {
                Self::Sentinel(Sentinels::watch(sentinels, master, nodes))
            }
            Servers::Cluster(seeds) => Self::Cluster(Cluster::watch(seeds, nodes)),
        }
    }

    /// The shard of this key. The caller bounds the wait.
    pub(in crate::store::redis) async fn shard(&self, key: &str) -> Result<Arc<Shard>, Failure> {
        match self {
            Self::Standalone(shard) => Ok(Arc::clone(shard)),
            Self::Sentinel(sentinels) => sentinels.shard().await,
            Self::Cluster(cluster) => cluster.shard(key).await,
        }
    }

    /// The shard of each of these keys; none where none serves it. The caller bounds the wait.
    pub(in crate::store::redis) async fn shards_of(
        &self,
        keys: &[&str],
    ) -> Result<Vec<Option<Arc<Shard>>>, Failure> {
        match self {
            Self::Standalone(shard) => Ok(vec![Some(Arc::clone(shard)); keys.len()]),
            Self::Sentinel(sentinels) => Ok(vec![Some(sentinels.shard().await?); keys.len()]),
            Self::Cluster(cluster) => cluster.shards_of(keys).await,
        }
    }

    /// All shards, which together have all keys. The caller bounds the wait.
    pub(in crate::store::redis) async fn shards(&self) -> Result<Vec<Arc<Shard>>, Failure> {
        match self {
            Self::Standalone(shard) => Ok(vec![Arc::clone(shard)]),
            Self::Sentinel(sentinels) => Ok(vec![sentinels.shard().await?]),
            Self::Cluster(cluster) => cluster.shards().await,
        }
    }

    /// Each shard, and a key of its own that no message has. A shard with hardly any slots may be left out.
    pub(in crate::store::redis) async fn probe_keys(
        &self,
        prefix: &str,
    ) -> Result<Vec<(Arc<Shard>, String)>, Failure> {
        const MAX_ATTEMPTS: usize = 512;
        let shard_count = self.shards().await?.len();
        let mut found: Vec<(Arc<Shard>, String)> = Vec::new();
        for number in 0..MAX_ATTEMPTS {
            if found.len() == shard_count {
                break;
            }
            let key = probe_key(prefix, number);
            let shards = self.shards_of(&[&key]).await?;
            if let Some(shard) = shards.into_iter().next().flatten()
                && found.iter().all(|(known, _)| known.primary.address != shard.primary.address)
            {
                found.push((shard, key));
            }
        }
        Ok(found)
    }

    /// Which primary has which slots; all of them, where there are no others.
    pub(in crate::store::redis) async fn layout(&self) -> Result<Vec<(u16, u16, Address)>, Failure> {
        let all = |shard: &Shard| vec![(0, SLOTS - 1, shard.primary.address.clone())];
        match self {
            Self::Standalone(shard) => Ok(all(shard)),
            Self::Sentinel(sentinels) => Ok(all(&*sentinels.shard().await?)),
            Self::Cluster(cluster) => cluster.layout().await,
        }
    }

    /// The node that another one has named as the right one.
    pub(in crate::store::redis) fn redirected(&self, address: &Address) -> Option<Arc<Node>> {
        match self {
            Self::Standalone(_) | Self::Sentinel(_) => None,
            Self::Cluster(cluster) => Some(cluster.primary_at(address)),
        }
    }

    /// Has the nodes looked for again, in the background.
    pub(in crate::store::redis) fn suspect(&self) {
        match self {
            Self::Standalone(_) => {}
            Self::Sentinel(sentinels) => sentinels.look.again(),
            Self::Cluster(cluster) => cluster.look.again(),
        }
    }

    /// Looks for the nodes again, and waits until that is done. The caller bounds the wait.
    pub(in crate::store::redis) async fn refresh(&self) {
        match self {
            Self::Standalone(_) => {}
            Self::Sentinel(sentinels) => sentinels.look.again_and_wait().await,
            Self::Cluster(cluster) => cluster.look.again_and_wait().await,
        }
    }

    /// Whether the primary at this address, which lacks the key, is known to be its primary still when a read begins
    /// that was `asked` then. `false`: another one may be, so ask again.
    ///
    /// # Errors
    /// [`Failure`] where it cannot be known, so that the message may be elsewhere.
    pub(in crate::store::redis) async fn is_current(
        &self,
        key: &str,
        primary: &Address,
        asked: Instant,
    ) -> Result<bool, Failure> {
        match self {
            Self::Standalone(_) => Ok(true),
            Self::Sentinel(sentinels) => sentinels.is_current(primary, asked).await,
            Self::Cluster(cluster) => cluster.is_current(key, primary, asked).await,
        }
    }

    /// Whether messages can be written and read. Of a cluster, one shard that works is enough: to take all
    /// servers from the balancer because some keys are away would take the others away, too.
    pub(in crate::store::redis) async fn ready(&self, min_replicas: u32) -> Result<(), Failure> {
        let shards = self.shards().await?;
        let answers = shards.iter().map(|shard| shard.primary.is_primary(min_replicas).boxed());
        select_ok(answers).await.map(drop)
    }
}
