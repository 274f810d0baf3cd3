//! The nodes of a cluster and the slots that they serve: a map of our own, and connections for each node.
//!
//! Nothing is shared between nodes, so one that is dead or paused holds up none of the others. The map is
//! looked up again on redirections, on failures and now and then, from whichever node answers first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::cmd;
use futures::FutureExt;
use futures::future::select_ok;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::confirmation::Witnesses;
use super::connection::{Dialer, Role};
use super::discovery::{Known, Task, known};
use super::error::Failure;
use super::node::Node;
use super::refresh::Look;
use super::shard::{Nodes, Shard};
use super::slots::{Range, SLOTS, ranges, slot_of};
use crate::store::redis::url::Address;

/// How often the map is looked up without any cause.
const INTERVAL: Duration = Duration::from_secs(5);
/// The least time between two lookups: each failed request asks for one.
const PAUSE: Duration = Duration::from_millis(100);

/// A cluster, as it is known now.
pub(in crate::store::redis) struct Cluster {
    members: Arc<Members>,
    pub(in crate::store::redis) look: Arc<Look>,
    _task: Task,
}

struct Members {
    witnesses: Witnesses,
    seeds: Vec<Address>,
    nodes: Nodes,
    /// Primaries that a redirection named before the map did.
    newcomers: Mutex<BTreeMap<Address, Arc<Node>>>,
    map: watch::Sender<Known<Arc<Map>>>,
}

/// Who serves which slot.
struct Map {
    ranges: Vec<Range>,
    shards: BTreeMap<Address, Arc<Shard>>,
    /// The shard of each slot that is served.
    by_slot: Vec<Option<Arc<Shard>>>,
}

impl Map {
    fn shard(&self, slot: u16) -> Option<Arc<Shard>> {
        self.by_slot.get(usize::from(slot)).cloned().flatten()
    }
}

impl Cluster {
    /// Begins to look for the nodes.
    pub(in crate::store::redis) fn watch(seeds: &[Address], nodes: Nodes) -> Self {
        let members = Arc::new(Members {
            witnesses: Witnesses::default(),
            seeds: seeds.to_vec(),
            nodes,
            newcomers: Mutex::default(),
            map: Known::channel(),
        });
        let look = Arc::new(Look::new());
        let task = {
            let (members, look) = (Arc::clone(&members), Arc::clone(&look));
            Task::spawn(async move { members.follow(&look).await })
        };
        Self { members, look, _task: task }
    }

    pub(in crate::store::redis) async fn shard(&self, key: &str) -> Result<Arc<Shard>, Failure> {
        let slot = slot_of(key.as_bytes());
        let shard = known(&self.members.map).await?.shard(slot);
        if shard.is_none() {
            self.look.again();
        }
        shard.ok_or_else(|| Failure::Refused(format!("no node of the Redis Cluster serves slot {slot}")))
    }

    pub(in crate::store::redis) async fn shards_of(
        &self,
        keys: &[&str],
    ) -> Result<Vec<Option<Arc<Shard>>>, Failure> {
        let map = known(&self.members.map).await?;
        let shards: Vec<_> = keys.iter().map(|key| map.shard(slot_of(key.as_bytes()))).collect();
        if shards.iter().any(Option::is_none) {
            self.look.again();
        }
        Ok(shards)
    }

    pub(in crate::store::redis) async fn shards(&self) -> Result<Vec<Arc<Shard>>, Failure> {
        Ok(known(&self.members.map).await?.shards.values().cloned().collect())
    }

    /// Whether enough primaries name the one at this address for the key's slot; not, where another one may be.
    pub(in crate::store::redis) async fn is_current(
        &self,
        key: &str,
        primary: &Address,
        asked: Instant,
    ) -> Result<bool, Failure> {
        let slot = slot_of(key.as_bytes());
        let map = known(&self.members.map).await?;
        let primaries: Vec<_> = map.shards.values().map(|shard| &*shard.primary).collect();
        // One that only a redirection has named is not in the map yet.
        let Some(range) = map.ranges.iter().find(|range| range.primary == *primary) else { return Ok(false) };
        if self.members.witnesses.confirm(&primaries, slot, &range.id, asked).await {
            return Ok(true);
        }
        self.look.again_and_wait().await;
        if known(&self.members.map).await?.shard(slot).is_none_or(|now| now.primary.address != *primary) {
            return Ok(false);
        }
        let text =
            "too few primaries of the Cluster confirm that it serves this slot, so it may lack a message";
        Err(Failure::Refused(text.to_owned()).of(primary))
    }

