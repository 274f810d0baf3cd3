//! Redis rejects all writes, or cannot replicate them: the server becomes unready, even without a request. It becomes
//! ready again when writes work.

use std::fs;
use std::path::Path;

use crate::support::Server;
use crate::support::http::wait_for_status;
use crate::support::metrics::scrape;
use crate::support::redis::{RedisServer, TestCluster};
use crate::support::store::{SHORT_TIMEOUTS, open_store, put, wait_until_not_ready, wait_until_ready};
use crate::support::wait::eventually;

fn snapshot_fails(redis: &RedisServer) -> bool {
    redis.cli(&["BGSAVE"]);
    redis.cli(&["INFO", "persistence"]).contains("rdb_last_bgsave_status:err")
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_snapshot_is_not_ready_until_one_succeeds() {
    let redis = RedisServer::start("save 3600 1\nstop-writes-on-bgsave-error yes");
    let server = Server::start_with(&["--store", &redis.url()]);
    wait_for_status(server.admin, "/ready", 200).await;
    let folder = redis.cli(&["CONFIG", "GET", "dir"]).lines().nth(1).unwrap().to_owned();
    let snapshot = Path::new(&folder).join("dump.rdb");
    // A folder with the snapshot's name makes the snapshot fail.
    fs::create_dir(&snapshot).unwrap();
    eventually("a snapshot fails", || snapshot_fails(&redis));
    let not_ready = wait_for_status(server.admin, "/ready", 503).await;
    assert!(not_ready.body.contains("MISCONF"), "{not_ready:?}");
    assert_eq!(
        wait_for_status(server.admin, "/serving", 200).await.status,
        200,
        "messages can still be read"
    );
    server.stderr.wait_for(&["WARN", "MISCONF"]);
    assert!(scrape(server.admin).await["message_to_hash_store_ready"].abs() < 0.5);
    fs::remove_dir(&snapshot).unwrap();
    eventually("a snapshot succeeds", || !snapshot_fails(&redis));
    wait_for_status(server.admin, "/ready", 200).await;
    server.stderr.wait_for(&["INFO", "the store works again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn primary_without_the_replicas_it_needs_is_not_ready() {
    let redis = RedisServer::start("");
    let store = open_store(&redis.url(), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    redis.cli(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    let reason = wait_until_not_ready(&*store).await;
    assert!(reason.contains("NOREPLICAS"), "{reason}");
    redis.cli(&["CONFIG", "SET", "min-replicas-to-write", "0"]);
    wait_until_ready(&*store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn user_that_loses_a_permission_is_not_ready() {
    for (permission, options) in [("set", &[][..]), ("get", &[]), ("pexpire", &["--retention", "1h"])] {
        let redis = RedisServer::start("user app on nopass ~m:* +get +set +role +pexpire +pttl");
        let url = format!("redis://app:any@127.0.0.1:{}", redis.port);
        let store = open_store(&url, &[&SHORT_TIMEOUTS[..], options].concat()).await;
        wait_until_ready(&*store).await;
        put(&*store, "foo").await.unwrap();
        redis.cli(&["ACL", "SETUSER", "app", &format!("-{permission}")]);
        let reason = wait_until_not_ready(&*store).await;
        assert!(reason.contains("NOPERM") && reason.contains(permission), "{reason}");
        redis.cli(&["ACL", "SETUSER", "app", &format!("+{permission}")]);
        wait_until_ready(&*store).await;
        assert!(redis.cli(&["KEYS", "m:(*"]).is_empty(), "a probe leaves no key");
    }
}

/// A paused replica stays in the answer of ROLE for a minute, so the test does not rely on ROLE.
#[tokio::test(flavor = "multi_thread")]
async fn primary_whose_replicas_do_not_confirm_is_not_ready() {
    let primary = RedisServer::start("");
    let replica = RedisServer::start(&format!("replicaof 127.0.0.1 {}", primary.port));
    let store =
        open_store(&primary.url(), &[&SHORT_TIMEOUTS[..], &["--redis-min-replicas", "1"]].concat()).await;
    wait_until_ready(&*store).await;
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    replica.pause();
    let reason = wait_until_not_ready(&*store).await;
    replica.resume();
    assert!(reason.contains("0 of 1 replicas confirmed"), "{reason}");
    wait_until_ready(&*store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster_without_a_writable_shard_is_not_ready() {
    let cluster = TestCluster::start("");
    let store = open_store(&cluster.url(), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    let primaries: Vec<_> = cluster.nodes.iter().filter(|node| node.is_primary()).collect();
    let set = |primary: &RedisServer, count: &str| {
        assert_eq!(primary.cli(&["CONFIG", "SET", "min-replicas-to-write", count]), "OK");
    };
    for primary in &primaries {
        set(primary, "2");
    }
    let reason = wait_until_not_ready(&*store).await;
    assert!(reason.contains("NOREPLICAS"), "{reason}");
    set(primaries[1], "0");
    wait_until_ready(&*store).await;
}
