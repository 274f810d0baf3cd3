//! A shard: a primary and its replicas, which hold the same keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::ClientSettings;
use super::address::Address;
use super::dialer::{Dialer, NodeRole};
use super::error::RedisClientError;
use super::node::Node;

/// Whether a request reads from the primary or writes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAccess {
    Read,
    /// Sets or deletes a key.
    Write,
}

/// A primary and the replicas that the client reads from.
pub struct Shard {
    pub primary: Arc<Node>,
    replicas: Vec<Arc<Node>>,
    /// A failover is about to replace the primary, and would lose the writes that the primary still accepts.
    pub(super) failover_pending: bool,
    next_replica: AtomicUsize,
}

impl Shard {
    pub(super) fn new(primary: Arc<Node>, replicas: Vec<Arc<Node>>) -> Self {
        Self { primary, replicas, failover_pending: false, next_replica: AtomicUsize::new(0) }
    }

    /// Returns the primary. Fails for writes while a failover is pending.
    pub fn primary_for(&self, access: KeyAccess) -> Result<Arc<Node>, RedisClientError> {
        if self.failover_pending && access == KeyAccess::Write {
            return Err(RedisClientError::refused("a failover is under way").with_node(&self.primary.address));
        }
        Ok(Arc::clone(&self.primary))
    }

    /// Returns the next connected replica in turn. Returns `None` if the client reads only from primaries.
    pub(super) fn replica(&self) -> Option<&Arc<Node>> {
        let turn = self.next_replica.fetch_add(1, Ordering::Relaxed);
        let count = self.replicas.len();
        (0..count).map(|offset| &self.replicas[(turn + offset) % count]).find(|node| node.is_up())
    }

    /// Whether the replicas in use have exactly these addresses, in this order.
    pub(super) fn has_replicas(&self, addresses: &[Address]) -> bool {
        self.replicas.iter().map(|node| &node.address).eq(addresses)
    }

    /// Returns the node of this shard that has this address and this role.
    pub(super) fn node(&self, address: &Address, role: NodeRole) -> Option<&Arc<Node>> {
        match role {
            NodeRole::Primary => Some(&self.primary).filter(|node| node.address == *address),
            NodeRole::Replica => self.replicas.iter().find(|node| node.address == *address),
        }
    }
}

/// Connects to the nodes of one store, all with the same settings.
pub(super) struct NodeFactory {
    pub(super) dialer: Arc<Dialer>,
    pub(super) reads_from_replicas: bool,
    min_replicas: u32,
    ttl: Option<Duration>,
}

impl NodeFactory {
    pub(super) fn new(dialer: Arc<Dialer>, settings: &ClientSettings) -> Self {
        Self {
            dialer,
            reads_from_replicas: settings.reads_from_replicas,
            min_replicas: settings.min_replicas,
            ttl: settings.ttl,
        }
    }

    pub(super) fn connect(&self, address: &Address, role: NodeRole) -> Arc<Node> {
        Node::connect(&self.dialer, address.clone(), role, self.min_replicas, self.ttl)
    }

    /// Makes a shard of these nodes. Reuses the nodes that `find` returns, and connects to the others.
    pub(super) fn shard(
        &self,
        primary: &Address,
        replicas: &[Address],
        find: impl Fn(&Address, NodeRole) -> Option<Arc<Node>>,
    ) -> Shard {
        let node = |address, role| find(address, role).unwrap_or_else(|| self.connect(address, role));
        let replicas = if self.reads_from_replicas { replicas } else { &[] };
        let replicas = replicas.iter().map(|address| node(address, NodeRole::Replica)).collect();
        Shard::new(node(primary, NodeRole::Primary), replicas)
    }
}
