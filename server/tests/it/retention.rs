//! `--retention`: every store keeps a message that long after its last post, and then deletes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use message_to_hash::message::{Message, MessageHash};
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{Cached, Embedded, MemoryStore, MessageStore, Put};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::support::redis::{RedisServer, Sentinel, TestCluster};
use crate::support::store::open_store;
use crate::support::writers::{QUIET, ReadResult, Writers, incorrect_messages};
use crate::support::{FOO, Server, TIMEOUT, ask};

const RETENTION: Duration = Duration::from_secs(4);

async fn put(store: &dyn MessageStore, text: &str) -> Put {
    let message = Message::from(text.to_owned());
    store.put(message.hash(), message).await.unwrap()
}

async fn is_there(store: &dyn MessageStore, text: &str) -> bool {
    store.get(MessageHash::of(text.as_bytes())).await.unwrap().is_some()
}

/// Waits until the message is gone.
async fn wait_until_gone(store: &dyn MessageStore, text: &str) {
    let deadline = Instant::now() + TIMEOUT;
    while is_there(store, text).await {
        assert!(Instant::now() < deadline, "{text} does not expire");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Asserts the behaviour of a store that was opened with `RETENTION`.
async fn assert_retention_is_kept(store: Arc<dyn MessageStore>) {
    let first_put = Instant::now();
    assert_eq!(put(&*store, "posted once").await, Put::Created);
    assert_eq!(put(&*store, "posted twice").await, Put::Created);
    let stored = store.get(MessageHash::of(b"posted once")).await.unwrap().unwrap();
    assert!(stored.expires.is_some_and(|expires| expires > first_put));
    // Waits until the message is old enough for a second post to extend its expiry.
    while first_put.elapsed() < RETENTION / 2 {
        assert!(is_there(&*store, "posted once").await || first_put.elapsed() >= RETENTION);
        sleep(Duration::from_millis(10)).await;
    }
    let second_put = Instant::now();
    let put_again = put(&*store, "posted twice").await;
    assert!(put_again == Put::AlreadyStored || first_put.elapsed() >= RETENTION);
    wait_until_gone(&*store, "posted once").await;
    assert!(first_put.elapsed() >= RETENTION, "expired after {:?}", first_put.elapsed());
    wait_until_gone(&*store, "posted twice").await;
    assert!(second_put.elapsed() >= RETENTION, "expired after {:?}", second_put.elapsed());
    assert_eq!(put(&*store, "posted once").await, Put::Created, "an expired message can be stored again");
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_is_kept_by_every_store() {
    let redis = RedisServer::start("");
    let folder = TempDir::new().unwrap();
    let file = format!("file:{}", folder.path().join("data").display());
    let four_seconds = ["--retention", "4s"];
    let mut stores = Vec::new();
    for url in ["memory:", &file, &redis.url()] {
        stores.push(open_store(url, &four_seconds).await);
    }
    let embedded =
        Embedded::open(&folder.path().join("cached"), 0, Some(RETENTION), &StoreMetrics::default())
            .await
            .unwrap();
    stores.push(Arc::new(Cached::new(Arc::new(embedded), 1 << 20, Some(RETENTION), StoreMetrics::default())));
    let read = open_store(&format!("{}/1", redis.url()), &four_seconds).await;
    stores.push(Arc::new(Cached::new(read, 1 << 20, Some(RETENTION), StoreMetrics::default())));
    futures::future::join_all(stores.into_iter().map(assert_retention_is_kept)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_is_kept_with_confirming_replicas() {
    let (sentinel, cluster) = (Sentinel::start(""), TestCluster::start(""));
    let options = ["--retention", "4s", "--redis-read-from", "replica", "--redis-min-replicas"];
    let sentinel_store = open_store(&sentinel.url(), &[&options[..], &["2"]].concat()).await;
    let cluster_store = open_store(&cluster.url(), &[&options[..], &["1"]].concat()).await;
    tokio::join!(assert_retention_is_kept(sentinel_store), assert_retention_is_kept(cluster_store));
}

/// An instance has a message in its cache, and a post through another instance extends its expiry.
#[tokio::test(flavor = "multi_thread")]
async fn renewed_message_is_read_again_after_its_cached_expiry() {
    let redis = RedisServer::start("");
    let instance = async || {
        let store = open_store(&redis.url(), &["--retention", "4s"]).await;
        Cached::new(store, 1 << 20, Some(RETENTION), StoreMetrics::default())
    };
    let (reader, writer) = (instance().await, instance().await);
    let begun = Instant::now();
    put(&writer, "foo").await;
    assert!(is_there(&reader, "foo").await);
    while begun.elapsed() < RETENTION * 2 {
        put(&writer, "foo").await;
        assert!(is_there(&reader, "foo").await, "after {:?}", begun.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_survives_restarts_of_the_embedded_store() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data");
    let store = Embedded::open(&path, 0, Some(RETENTION * 2), &StoreMetrics::default()).await.unwrap();
    let first_put = Instant::now();
    put(&store, "passes").await;
    put(&store, "stays").await;
    store.close().await;
    // Without a retention, messages that are posted now stay, and acknowledged ones must not expire early.
    let store = Embedded::open(&path, 0, None, &StoreMetrics::default()).await.unwrap();
    let there = is_there(&store, "passes").await;
    let put_again = put(&store, "stays").await;
    if first_put.elapsed() < RETENTION * 2 {
        assert!(there && put_again == Put::AlreadyStored, "a restart lost the messages");
    }
    put(&store, "new").await;
    wait_until_gone(&store, "passes").await;
    assert!(is_there(&store, "stays").await && is_there(&store, "new").await);
    store.close().await;
    let store = Embedded::open(&path, 0, Some(RETENTION), &StoreMetrics::default()).await.unwrap();
    // A message that was stored without a retention stays until it is posted again.
    assert!(is_there(&store, "stays").await && is_there(&store, "new").await);
    put(&store, "new").await;
    wait_until_gone(&store, "new").await;
    assert!(is_there(&store, "stays").await);
}

#[tokio::test]
async fn max_age_is_at_most_the_remaining_retention() {
    let server = Server::start(&["--retention", "1h"]);
    ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    let answer = ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await;
    let cache_control = answer.header("cache-control").unwrap();
    let seconds =
        cache_control.strip_prefix("public, max-age=").and_then(|rest| rest.strip_suffix(", immutable"));
    let seconds: u64 = seconds.expect("a max-age").parse().unwrap();
    assert!((3600 - TIMEOUT.as_secs()..=3600).contains(&seconds), "{cache_control}");
}

#[test]
fn invalid_retention_is_refused() {
    for (time, reason) in [("0s", "1s to 36500d"), ("200y", "1s to 36500d"), ("soon", "12h or 30d")] {
        let refused = Server::spawn(&mut crate::support::command(&["--retention", time]));
        let (status, stderr) = refused.err().expect("the server refuses to start");
        assert_eq!(status.code(), Some(2));
        assert!(stderr.contains(reason), "{stderr}");
    }
}

/// With a retention the store also writes expiry keys, which must survive kills, too.
#[tokio::test(flavor = "multi_thread")]
async fn sweeps_and_kills_lose_no_unexpired_message() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let next = Arc::default();
    let (mut all, mut expired) = (Vec::new(), Vec::new());
    for round in 0..12 {
        // Every second round has a short retention. Its messages are swept while the next rounds write.
        let lasts = round % 2 == 0;
        let retention = if lasts { "1h" } else { "1s" };
        let mut server = Server::start_on(&data, &[&["--retention", retention], QUIET.as_slice()].concat());
        let load = Writers::start(&server, &next);
        load.wait_for(fastrand::usize(100..1500)).await;
        if round % 3 == 0 {
            server.terminate();
        } else {
            server.kill();
        }
        let acknowledged = load.end().await;
        drop(server);
        if lasts { &mut all } else { &mut expired }.extend(acknowledged);
    }
    let server = Server::start_on(&data, &[&["--retention", "1h"], QUIET.as_slice()].concat());
    assert_eq!(incorrect_messages(&server, &all).await, []);
    let deadline = Instant::now() + TIMEOUT;
    let mut gone = Vec::new();
    while gone.len() < expired.len() {
        assert!(Instant::now() < deadline, "of {} messages {} have expired", expired.len(), gone.len());
        gone = incorrect_messages(&server, &expired).await;
    }
    assert!(gone.iter().all(|(_, found)| *found == ReadResult::Missing), "{gone:?}");
}

#[tokio::test]
async fn expired_messages_free_memory() {
    let store = MemoryStore::new(230, Some(Duration::from_secs(1)));
    assert_eq!(put(&store, "12345").await, Put::Created);
    let message = Message::from("67890".to_owned());
    let deadline = Instant::now() + TIMEOUT;
    while store.put(message.hash(), message.clone()).await.is_err() {
        assert!(Instant::now() < deadline, "the store stays full");
        sleep(Duration::from_millis(10)).await;
    }
}
