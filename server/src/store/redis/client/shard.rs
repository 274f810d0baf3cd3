//! A primary and its replicas, and how the nodes of one store are made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::connection::{Dialer, Role};
use super::error::Failure;
use super::node::Node;
use crate::store::redis::options::{ReadFrom, RedisOptions};
use crate::store::redis::url::Address;

/// What a primary is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::redis) enum Purpose {
    /// A message.
    Read,
    /// To keep or to delete a message.
    Write,
}

/// A primary and its replicas, which hold the same keys.
pub(in crate::store::redis) struct Shard {
    pub(in crate::store::redis) primary: Arc<Node>,
    replicas: Vec<Arc<Node>>,
    /// A failover is about to replace the primary: what it is still given may be lost.
    pub(in crate::store::redis) is_left: bool,
    next: AtomicUsize,
}

impl Shard {
    pub(in crate::store::redis) fn new(primary: Arc<Node>, replicas: Vec<Arc<Node>>) -> Self {
        Self { primary, replicas, is_left: false, next: AtomicUsize::new(0) }
    }

    /// The primary, if it is fit for this.
    pub(in crate::store::redis) fn primary_for(&self, purpose: Purpose) -> Result<Arc<Node>, Failure> {
        if self.is_left && purpose == Purpose::Write {
            return Err(Failure::Refused("a failover is under way".to_owned()).of(&self.primary.address));
        }
        Ok(Arc::clone(&self.primary))
    }

    /// A replica that can be asked now; none where only the primary is read from.
    pub(in crate::store::redis) fn replica(&self) -> Option<&Arc<Node>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let number = self.replicas.len();
        (0..number).map(|offset| &self.replicas[(turn + offset) % number]).find(|node| node.is_up())
    }

    /// Whether these are its replicas, as far as they are used.
    pub(in crate::store::redis) fn has_replicas(&self, replicas: &[Address]) -> bool {
        self.replicas.iter().map(|node| &node.address).eq(replicas)
    }

    /// The node at this address, if it is here in this role.
    pub(in crate::store::redis) fn node(&self, address: &Address, role: Role) -> Option<&Arc<Node>> {
        match role {
            Role::Primary => Some(&self.primary).filter(|node| node.address == *address),
            Role::Replica => self.replicas.iter().find(|node| node.address == *address),
        }
    }
}

/// Makes the nodes of one store, all in the same way.
pub(in crate::store::redis) struct Nodes {
    pub(in crate::store::redis) dialer: Arc<Dialer>,
    pub(in crate::store::redis) read_from: ReadFrom,
    min_replicas: u32,
    retention: Option<Duration>,
}

impl Nodes {
    pub(in crate::store::redis) fn new(
        dialer: Arc<Dialer>,
        options: &RedisOptions,
        retention: Option<Duration>,
    ) -> Self {
        Self {
            dialer,
            read_from: options.redis_read_from,
            min_replicas: options.redis_min_replicas,
            retention,
        }
    }

    pub(in crate::store::redis) fn make(&self, address: &Address, role: Role) -> Arc<Node> {
        Node::new(&self.dialer, address.clone(), role, self.min_replicas, self.retention)
    }

    /// The nodes of this shard: those that `known` finds, and new ones.
    pub(in crate::store::redis) fn shard(
        &self,
        primary: &Address,
        replicas: &[Address],
        known: impl Fn(&Address, Role) -> Option<Arc<Node>>,
    ) -> Shard {
        let node = |address, role| known(address, role).unwrap_or_else(|| self.make(address, role));
        let replicas = if self.read_from == ReadFrom::Replica { replicas } else { &[] };
        let replicas = replicas.iter().map(|address| node(address, Role::Replica)).collect();
        Shard::new(node(primary, Role::Primary), replicas)
    }
}
