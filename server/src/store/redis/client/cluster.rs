//! A Cluster: the slot map, and the connections to its nodes.
//!
//! Nodes share nothing, so a dead or paused node does not delay requests to the others. The map is looked up after
//! redirections, after errors and at intervals, from the node that replies first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::{Value, cmd};
use futures::FutureExt;
use futures::future::select_ok;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::address::Address;
use super::confirmation::SlotPolls;
use super::dialer::{Dialer, NodeRole};
use super::discovery::{BackgroundTask, Discovery};
use super::error::RedisClientError;
use super::node::Node;
use super::refresh::Refresh;
use super::shard::{NodeFactory, Shard};
use super::slots::{SLOTS, SlotRange, parse_cluster_slots, slot_of};
use super::topology::SlotLayout;

/// The time between two lookups of the map without a request.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(5);
/// The minimum time between two lookups, because every failed request asks for a lookup.
const MIN_LOOKUP_INTERVAL: Duration = Duration::from_millis(100);

/// A Cluster and the task that keeps its slot map up to date.
pub struct Cluster {
    members: Arc<ClusterMembers>,
    pub(super) refresh: Arc<Refresh>,
    _task: BackgroundTask,
}

struct ClusterMembers {
    polls: SlotPolls,
    /// The nodes that the URL names.
    seeds: Vec<Address>,
    nodes: NodeFactory,
    /// Primaries that a redirection named, and that are not in the map yet.
    newcomers: Mutex<BTreeMap<Address, Arc<Node>>>,
    map: watch::Sender<Discovery<Arc<SlotMap>>>,
}

/// The shard of each slot.
struct SlotMap {
    ranges: Vec<SlotRange>,
    /// The shards by the address of their primary.
    shards: BTreeMap<Address, Arc<Shard>>,
    /// The shard of each slot, or `None` for a slot that no node serves.
    by_slot: Vec<Option<Arc<Shard>>>,
}

impl SlotMap {
    fn shard(&self, slot: u16) -> Option<Arc<Shard>> {
        self.by_slot.get(usize::from(slot)).cloned().flatten()
    }
}

impl Cluster {
    /// Starts to look up the map in the background.
    pub(super) fn watch(seeds: &[Address], nodes: NodeFactory) -> Self {
        let members = Arc::new(ClusterMembers {
            polls: SlotPolls::default(),
            seeds: seeds.to_vec(),
            nodes,
            newcomers: Mutex::default(),
            map: Discovery::channel(),
        });
        let refresh = Arc::new(Refresh::new());
        let task = {
            let (members, refresh) = (Arc::clone(&members), Arc::clone(&refresh));
            BackgroundTask::spawn(async move { members.follow(&refresh).await })
        };
        Self { members, refresh, _task: task }
    }

    async fn map(&self) -> Result<Arc<SlotMap>, RedisClientError> {
        Discovery::wait(&self.members.map).await
    }

    pub(super) async fn shard(&self, key: &str) -> Result<Arc<Shard>, RedisClientError> {
        let slot = slot_of(key.as_bytes());
        let shard = self.map().await?.shard(slot);
        if shard.is_none() {
            self.refresh.request();
        }
        shard.ok_or_else(|| {
            RedisClientError::refused(format!("no node of the Redis Cluster serves slot {slot}"))
        })
    }

    pub(super) async fn shards_of(&self, keys: &[&str]) -> Result<Vec<Option<Arc<Shard>>>, RedisClientError> {
        let map = self.map().await?;
        let shards: Vec<_> = keys.iter().map(|key| map.shard(slot_of(key.as_bytes()))).collect();
        if shards.iter().any(Option::is_none) {
            self.refresh.request();
        }
        Ok(shards)
    }

    pub(super) async fn shards(&self) -> Result<Vec<Arc<Shard>>, RedisClientError> {
        Ok(self.map().await?.shards.values().cloned().collect())
    }

    /// Whether enough primaries name the primary at this address as the owner of the key's slot. `false` means that
    /// another node may own the slot.
    pub(super) async fn is_current(
        &self,
        key: &str,
        primary: &Address,
        read_began: Instant,
    ) -> Result<bool, RedisClientError> {
        let slot = slot_of(key.as_bytes());
        let map = self.map().await?;
        let primaries: Vec<_> = map.shards.values().map(|shard| &*shard.primary).collect();
        // A primary that only a redirection has named is not in the map yet.
        let Some(range) = map.ranges.iter().find(|range| range.primary == *primary) else { return Ok(false) };
        if self.members.polls.confirm(&primaries, slot, &range.id, read_began).await {
            return Ok(true);
        }
        self.refresh.request_and_wait().await;
        let current = self.map().await?.shard(slot);
        if current.is_none_or(|shard| shard.primary.address != *primary) {
            return Ok(false);
        }
        let reason = "too few primaries of the Cluster confirm that it still serves this slot, so it may lack a message";
        Err(RedisClientError::refused(reason).with_node(primary))
    }