    pub(in crate::store::redis) async fn layout(&self) -> Result<Vec<(u16, u16, Address)>, Failure> {
        let map = known(&self.members.map).await?;
        Ok(map.ranges.iter().map(|range| (range.first, range.last, range.primary.clone())).collect())
    }

    /// The primary at this address, known before or not.
    pub(in crate::store::redis) fn primary_at(&self, address: &Address) -> Arc<Node> {
        if let Known::Here(map) = &*self.members.map.borrow()
            && let Some(shard) = map.shards.get(address)
        {
            return Arc::clone(&shard.primary);
        }
        let mut newcomers = self.members.newcomers.lock().unwrap_or_else(PoisonError::into_inner);
        let node = newcomers.entry(address.clone());
        Arc::clone(node.or_insert_with(|| self.members.nodes.make(address, Role::Primary)))
    }
}

impl Members {
    async fn follow(&self, look: &Look) {
        let mut wanted = look.wanted();
        loop {
            wanted.mark_unchanged();
            match self.look_up().await {
                Ok(ranges) => self.adopt(ranges),
                Err(failure) => self.map.send_modify(|map| {
                    log::debug!("cluster: {failure:?}");
                    // An old map is better than none: its nodes may be back before any tells about others.
                    if !matches!(map, Known::Here(_)) {
                        *map = Known::Gone(failure);
                    }
                }),
            }
            look.done();
            sleep(PAUSE).await;
            tokio::select! {
                _ = wanted.changed() => {}
                () = sleep(INTERVAL) => {}
            }
        }
    }

    /// The map, as the first node that answers knows it.
    async fn look_up(&self) -> Result<Vec<Range>, Failure> {
        let mut nodes: BTreeSet<Address> = self.seeds.iter().cloned().collect();
        if let Known::Here(map) = &*self.map.borrow() {
            nodes.extend(
                map.ranges
                    .iter()
                    .flat_map(|range| [&range.primary].into_iter().chain(&range.replicas))
                    .cloned(),
            );
        }
        let asked = nodes.into_iter().map(|node| async move { self.ask(&node).await }.boxed());
        select_ok(asked).await.map(|(ranges, _)| ranges)
    }

    async fn ask(&self, node: &Address) -> Result<Vec<Range>, Failure> {
        let dialer = &self.nodes.dialer;
        let ask = async {
            let client = dialer.client(node).await?;
            let mut connection =
                client.get_multiplexed_async_connection_with_config(&Dialer::connection_config()).await?;
            cmd("CLUSTER").arg("SLOTS").query_async(&mut connection).await
        };
        let reply = match timeout(dialer.connect_timeout, ask).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => return Err(Failure::from(error).of(node)),
            Err(_) => return Err(Failure::TimedOut("no answer in time".to_owned()).of(node)),
        };
        match ranges(&reply, node) {
            // A node that has just been reset, or not yet met the others.
            Some(ranges) if ranges.is_empty() => {
                Err(Failure::Refused("it knows of no slots".to_owned()).of(node))
            }
            Some(ranges) => Ok(ranges),
            None => Err(Failure::Refused("its answer to CLUSTER SLOTS makes no sense".to_owned()).of(node)),
        }
    }

    /// Replaces the map, keeping the nodes that are in the new one, too.
    fn adopt(&self, ranges: Vec<Range>) {
        let old = match &*self.map.borrow() {
            Known::Here(old) if old.ranges == ranges => return,
            Known::Here(old) => Some(Arc::clone(old)),
            _ => None,
        };
        let mut newcomers = self.newcomers.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |address: &Address, role| {
            let known =
                old.iter().flat_map(|old| old.shards.values()).find_map(|shard| shard.node(address, role));
            known.or_else(|| newcomers.get(address).filter(|_| role == Role::Primary)).cloned()
        };
        let mut shards = BTreeMap::new();
        let mut by_slot = vec![None; usize::from(SLOTS)];
        for range in &ranges {
            let shard = shards
                .entry(range.primary.clone())
                .or_insert_with(|| Arc::new(self.nodes.shard(&range.primary, &range.replicas, find)));
            by_slot[usize::from(range.first)..=usize::from(range.last)].fill(Some(Arc::clone(shard)));
        }
        if old.as_ref().is_none_or(|old| !old.shards.keys().eq(shards.keys())) {
            let primaries: Vec<_> = shards.keys().map(ToString::to_string).collect();
            log::info!("the primaries of the cluster are {}", primaries.join(", "));
        }
        newcomers.clear();
        self.map.send_replace(Known::Here(Arc::new(Map { ranges, shards, by_slot })));
    }
}
