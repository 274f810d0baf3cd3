//! A primary that was replaced does not know it yet: messages that it lacks may be on the new primary, so a miss there
//! is no 404.

use std::time::Instant;

use message_to_hash::store::StoreError;

use crate::support::redis::proxy::{FAIR, Proxy, SILENT};
use crate::support::redis::{MASTER, RedisServer, Sentinel, TestCluster};
use crate::support::store::{SHORT_TIMEOUTS, get, open_store, put, put_until_acknowledged, wait_until_ready};
use crate::support::wait::{FAILOVER_TIMEOUT, eventually};

/// The old primary is paused, replaced and resumed. During this time the store gets no answer from a sentinel.
#[tokio::test(flavor = "multi_thread")]
async fn replaced_primary_causes_no_404() {
    let sentinel = Sentinel::start("");
    let proxies: Vec<_> = sentinel.sentinels.iter().map(|it| Proxy::start(it.port)).collect();
    let hosts: Vec<_> = proxies.iter().map(|proxy| format!("127.0.0.1:{}", proxy.port)).collect();
    let store = open_store(&format!("redis+sentinel://{}/{MASTER}", hosts.join(",")), &SHORT_TIMEOUTS).await;
    let writer = open_store(&sentinel.url(), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    wait_until_ready(&*writer).await;
    put(&*writer, "before").await.unwrap();
    for number in 0..50 {
        assert_eq!(
            get(&*store, &number.to_string()).await.unwrap(),
            None,
            "a missing message is `None` while the primary is confirmed"
        );
    }
    for proxy in &proxies {
        proxy.set_mode(SILENT);
    }
    let old = sentinel.primary();
    sentinel.nodes[old].pause();
    eventually("a replica becomes the primary", || sentinel.primary() != old);
    put_until_acknowledged(&*writer, "after").await;
    sentinel.nodes[old].resume();
    let (mut doubted, deadline) = (0, Instant::now() + FAILOVER_TIMEOUT);
    while doubted < 10 {
        assert!(Instant::now() < deadline, "only {doubted} misses were unconfirmed");
        match get(&*store, "after").await {
            Err(StoreError::Unavailable(text)) if text.contains("sentinels") => doubted += 1,
            Err(StoreError::Unavailable(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        get(&*store, "before").await.unwrap().unwrap().as_str(),
        "before",
        "a stored message is still returned"
    );
    for proxy in &proxies {
        proxy.set_mode(FAIR);
    }
    wait_until_ready(&*store).await;
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    while !matches!(get(&*store, "after").await, Ok(Some(_))) {
        assert!(Instant::now() < deadline, "reads never reach the new primary");
    }
}

/// A node that still answers while its cluster is down may lack newer messages.
#[tokio::test(flavor = "multi_thread")]
async fn cluster_node_without_majority_causes_no_404() {
    let cluster = TestCluster::start("cluster-allow-reads-when-down yes");
    let store = open_store(&cluster.url(), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    for number in 0..50 {
        assert_eq!(
            get(&*store, &number.to_string()).await.unwrap(),
            None,
            "a missing message is `None` while the primary is confirmed"
        );
    }
    put(&*store, "there").await.unwrap();
    let owner = cluster.nodes.iter().position(|node| node.is_primary() && node.cli(&["DBSIZE"]) == "1");
    let owner = owner.expect("a primary has the message");
    let key = |text: &str| format!("m:{}", message_to_hash::message::MessageHash::of(text.as_bytes()));
    let is_of_owner = |text: &str| !cluster.nodes[owner].cli(&["EXISTS", &key(text)]).contains("MOVED");
    let missing = (0..1000).map(|number| number.to_string()).find(|text| is_of_owner(text)).unwrap();
    for (number, node) in cluster.nodes.iter().enumerate() {
        if number != owner {
            node.pause();
        }
    }
    let (mut doubted, deadline) = (0, Instant::now() + FAILOVER_TIMEOUT);
    while doubted < 3 {
        assert!(Instant::now() < deadline, "only {doubted} misses were unconfirmed");
        match get(&*store, &missing).await {
            Err(StoreError::Unavailable(text)) if text.contains("confirm") => doubted += 1,
            Err(StoreError::Unavailable(_)) => {}
            // A recent confirmation by the other nodes is still valid for a moment.
            Ok(None) if doubted == 0 => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(get(&*store, "there").await.unwrap().unwrap().as_str(), "there");
    cluster.nodes.iter().for_each(RedisServer::resume);
    cluster.wait_until_healthy();
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    while get(&*store, &missing).await.is_err() {
        assert!(Instant::now() < deadline, "misses stay unconfirmed");
    }
    assert_eq!(get(&*store, &missing).await.unwrap(), None);
}