    pub(super) async fn layout(&self) -> Result<SlotLayout, RedisClientError> {
        let map = self.map().await?;
        Ok(map.ranges.iter().map(|range| (range.first, range.last, range.primary.clone())).collect())
    }

    /// Returns the primary at this address. Connects to it if it is new.
    pub(super) fn primary_at(&self, address: &Address) -> Arc<Node> {
        if let Discovery::Found(map) = &*self.members.map.borrow()
            && let Some(shard) = map.shards.get(address)
        {
            return Arc::clone(&shard.primary);
        }
        let mut newcomers = self.members.newcomers.lock().unwrap_or_else(PoisonError::into_inner);
        let node = newcomers.entry(address.clone());
        Arc::clone(node.or_insert_with(|| self.members.nodes.connect(address, NodeRole::Primary)))
    }
}

impl ClusterMembers {
    /// Looks up the map at intervals and when a refresh is requested.
    async fn follow(&self, refresh: &Refresh) {
        let mut requests = refresh.requests();
        loop {
            requests.mark_unchanged();
            match self.look_up().await {
                Ok(ranges) => self.adopt(ranges),
                Err(error) => self.map.send_modify(|map| {
                    log::debug!("cannot read the slot map of the cluster: {}", error.with_causes());
                    // Keeps an old map: its nodes may recover before any node replies with a new map.
                    if !matches!(map, Discovery::Found(_)) {
                        *map = Discovery::Failed(error);
                    }
                }),
            }
            refresh.finish();
            sleep(MIN_LOOKUP_INTERVAL).await;
            tokio::select! {
                _ = requests.changed() => {}
                () = sleep(LOOKUP_INTERVAL) => {}
            }
        }
    }

    /// Returns the map of the node that replies first.
    async fn look_up(&self) -> Result<Vec<SlotRange>, RedisClientError> {
        let mut nodes: BTreeSet<Address> = self.seeds.iter().cloned().collect();
        if let Discovery::Found(map) = &*self.map.borrow() {
            for range in &map.ranges {
                nodes.insert(range.primary.clone());
                nodes.extend(range.replicas.iter().cloned());
            }
        }
        let lookups = nodes.into_iter().map(|node| async move { self.read_map(&node).await }.boxed());
        select_ok(lookups).await.map(|(ranges, _)| ranges)
    }

    /// Sends CLUSTER SLOTS to this node on a new connection.
    async fn read_map(&self, node: &Address) -> Result<Vec<SlotRange>, RedisClientError> {
        let dialer = &self.nodes.dialer;
        let exchange = async {
            let client = dialer.node(node).await?;
            let config = Dialer::connection_config();
            let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            cmd("CLUSTER").arg("SLOTS").query_async::<Value>(&mut connection).await
        };
        let reply = match timeout(dialer.connect_timeout, exchange).await {
            Ok(reply) => reply.map_err(RedisClientError::from),
            Err(_) => {
                Err(RedisClientError::timed_out(format!("no reply within {:?}", dialer.connect_timeout)))
            }
        };
        let ranges = reply.and_then(|reply| match parse_cluster_slots(&reply, node) {
            // The node was reset, or has not joined the Cluster yet.
            Some(ranges) if ranges.is_empty() => Err(RedisClientError::refused("it knows no slots")),
            Some(ranges) => Ok(ranges),
            None => Err(RedisClientError::unexpected_reply("CLUSTER SLOTS")),
        });
        ranges.map_err(|error| error.with_node(node))
    }

    /// Replaces the map. Keeps the connections to nodes that are in both maps.
    fn adopt(&self, ranges: Vec<SlotRange>) {
        let old = match &*self.map.borrow() {
            Discovery::Found(old) if old.ranges == ranges => return,
            Discovery::Found(old) => Some(Arc::clone(old)),
            _ => None,
        };
        let mut newcomers = self.newcomers.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |address: &Address, role| {
            let existing =
                old.iter().flat_map(|old| old.shards.values()).find_map(|shard| shard.node(address, role));
            existing.or_else(|| newcomers.get(address).filter(|_| role == NodeRole::Primary)).cloned()
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
        self.map.send_replace(Discovery::Found(Arc::new(SlotMap { ranges, shards, by_slot })));
    }
}
