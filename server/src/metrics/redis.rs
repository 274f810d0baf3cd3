//! The metrics of the Redis servers, one series for each primary.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// The memory of each primary, if the server may read it.
#[derive(Debug, Clone, Default)]
pub struct RedisMemoryMetrics {
    used: Family<NodeLabels, Gauge>,
    max: Family<NodeLabels, Gauge>,
    evicts: Family<PolicyLabels, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NodeLabels {
    node: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PolicyLabels {
    node: String,
    policy: String,
}

impl RedisMemoryMetrics {
    pub(super) fn register(&self, to: &mut Registry) {
        let used = "Memory that this Redis server uses";
        to.register_with_unit("redis_memory_used", used, Unit::Bytes, self.used.clone());
        let max = "Memory limit of this Redis server (maxmemory); 0 means no limit";
        to.register_with_unit("redis_memory_max", max, Unit::Bytes, self.max.clone());
        let evicts = "Whether this Redis server evicts messages when it is full, by its maxmemory-policy";
        to.register("redis_evicts_messages", evicts, self.evicts.clone());
    }

    /// Sets the used memory and the memory limit of this server, in bytes.
    pub fn set_bytes(&self, node: &str, used: Option<u64>, max: u64) {
        let labels = NodeLabels { node: node.to_owned() };
        let gauge = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        if let Some(used) = used {
            self.used.get_or_create(&labels).set(gauge(used));
        }
        self.max.get_or_create(&labels).set(gauge(max));
    }

    /// Sets the eviction policy of this server, and whether the policy can evict messages.
    pub fn set_policy(&self, node: &str, policy: &str, evicts: bool) {
        let labels = PolicyLabels { node: node.to_owned(), policy: policy.to_owned() };
        self.evicts.get_or_create(&labels).set(evicts.into());
    }

    /// Removes the series of this policy.
    pub fn remove_policy(&self, node: &str, policy: &str) {
        self.evicts.remove(&PolicyLabels { node: node.to_owned(), policy: policy.to_owned() });
    }

    /// Removes the series of this server's memory.
    pub fn remove(&self, node: &str) {
        let labels = NodeLabels { node: node.to_owned() };
        self.used.remove(&labels);
        self.max.remove(&labels);
    }
}
