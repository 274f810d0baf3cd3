//! Groups of Redis servers: Sentinel and Cluster.

use std::process::Command;

use super::{MASTER, NODE_TIMEOUT, RedisServer};
use crate::support::ports::free_port;
use crate::support::wait::eventually;

/// A primary, two replicas, and three sentinels that watch them.
pub struct Sentinel {
    pub nodes: Vec<RedisServer>,
    pub sentinels: Vec<RedisServer>,
}

impl Sentinel {
    /// Starts the servers. `more` is additional configuration for the nodes.
    pub fn start(more: &str) -> Self {
        let primary = RedisServer::start(more);
        let replica = || RedisServer::start(&format!("replicaof 127.0.0.1 {}\n{more}", primary.port));
        let nodes = [replica(), replica()];
        let sentinel = || {
            let port = free_port();
            let configuration = format!(
                "port {port}\nsentinel monitor {MASTER} 127.0.0.1 {} 2\n\
                 sentinel down-after-milliseconds {MASTER} 1000\nsentinel failover-timeout {MASTER} 5000\n\
                 sentinel parallel-syncs {MASTER} 2",
                primary.port
            );
            RedisServer::start_sentinel(port, &configuration)
        };
        let sentinels = vec![sentinel(), sentinel(), sentinel()];
        let [first, second] = nodes;
        let all = Self { nodes: vec![primary, first, second], sentinels };
        all.wait_until_healthy();
        all
    }

    /// Waits until all nodes and all sentinels know each other.
    pub fn wait_until_healthy(&self) {
        eventually("the primary has two replicas", || {
            self.nodes.iter().any(|node| node.is_primary() && node.online_replicas() == 2)
        });
        eventually("the sentinels know all nodes", || {
            self.sentinels.iter().all(|sentinel| {
                let reply = sentinel.cli(&["SENTINEL", "MASTER", MASTER]);
                let is = |name: &str, value: &str| reply.contains(&format!("{name}\n{value}\n"));
                is("flags", "master") && is("num-slaves", "2") && is("num-other-sentinels", "2")
            })
        });
    }

    /// Returns the index of the node that the sentinels name as the primary.
    pub fn primary(&self) -> usize {
        let reply = self.sentinels[0].cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]);
        let port: u16 = reply.lines().nth(1).and_then(|port| port.parse().ok()).expect("a port");
        self.nodes.iter().position(|node| node.port == port).expect("the primary is one of the nodes")
    }

    pub fn url(&self) -> String {
        let sentinels: Vec<_> = self.sentinels.iter().map(|it| format!("127.0.0.1:{}", it.port)).collect();
        format!("redis+sentinel://{}/{MASTER}", sentinels.join(","))
    }
}

/// Three primaries with a replica each.
pub struct TestCluster {
    pub nodes: Vec<RedisServer>,
}

impl TestCluster {
    /// Starts the servers. `more` is additional configuration for the nodes.
    pub fn start(more: &str) -> Self {
        let node = |_| {
            let (port, bus) = (free_port(), free_port());
            let configuration = format!(
                "port {port}\ncluster-port {bus}\ncluster-enabled yes\ncluster-node-timeout {}\n\
                 cluster-require-full-coverage no\ncluster-replica-validity-factor 0\n{more}",
                NODE_TIMEOUT.as_millis()
            );
            RedisServer::run(port, &configuration, &[])
        };
        let nodes: Vec<_> = (0..6).map(node).collect();
        let mut create = Command::new("redis-cli");
        create
            .args(["--cluster", "create"])
            .args(nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)));
        let output =
            create.args(["--cluster-replicas", "1", "--cluster-yes"]).output().expect("redis-cli runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let all = Self { nodes };
        all.wait_until_healthy();
        all
    }

    /// Waits until each node sees three primaries with one replica each, and all replicas are up to date.
    pub fn wait_until_healthy(&self) {
        eventually("the cluster is complete", || {
            self.nodes.iter().all(|node| {
                let reply = node.cli(&["CLUSTER", "NODES"]);
                let count = |what: &str| reply.lines().filter(|line| line.contains(what)).count();
                count("master") == 3
                    && count("slave") == 3
                    && count("fail") == 0
                    && count(" connected") == 6
                    && node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
            }) && self.nodes.iter().map(RedisServer::online_replicas).sum::<usize>() == 3
        });
    }

    pub fn url(&self) -> String {
        let nodes: Vec<_> = self.nodes.iter().map(|it| format!("127.0.0.1:{}", it.port)).collect();
        format!("redis+cluster://{}", nodes.join(","))
    }
}
