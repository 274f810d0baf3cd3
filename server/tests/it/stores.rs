//! The same tests run against every store.

use std::collections::HashSet;
use std::sync::Arc;

use futures::StreamExt as _;
use message_to_hash::message::{Message, MessageHash};
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{Cached, Embedded, MemoryStore, MessageStore, Put, StoreError};
use tempfile::TempDir;

use crate::support::redis::tls::Tls;
use crate::support::redis::{MASTER, RedisServer, Sentinel, TestCluster};
use crate::support::store::{open_store, wait_until_not_ready, wait_until_ready};

/// Asserts the behaviour that all stores share.
async fn verify(store: Arc<dyn MessageStore>) {
    put_then_get(&*store).await;
    miss_then_put(&*store).await;
    concurrent_puts_create_one(&store).await;
    scan_returns_all(&*store).await;
    delete_then_put(&*store).await;
    concurrent_puts_and_deletions(&store).await;
}

#[tokio::test]
async fn memory_store_keeps_the_contract() {
    verify(Arc::new(MemoryStore::new(1 << 30, None))).await;
    verify(Arc::new(Cached::new(
        Arc::new(MemoryStore::new(1 << 30, None)),
        1 << 20,
        None,
        StoreMetrics::default(),
    )))
    .await;
}

#[tokio::test]
async fn embedded_store_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    let embedded = async |name: &str| {
        Arc::new(Embedded::open(&folder.path().join(name), 0, None, &StoreMetrics::default()).await.unwrap())
    };
    verify(embedded("plain").await).await;
    verify(Arc::new(Cached::new(embedded("cached").await, 1 << 20, None, StoreMetrics::default()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_standalone_keeps_the_contract() {
    let server = RedisServer::start("");
    server.cli(&["MSET", "m:somebody's", "other", "m:", "other"]);
    let store = open_store(&server.url(), &[]).await;
    verify(store).await;
    verify(open_store(&format!("{}/7", server.url()), &["--redis-key-prefix", "other:{x}[a-z]*?:"]).await)
        .await;
    verify(Arc::new(Cached::new(
        open_store(&format!("{}/8", server.url()), &[]).await,
        1 << 20,
        None,
        StoreMetrics::default(),
    )))
    .await;
    let foo = format!("other:{{x}}[a-z]*?:{}", MessageHash::of(b"foo"));
    assert_eq!(server.cli(&["-n", "7", "GET", &foo]), "foo");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_with_tls_and_acl_keeps_the_contract() {
    let tls = Tls::start();
    let sentinel = tls.sentinel();
    let trusts = ["--redis-ca-file", &tls.ca()];
    verify(open_store(&Tls::url("rediss", tls.server.port), &trusts).await).await;
    tls.server.cli(&["FLUSHALL"]);
    let url = format!("{}/{MASTER}", Tls::url("rediss+sentinel", sentinel.port));
    verify(open_store(&url, &trusts).await).await;
    let tls = Tls::start_cluster();
    let url = Tls::url("rediss+cluster", tls.server.port);
    verify(open_store(&url, &["--redis-ca-file", &tls.ca()]).await).await;
}

/// The user has only the permissions that the reference lists, and needs each of them.
#[tokio::test(flavor = "multi_thread")]
async fn redis_with_an_acl_keeps_the_contract() {
    let page = include_str!("../../../docs/reference/redis.md");
    let named = |text: &str, permissions: &'static str| {
        assert!(page.contains(&text.replace("{}", &format!("`{permissions}`"))), "{text}");
        permissions
    };
    let all = named("An ACL needs {}", "~m:* +get +set");
    let deletes = named("| {} | to delete |", "+unlink");
    let scans = named("| {} | to `export` or `copy` from it |", "+scan");
    let counts = named("| {} | show progress", "+dbsize");
    let select = named("| {} | for a database other than 0 |", "+select");
    let wait = named("| {} | for `--redis-min-replicas` |", "+wait");
    let expire = named("| {} | for `--retention` |", "+pexpire +pttl");
    for (more, path, options) in [
        (select, "/3", &[][..]),
        (expire, "", &["--retention", "1h"]),
        (wait, "", &["--redis-min-replicas", "1"]),
    ] {
        let user = format!("user app on nopass {all} {deletes} {scans} {counts} {more}");
        let server = RedisServer::start(&user);
        for one in more.split(' ') {
            server.cli(&["ACL", "SETUSER", "app", &one.replace('+', "-")]);
            let url = format!("redis://app:any@127.0.0.1:{}{path}", server.port);
            let reason = wait_until_not_ready(&*open_store(&url, options).await).await;
            assert!(reason.contains(&one[1..]), "without {one}: {reason}");
            server.cli(&["ACL", "SETUSER", "app", one]);
        }
        let _replica = RedisServer::start(&format!("replicaof 127.0.0.1 {}", server.port));
        let store = open_store(&format!("redis://app:any@127.0.0.1:{}{path}", server.port), options).await;
        wait_until_ready(&*store).await;
        verify(store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_sentinel_keeps_the_contract() {
    let sentinel = Sentinel::start("");
    verify(open_store(&sentinel.url(), &[]).await).await;
    let strict = ["--redis-min-replicas", "2", "--redis-read-from", "replica"];
    verify(open_store(&format!("{}/3", sentinel.url()), &strict).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_cluster_keeps_the_contract() {
    let cluster = TestCluster::start("");
    verify(open_store(&cluster.url(), &[]).await).await;
    let strict =
        ["--redis-min-replicas", "1", "--redis-read-from", "replica", "--redis-key-prefix", "strict:"];
    verify(open_store(&cluster.url(), &strict).await).await;
}

async fn put(store: &dyn MessageStore, text: &str) -> (MessageHash, Put) {
    let message = Message::from(text.to_owned());
    let hash = message.hash();
    (hash, store.put(hash, message).await.unwrap())
}

async fn put_then_get(store: &dyn MessageStore) {
    let planes: String = (0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x41)).collect();
    for text in ["foo", "", "\0", "a\0b", &planes, &"x".repeat(1 << 20)] {
        let (hash, first) = put(store, text).await;
        assert_eq!(first, Put::Created);
        assert_eq!(put(store, text).await, (hash, Put::AlreadyStored));
        let got = store.get(hash).await.unwrap().expect("the message is stored").message;
        assert!(got.as_str() == text, "a message of {} bytes came back changed", text.len());
    }
}

async fn miss_then_put(store: &dyn MessageStore) {
    let hash = MessageHash::of(b"later");
    assert_eq!(store.get(hash).await.unwrap(), None);
    assert_eq!(put(store, "later").await, (hash, Put::Created));
    assert!(store.get(hash).await.unwrap().is_some(), "a miss is not cached");
    store.ready().await.unwrap();
}

async fn concurrent_puts_create_one(store: &Arc<dyn MessageStore>) {
    let puts = (0..64).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move { put(&*store, "the same").await.1 })
    });
    let puts: Vec<_> = puts.collect();
    let mut created = 0;
    for put in puts {
        created += usize::from(put.await.unwrap() == Put::Created);
    }
    assert_eq!(created, 1);
}

/// Stores more messages than fit in one page of a scan.
async fn scan_returns_all(store: &dyn MessageStore) {
    let puts = (0..3000).map(|number| async move { put(store, &format!("scanned {number}")).await.0 });
    let mut missing: HashSet<_> = futures::stream::iter(puts).buffer_unordered(256).collect().await;
    missing.extend([MessageHash::of(b"foo"), MessageHash::of(b"")]);
    let mut scan = store.scan();
    while let Some(message) = scan.next().await {
        let (hash, message) = message.unwrap();
        assert_eq!(message.hash(), hash);
        missing.remove(&hash);
    }
    assert_eq!(missing.len(), 0, "{missing:?}");
    assert!(store.estimated_count().await.unwrap() >= 3000);
}

async fn delete_then_put(store: &dyn MessageStore) {
    for text in ["deleted", "", &"y".repeat(1 << 20)] {
        put(store, text).await;
        let (hash, other) = (MessageHash::of(text.as_bytes()), put(store, "other").await.0);
        for _ in 0..2 {
            store.delete(hash).await.unwrap();
            assert_eq!(
                store.get(hash).await.unwrap(),
                None,
                "a deleted message of {} bytes is still stored",
                text.len()
            );
        }
        assert!(store.get(other).await.unwrap().is_some());
        assert_eq!(put(store, text).await.1, Put::Created);
        assert!(store.get(hash).await.unwrap().is_some());
    }
    let hashes = futures::stream::iter(0..3000).map(|number| async move {
        let hash = MessageHash::of(format!("scanned {number}").as_bytes());
        store.delete(hash).await.unwrap();
    });
    hashes.buffer_unordered(256).collect::<Vec<_>>().await;
    let mut scan = store.scan();
    while let Some(message) = scan.next().await {
        assert!(!message.unwrap().1.as_str().starts_with("scanned"));
    }
}

/// Many calls run concurrently, so that the store may combine them in one batch.
async fn concurrent_puts_and_deletions(store: &Arc<dyn MessageStore>) {
    let clients = (0..32).map(|client| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let text = format!("put and deleted {client}");
            let hash = MessageHash::of(text.as_bytes());
            for round in 0..20 {
                assert_eq!(put(&*store, &text).await.1, Put::Created, "round {round}");
                assert!(store.get(hash).await.unwrap().is_some(), "round {round}");
                store.delete(hash).await.unwrap();
                assert_eq!(store.get(hash).await.unwrap(), None, "round {round}");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    // Puts and deletions of one message run concurrently. The last one decides whether it is stored.
    let (hash, mut both) = (MessageHash::of(b"both"), Vec::new());
    for number in 0..64 {
        let store = Arc::clone(store);
        both.push(tokio::spawn(async move {
            if number % 2 == 0 {
                put(&*store, "both").await;
            } else {
                store.delete(hash).await.unwrap();
            }
        }));
    }
    for one in both {
        one.await.unwrap();
    }
    let is_there = store.get(hash).await.unwrap().is_some();
    assert_eq!(put(&**store, "both").await.1 == Put::AlreadyStored, is_there);
}

#[tokio::test]
async fn closed_store_refuses_requests() {
    let folder = TempDir::new().unwrap();
    let store = Embedded::open(&folder.path().join("data"), 0, None, &StoreMetrics::default()).await.unwrap();
    let (hash, _) = put(&store, "foo").await;
    store.close().await;
    let message = Message::from("bar".to_owned());
    assert!(matches!(store.put(message.hash(), message).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.get(hash).await, Err(StoreError::Unavailable(_))));
    let again = Embedded::open(&folder.path().join("data"), 0, None, &StoreMetrics::default()).await.unwrap();
    assert_eq!(again.get(hash).await.unwrap().unwrap().message.as_str(), "foo");
}

#[tokio::test]
async fn memory_store_refuses_beyond_its_size() {
    // The limit fits one message of five bytes and its entry.
    let store = MemoryStore::new(230, None);
    put(&store, "12345").await;
    let message = Message::from("6".to_owned());
    assert!(matches!(store.put(message.hash(), message).await, Err(StoreError::Full(_))));
    assert_eq!(put(&store, "12345").await.1, Put::AlreadyStored);
}

#[tokio::test]
async fn full_disk_refuses_only_new_messages() {
    let folder = TempDir::new().unwrap();
    let store = Embedded::open(&folder.path().join("data"), 0, None, &StoreMetrics::default()).await.unwrap();
    let (hash, _) = put(&store, "foo").await;
    store.close().await;
    let store =
        Embedded::open(&folder.path().join("data"), u64::MAX, None, &StoreMetrics::default()).await.unwrap();
    for _ in 0..2 {
        let new = Message::from("new".to_owned());
        assert!(matches!(store.put(new.hash(), new).await, Err(StoreError::Full(_))));
        assert_eq!(
            put(&store, "foo").await,
            (hash, Put::AlreadyStored),
            "posting a stored message again never fails"
        );
        assert!(store.get(hash).await.unwrap().is_some());
        assert!(matches!(store.ready().await, Err(StoreError::Full(_))));
    }
    store.delete(hash).await.unwrap();
    assert_eq!(store.get(hash).await.unwrap(), None, "a deletion works on a full disk");
}
