//! The connections that a node's writes use, chosen by the size of the value and by replication.
//!
//! A large value would delay the requests behind it on the same connection, and WAIT blocks a connection until
//! replicas confirm. So both have connections of their own.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use deadpool_redis::redis::{Cmd, Value};

use super::SetOutcome;
use super::address::Address;
use super::dialer::{Dialer, NodeRole};
use super::error::RedisClientError;
use super::lane::Lane;
use super::oversize::{MIN_BULK_LIMIT, OversizeLane};
use super::pending_bytes::ReservedBytes;
use super::pipelines::Pipelines;
use super::replicated_writes::{MAX_BATCH, ReplicatedWrites};

/// Values above this many bytes have a connection of their own.
const MAX_SHARED_LEN: usize = 64 << 10;

/// Opens further connections to one node.
#[derive(Clone)]
pub(super) struct NodeLink {
    pub(super) dialer: Arc<Dialer>,
    pub(super) address: Address,
    pub(super) role: NodeRole,
}

impl NodeLink {
    pub(super) fn open_lane(&self) -> Lane {
        Lane::open(&self.dialer, &self.address, self.role)
    }
}

/// The connections for the writes to one node.
pub(super) enum WriteLanes {
    /// The node is a replica, and is not written to.
    None,
    /// Writes succeed when the primary has them in memory.
    Direct { shared: Arc<Pipelines>, large: Arc<Pipelines>, oversize: LazyOversizeLane },
    /// Writes succeed when replicas have them in memory too.
    Replicated(ReplicatedLanes),
}

/// The connection for oversize values, which the first such value opens.
pub(super) struct LazyOversizeLane {
    link: NodeLink,
    lane: OnceLock<OversizeLane>,
}

impl LazyOversizeLane {
    fn new(link: NodeLink) -> Self {
        Self { link, lane: OnceLock::new() }
    }

    fn get(&self) -> &OversizeLane {
        self.lane.get_or_init(|| OversizeLane::new(self.link.open_lane()))
    }
}

/// The connections for replicated writes.
pub(super) struct ReplicatedLanes {
    pub(super) small: ReplicatedWrites,
    large: ReplicatedWrites,
    /// Opened by the first oversize value.
    oversize: OnceLock<ReplicatedWrites>,
    oversize_probe: LazyOversizeLane,
    link: NodeLink,
    min_replicas: u32,
    ttl: Option<Duration>,
}

impl WriteLanes {
    pub(super) fn open(
        link: NodeLink,
        shared: Arc<Pipelines>,
        min_replicas: u32,
        ttl: Option<Duration>,
    ) -> Self {
        match (link.role, min_replicas) {
            (NodeRole::Replica, _) => Self::None,
            (NodeRole::Primary, 0) => Self::Direct {
                shared,
                large: Pipelines::new(vec![link.open_lane()]),
                oversize: LazyOversizeLane::new(link),
            },
            (NodeRole::Primary, _) => Self::Replicated(ReplicatedLanes {
                small: start_replicated(&link, min_replicas, MAX_BATCH, ttl),
                large: start_replicated(&link, min_replicas, MAX_BATCH, ttl),
                oversize: OnceLock::new(),
                oversize_probe: LazyOversizeLane::new(link.clone()),
                link,
                min_replicas,
                ttl,
            }),
        }
    }

    /// Sends commands that carry a value of `len` bytes. Only for nodes without replicated writes.
    pub(super) async fn send(
        &self,
        len: usize,
        commands: Vec<Cmd>,
        reserved: ReservedBytes,
        address: &Address,
    ) -> Result<Vec<Value>, RedisClientError> {
        let Self::Direct { shared, large, oversize } = self else {
            return Err(RedisClientError::is_replica().with_node(address));
        };
        if len > MIN_BULK_LIMIT {
            return oversize.get().send(len, commands, reserved).await;
        }
        let lane = if len > MAX_SHARED_LEN && large.is_up() { large } else { shared };
        lane.send_reserved(commands, reserved).await
    }
}

impl ReplicatedLanes {
    /// Sets the key on the connection for values of this size. A different value is overwritten.
    pub(super) async fn set(
        &self,
        key: &str,
        value: &Bytes,
        asking: bool,
        reserved: ReservedBytes,
    ) -> Result<SetOutcome, RedisClientError> {
        let len = value.len();
        if len <= MIN_BULK_LIMIT {
            let lane = if len > MAX_SHARED_LEN { &self.large } else { &self.small };
            return lane.set(key, value.clone(), asking, reserved).await;
        }
        // A batch contains one value, because Redis may close the connection.
        let start = || start_replicated(&self.link, self.min_replicas, 1, self.ttl);
        let lane = self.oversize.get_or_init(start);
        let probe = self.oversize_probe.get();
        probe.check_len(len)?;
        match lane.set(key, value.clone(), asking, reserved).await {
            Err(error) => Err(probe.explain(len, error).await),
            outcome => outcome,
        }
    }
}

fn start_replicated(
    link: &NodeLink,
    min_replicas: u32,
    max_batch: usize,
    ttl: Option<Duration>,
) -> ReplicatedWrites {
    let command_timeout = link.dialer.command_timeout;
    ReplicatedWrites::start(link.open_lane(), min_replicas, max_batch, ttl, command_timeout)
}
