//! The key of a message has other content: it is never returned, posting the message repairs it, and `copy` names it.

use message_to_hash::message::{Message, MessageHash};
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{Cached, MessageStore, StoreError};
use serde_json::json;

use crate::support::redis::RedisServer;
use crate::support::store::{SHORT_TIMEOUTS, get, open_store, put, put_until_acknowledged, wait_until_ready};
use crate::support::wait::eventually;
use crate::support::{FOO, Server, ask};

fn key_of(text: &str) -> String {
    format!("m:{}", MessageHash::of(text.as_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn tampered_value_is_never_served() {
    let server = RedisServer::start("");
    let store = open_store(&server.url(), &[]).await;
    let cached = Cached::new(open_store(&server.url(), &[]).await, 1 << 20, None, StoreMetrics::default());
    put(&*store, "foo").await.unwrap();
    for other in ["bar", "", "fo"] {
        server.cli(&["SET", &format!("m:{FOO}"), other]);
        for store in [&*store, &cached as &dyn MessageStore] {
            assert!(matches!(get(store, "foo").await, Err(StoreError::Corrupt(_))), "{other}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posting_a_damaged_message_repairs_it() {
    let redis = RedisServer::start("");
    let server = Server::start(&["--store", &redis.url(), "--cache-bytes", "0"]);
    let post = async |path: &str, body: &str| ask(server.api, &format!("POST {path} HTTP/1.1"), body).await;
    for text in ["foo", "bar"] {
        redis.cli(&["SET", &key_of(text), "WRONG"]);
    }
    assert_eq!(post("/messages", r#"{"message":"foo"}"#).await.status, 201);
    let batch = post("/messages/batch", r#"{"messages":["foo","bar"]}"#).await.json();
    assert_eq!(batch["results"][0]["created"], json!(false), "{batch}");
    assert_eq!(batch["results"][1]["created"], json!(true), "{batch}");
    for text in ["foo", "bar"] {
        server.stderr.wait_for(&["ERROR", &key_of(text), "is replaced by the message just received"]);
        assert_eq!(redis.cli(&["GET", &key_of(text)]), text);
    }
    assert!(!server.stderr.all().iter().any(|line| line.contains("WRONG")));
}

#[tokio::test(flavor = "multi_thread")]
async fn repair_is_confirmed_by_replicas() {
    let primary = RedisServer::start("");
    let replica = RedisServer::start(&format!("replicaof 127.0.0.1 {}", primary.port));
    let store =
        open_store(&primary.url(), &[&SHORT_TIMEOUTS[..], &["--redis-min-replicas", "1"]].concat()).await;
    wait_until_ready(&*store).await;
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    primary.cli(&["SET", &key_of("foo"), "WRONG"]);
    replica.pause();
    let unconfirmed = put(&*store, "foo").await;
    assert!(matches!(unconfirmed, Err(StoreError::Unavailable(_))), "{unconfirmed:?}");
    replica.resume();
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    put_until_acknowledged(&*store, "foo").await;
    assert_eq!(replica.cli(&["GET", &key_of("foo")]), "foo");

    primary.cli(&["SET", &key_of("foo"), "WRONG"]);
    put_until_acknowledged(&*store, "foo").await;
    assert_eq!(replica.cli(&["GET", &key_of("foo")]), "foo");
}

/// If every repair waited for the replicas, each one would delay all the others.
#[tokio::test(flavor = "multi_thread")]
async fn batch_repair_waits_for_replicas_once() {
    let primary = RedisServer::start("");
    let _replica = RedisServer::start(&format!("replicaof 127.0.0.1 {}", primary.port));
    let store =
        open_store(&primary.url(), &[&SHORT_TIMEOUTS[..], &["--redis-min-replicas", "1"]].concat()).await;
    wait_until_ready(&*store).await;
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    let texts: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    for text in &texts {
        primary.cli(&["SET", &key_of(text), "WRONG"]);
    }
    let waits = || {
        let stats = primary.cli(&["INFO", "commandstats"]);
        let calls = stats.lines().find_map(|line| line.strip_prefix("cmdstat_wait:calls="));
        calls.map_or(0, |calls| calls.split(',').next().unwrap().parse::<u64>().unwrap())
    };
    let before = waits();
    let puts = texts.iter().map(|text| put_until_acknowledged(&*store, text));
    futures::future::join_all(puts).await;
    assert!(waits() - before < 20, "{} times", waits() - before);
    for text in &texts {
        assert_eq!(primary.cli(&["GET", &key_of(text)]), *text);
    }
}

/// A key of another type belongs to another program: it is not overwritten, and does not affect other messages. (A
/// retention does apply to all keys.)
#[tokio::test(flavor = "multi_thread")]
async fn key_of_another_type_is_damage() {
    let redis = RedisServer::start("");
    let server = Server::start(&["--store", &redis.url(), "--cache-bytes", "0"]);
    redis.cli(&["RPUSH", &key_of("foo"), "a"]);
    let get = ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await;
    let post = ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    for answer in [get, post] {
        answer.problem(500);
    }
    server.stderr.wait_for(&["ERROR", &key_of("foo"), "WRONGTYPE"]);
    let store = open_store(&redis.url(), &[]).await;
    for text in ["bar", "baz"] {
        put(&*store, text).await.unwrap();
    }
    let all: Vec<_> = futures::StreamExt::collect(store.scan()).await;
    let (whole, damaged): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    assert_eq!((whole.len(), damaged.len()), (2, 1));
    let damaged = damaged[0].as_ref().map(|(_, message): &(_, Message)| message.len()).unwrap_err();
    assert!(matches!(damaged, StoreError::Corrupt(reason) if reason.contains(FOO)), "{damaged}");
}
