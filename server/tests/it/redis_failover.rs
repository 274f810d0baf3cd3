//! Failovers under load: the errors that clients of two servers see, and whether acknowledged messages are lost.
//!
//! Every test prints its figures: `cargo test --test it redis_failover -- --nocapture`.

use crate::support::ports::free_port;
use crate::support::redis::clients::{Clients, Figures};
use crate::support::redis::{MASTER, RedisServer, Sentinel, TestCluster};
use crate::support::wait::eventually;
use crate::support::{Server, ask};

/// How the primary fails.
#[derive(Debug, Clone, Copy)]
enum Event {
    KillOnDrop,
    Paused,
    Planned,
    /// Killed, and restarted before the failure is detected. It needs its data on disk.
    Restarted,
}

const EVENTS: [Event; 3] = [Event::KillOnDrop, Event::Paused, Event::Planned];

/// If all replicas must confirm, writes wait until the old primary is back as a replica.
async fn sentinel_failovers(min_replicas: &str, more: &[&str], events: &[Event]) -> Vec<Figures> {
    let mut sentinel = Sentinel::start("appendonly yes");
    let options = [&["--redis-min-replicas", min_replicas], more].concat();
    let needs_all = min_replicas == "2";
    let mut all = Vec::new();
    for event in events {
        let mut clients = Clients::start(&sentinel.url(), &options);
        let old = sentinel.primary();
        match event {
            Event::KillOnDrop => sentinel.nodes[old].kill(),
            Event::Paused => sentinel.nodes[old].pause(),
            Event::Planned => assert_eq!(sentinel.sentinels[1].cli(&["SENTINEL", "FAILOVER", MASTER]), "OK"),
            Event::Restarted => {
                sentinel.nodes[old].kill();
                sentinel.nodes[old].restart();
            }
        }
        if !matches!(event, Event::Restarted) {
            eventually("a replica becomes the primary", || sentinel.primary() != old);
        }
        if !needs_all {
            clients.wait_until_writes_resume();
        }
        match event {
            Event::KillOnDrop => sentinel.nodes[old].restart(),
            Event::Paused => sentinel.nodes[old].resume(),
            Event::Planned | Event::Restarted => {}
        }
        sentinel.wait_until_healthy();
        clients.wait_until_writes_resume();
        clients.stop().await;
        all.push(clients.report(&format!("Sentinel, {min_replicas} replicas confirm, {event:?}")).await);
        for server in &clients.servers {
            assert_eq!(ask(server.admin, "GET /ready HTTP/1.1", "").await.status, 200);
        }
        clean(&sentinel.nodes[sentinel.primary()]);
    }
    all
}

/// Deletes all messages, so that the next round begins with an empty store.
fn clean(primary: &RedisServer) {
    primary.cli(&["FLUSHALL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinel_failover_resumes_writes() {
    sentinel_failovers("0", &[], &EVENTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinel_failover_with_one_confirming_replica_resumes_writes() {
    sentinel_failovers("1", &["--redis-read-from", "replica"], &EVENTS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinel_failover_with_all_replicas_confirming_loses_nothing() {
    for figures in sentinel_failovers("2", &[], &[&EVENTS[..], &[Event::Restarted]].concat()).await {
        assert_eq!((figures.lost, figures.missing), (0, 0));
    }
}

/// Returns the primary of the first third of the slots, and its replica.
fn first_shard(cluster: &TestCluster, asked: usize) -> Option<(usize, usize)> {
    let reply = cluster.nodes[asked].cli(&["CLUSTER", "NODES"]);
    let nodes: Vec<Vec<_>> = reply.lines().map(|line| line.split(' ').collect()).collect();
    let index = |fields: &[&str]| {
        let port: u16 = fields[1].split([':', '@']).nth(1)?.parse().ok()?;
        cluster.nodes.iter().position(|node| node.port == port)
    };
    let primary = nodes.iter().find(|fields| fields.contains(&"0-5460"))?;
    let replica = nodes.iter().find(|fields| fields[3] == primary[0] && fields[2].contains("slave"))?;
    Some((index(primary)?, index(replica)?))
}

async fn cluster_failovers(min_replicas: &str, more: &[&str], events: &[Event]) -> Vec<Figures> {
    let mut cluster = TestCluster::start("appendonly yes");
    let options = [&["--redis-min-replicas", min_replicas], more].concat();
    let needs_all = min_replicas == "1";
    let mut all = Vec::new();
    for event in events {
        let mut clients = Clients::start(&cluster.url(), &options);
        let (old, new) = first_shard(&cluster, 1).expect("a primary and its replica");
        match event {
            Event::KillOnDrop => cluster.nodes[old].kill(),
            Event::Paused => cluster.nodes[old].pause(),
            Event::Planned => assert_eq!(cluster.nodes[new].cli(&["CLUSTER", "FAILOVER"]), "OK"),
            Event::Restarted => {
                cluster.nodes[old].kill();
                cluster.nodes[old].restart();
            }
        }
        if !matches!(event, Event::Restarted) {
            eventually("a replica becomes the primary", || {
                first_shard(&cluster, 1).is_none_or(|(now, _)| now == new)
            });
        }
        if !needs_all {
            clients.wait_until_writes_resume();
        }
        match event {
            Event::KillOnDrop => cluster.nodes[old].restart(),
            Event::Paused => cluster.nodes[old].resume(),
            Event::Planned | Event::Restarted => {}
        }
        cluster.wait_until_healthy();
        clients.wait_until_writes_resume();
        clients.stop().await;
        all.push(clients.report(&format!("Cluster, {min_replicas} replicas confirm, {event:?}")).await);
        for node in &cluster.nodes {
            clean(node);
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster_failover_leaves_other_shards_available() {
    for figures in cluster_failovers("0", &[], &EVENTS).await {
        assert_eq!(figures.healthy_failed, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster_failover_with_all_replicas_confirming_loses_nothing() {
    let events = [&EVENTS[..], &[Event::Restarted]].concat();
    for figures in cluster_failovers("1", &["--redis-read-from", "replica"], &events).await {
        assert_eq!((figures.lost, figures.missing, figures.healthy_failed), (0, 0, 0));
    }
}

/// The servers start before Redis does.
#[test]
fn server_starts_before_its_redis() {
    let port = free_port();
    let server = Server::start_with(&["--store", &format!("redis://:hunter2@127.0.0.1:{port}")]);
    let ready = || {
        let admin = server.admin;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(ask(admin, "GET /ready HTTP/1.1", ""))
    };
    let not_yet = ready();
    assert_eq!(not_yet.status, 503);
    assert!(not_yet.body.contains("refused") && !not_yet.body.contains("hunter2"), "{not_yet:?}");
    let _redis = RedisServer::start_on(port, "requirepass hunter2");
    eventually("the server is ready", || ready().status == 200);
    assert!(server.stderr.all().iter().all(|line| !line.contains("hunter2")));
}
