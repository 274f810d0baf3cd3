//! Batches and lookups while the store, or one node of it, is down or hangs. Only the items that need that node fail,
//! and lookups still return cached messages.

use std::ops::RangeInclusive;

use message_to_hash_api::models::BatchResult;
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::support::Server;
use crate::support::batch::{add, created, look_up, texts};
use crate::support::messages::digest;
use crate::support::metrics::scrape;
use crate::support::redis::{RedisServer, TestCluster};
use crate::support::wait::FAILOVER_TIMEOUT;

const UNAVAILABLE: &str = "The store is not available; repeat the request later";

#[tokio::test(flavor = "multi_thread")]
async fn lookup_returns_cached_messages_while_the_store_is_down() {
    let mut redis = RedisServer::start("");
    let server = Server::start_with(&["--store", &redis.url(), "--redis-command-timeout", "500ms"]);
    let client = server.client();
    assert_eq!(created(&add(&client, &["kept".to_owned()]).await), [Some(true)]);
    redis.kill();
    let results = look_up(&client, &[digest("kept"), digest("other"), "no digest".to_owned()]).await;
    assert_eq!(results[0].message.as_deref(), Some("kept"));
    let statuses = [1, 2].map(|index: usize| results[index].problem.as_ref().unwrap().status);
    assert_eq!(statuses, [503, 404]);
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_fails_only_the_items_of_a_node_that_is_down() {
    let (mut cluster, down) = without_replicas();
    let server = Server::start_with(&["--store", &cluster.url(), "--cache-bytes", "0"]);
    let client = server.client();
    let before = texts(100);
    assert_eq!(created(&add(&client, &before).await), [Some(true); 100]);
    cluster.nodes[0].kill();
    let texts = texts(300);
    let first = add(&client, &texts).await;
    let lost = assert_lost(&first, before.len(), &cluster, &down);
    server.stderr.wait_for(&["[it] ", &format!("{lost} of 300 items failed: the store is not available: ")]);
    let stored: usize =
        [1, 2].map(|node: usize| cluster.nodes[node].cli(&["DBSIZE"]).parse().unwrap()).iter().sum();
    assert_eq!(stored, 300 - lost, "all acknowledged messages are stored");

    let digests: Vec<_> = first.iter().map(|result| result.digest.clone()).collect();
    for ((added, found), text) in first.iter().zip(look_up(&client, &digests).await).zip(&texts) {
        match added.created {
            Some(_) => assert_eq!(found.message.as_ref(), Some(text)),
            None => assert_eq!(found.problem.unwrap().status, 503),
        }
    }

    cluster.nodes[0].restart();
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    let mut again = add(&client, &texts).await;
    let mut made: Vec<_> = created(&again);
    while again.iter().any(|result| result.created.is_none()) {
        assert!(Instant::now() < deadline, "the cluster does not recover");
        sleep(Duration::from_millis(50)).await;
        again = add(&client, &texts).await;
        made = made.into_iter().zip(created(&again)).map(|(was, is)| was.or(is)).collect();
    }
    for (first, again) in first.iter().zip(made) {
        assert_eq!(again, Some(first.created.is_none()), "exactly the unacknowledged messages are new");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_fails_only_the_items_of_a_node_that_hangs() {
    let (cluster, hung) = without_replicas();
    let options = ["--cache-bytes", "0", "--redis-command-timeout", "60s", "--store-timeout", "3s"];
    let server = Server::start_with(&[&["--store", &cluster.url()][..], &options].concat());
    let client = server.client();
    let before = texts(100);
    assert_eq!(created(&add(&client, &before).await), [Some(true); 100]);
    cluster.nodes[0].pause();
    let texts = texts(1000);
    let first = add(&client, &texts).await;
    assert_lost(&first, before.len(), &cluster, &hung);

    cluster.nodes[0].resume();
    let again = add(&client, &texts).await;
    for (first, again) in first.iter().zip(again) {
        assert!(again.created.is_some(), "{again:?}");
        assert!(first.created.is_none() || again.created == Some(false), "an acknowledged message is stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_lookup_does_not_wait_for_other_lookups() {
    let redis = RedisServer::start("");
    let options = ["--redis-command-timeout", "60s", "--store-timeout", "60s"];
    let server = Server::start_with(&[&["--store", &redis.url()][..], &options].concat());
    let kept = texts(1000);
    assert_eq!(created(&add(&server.client(), &kept).await), [Some(true); 1000]);
    redis.pause();
    let uncached: Vec<_> = (0..1000).map(|number| digest(&format!("uncached {number}"))).collect();
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let (client, digests) = (server.client(), uncached.clone());
            tokio::spawn(async move { look_up(&client, &digests).await.len() })
        })
        .collect();
    // A lookup reads six messages at a time until it knows how large they are, so two lookups read twelve.
    let misses = async || scrape(server.admin).await["message_to_hash_cache_misses_total"];
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    while misses().await < 12.0 {
        assert!(Instant::now() < deadline);
        sleep(Duration::from_millis(10)).await;
    }
    let digests: Vec<_> = kept.iter().map(|text| digest(text)).collect();
    let found =
        timeout(FAILOVER_TIMEOUT / 3, look_up(&server.client(), &digests)).await.expect("a response in time");
    assert!(found.into_iter().map(|one| one.message).eq(kept.into_iter().map(Some)));
    assert!(waiting.iter().all(|lookup| !lookup.is_finished()), "the uncached lookups wait for Redis");
    assert!(misses().await <= 12.0, "a lookup has at most six reads in flight");
    redis.resume();
    for lookup in waiting {
        assert_eq!(lookup.await.unwrap(), 1000);
    }
}

/// Asserts that exactly the results for the slots `lost` have failed, and returns their number. The first `before`
/// messages were stored earlier.
fn assert_lost(
    results: &[BatchResult],
    before: usize,
    cluster: &TestCluster,
    lost: &RangeInclusive<u16>,
) -> usize {
    let mut number_lost = 0;
    for (number, result) in results.iter().enumerate() {
        let is_lost = lost.contains(&slot_of(&cluster.nodes[1], &result.digest));
        number_lost += usize::from(is_lost);
        let acknowledged = if is_lost { None } else { Some(number >= before) };
        assert_eq!(result.created, acknowledged, "{number}");
        if let Some(problem) = &result.problem {
            assert_eq!((problem.status, problem.detail.as_str()), (503, UNAVAILABLE));
        }
    }
    let all = results.len();
    assert!((all / 6..all / 2).contains(&number_lost), "{number_lost} of {all} should be about a third");
    number_lost
}

/// Returns the slots that this primary serves.
fn slots_of(primary: &RedisServer) -> RangeInclusive<u16> {
    let nodes = primary.cli(&["CLUSTER", "NODES"]);
    let mine = nodes.lines().find(|line| line.contains("myself")).unwrap().split(' ').nth(8).unwrap();
    let (first, last) = mine.split_once('-').unwrap();
    first.parse().unwrap()..=last.parse().unwrap()
}

/// Returns the slot of a message. Any node can compute it.
fn slot_of(node: &RedisServer, digest: &str) -> u16 {
    node.cli(&["CLUSTER", "KEYSLOT", &format!("m:{digest}")]).parse().unwrap()
}

/// Starts a cluster whose replicas are killed, so that no node takes over when the first one is lost. Returns the slots
/// of that node, too.
fn without_replicas() -> (TestCluster, RangeInclusive<u16>) {
    let mut cluster = TestCluster::start("");
    let slots = slots_of(&cluster.nodes[0]);
    for replica in &mut cluster.nodes[3..] {
        replica.kill();
    }
    (cluster, slots)
}
