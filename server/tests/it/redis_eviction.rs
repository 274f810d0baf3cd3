//! Redis may evict acknowledged messages, or has lost them: the server reports it.

use message_to_hash::message::MessageHash;

use crate::support::http::wait_for_status;
use crate::support::metrics::scrape;
use crate::support::redis::{RedisServer, Sentinel};
use crate::support::store::{open_store, wait_until_not_ready, wait_until_ready};
use crate::support::wait::eventually;
use crate::support::{Server, ask};

const EVICTS: &str = "maxmemory 6mb\nmaxmemory-policy allkeys-lru";

fn lines(server: &Server, texts: &[&str]) -> usize {
    server.stderr.all().iter().filter(|line| texts.iter().all(|text| line.contains(text))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn evicting_redis_is_not_ready_until_its_policy_is_repaired() {
    let redis = RedisServer::start(EVICTS);
    let server = Server::start_with(&["--store", &redis.url()]);
    let not_ready = wait_for_status(server.admin, "/ready", 503).await;
    assert!(!not_ready.body.contains("\"ready\":true"), "{not_ready:?}");
    server.stderr.wait_for(&["ERROR", "may lose messages", "allkeys-lru", "noeviction"]);
    let not_ready = wait_for_status(server.admin, "/ready", 503).await;
    assert!(not_ready.body.contains("allkeys-lru"), "{not_ready:?}");
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    wait_for_status(server.admin, "/ready", 200).await;
    server.stderr.wait_for(&["INFO", "the store works again"]);
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-random"]);
    wait_for_status(server.admin, "/ready", 503).await;
    server.stderr.wait_for(&["ERROR", "may lose messages", "allkeys-random"]);
    assert_eq!(lines(&server, &["may lose messages"]), 2, "{:#?}", server.stderr.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_message_evicting_policies_are_not_ready() {
    let retention = ["--retention", "30d"];
    for (configuration, options, is_safe) in [
        ("maxmemory 6mb\nmaxmemory-policy noeviction", &retention[..], true),
        ("maxmemory-policy allkeys-lru", &retention, true),
        ("maxmemory 6mb\nmaxmemory-policy volatile-lru", &[], true),
        ("maxmemory 6mb\nmaxmemory-policy volatile-lru", &retention, false),
        ("maxmemory 6mb\nmaxmemory-policy allkeys-lfu", &[], false),
        (EVICTS, &["--redis-allow-eviction"], true),
    ] {
        let redis = RedisServer::start(configuration);
        let store = open_store(&redis.url(), options).await;
        if is_safe {
            wait_until_ready(&*store).await;
        } else {
            let reason = wait_until_not_ready(&*store).await;
            assert!(reason.contains("may lose messages"), "{reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evicting_sentinel_primary_is_not_ready() {
    let sentinel = Sentinel::start(EVICTS);
    let reason = wait_until_not_ready(&*open_store(&sentinel.url(), &[]).await).await;
    assert!(reason.contains("may lose messages"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_eviction_logs_a_warning_and_no_error() {
    let redis = RedisServer::start(EVICTS);
    let server = Server::start_with(&["--store", &redis.url(), "--redis-allow-eviction"]);
    wait_for_status(server.admin, "/ready", 200).await;
    server.stderr.wait_for(&["WARN", "allkeys-lru", "--redis-allow-eviction"]);
    assert_eq!(lines(&server, &["ERROR"]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_policy_logs_one_warning_with_the_permission() {
    let redis = RedisServer::start(&format!("{EVICTS}\nuser app on nopass ~m:* +get +set +role"));
    let url = format!("redis://app:any@127.0.0.1:{}", redis.port);
    let server = Server::start_with(&["--store", &url]);
    wait_for_status(server.admin, "/ready", 200).await;
    server.stderr.wait_for(&["WARN", "+info", "NOPERM"]);
    redis.cli(&["ACL", "SETUSER", "app", "+config|get"]);
    server.stderr.wait_for(&["ERROR", "allkeys-lru"]);
    redis.cli(&["ACL", "SETUSER", "app", "-config|get", "+info"]);
    wait_for_status(server.admin, "/ready", 503).await;
    assert_eq!(lines(&server, &["+info"]), 1, "{:#?}", server.stderr.all());
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_memory_and_policy_are_metrics() {
    let redis = RedisServer::start("maxmemory 64mb");
    let server = Server::start_with(&["--store", &redis.url()]);
    wait_for_status(server.admin, "/ready", 200).await;
    let node = format!("node=\"127.0.0.1:{}\"", redis.port);
    let now = scrape(server.admin).await;
    let bytes = |what: &str| now[&format!("message_to_hash_store_redis_memory_{what}_bytes{{{node}}}")];
    assert!(bytes("used") > 1e5, "{now:#?}");
    assert!((bytes("max") - f64::from(64 << 20)).abs() < 1.0, "{now:#?}");
    let policy =
        |name: &str| format!("message_to_hash_store_redis_evicts_messages{{{node},policy=\"{name}\"}}");
    assert!(now[&policy("noeviction")].abs() < 0.5, "{now:#?}");
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    wait_for_status(server.admin, "/ready", 503).await;
    let now = scrape(server.admin).await;
    assert!(now[&policy("allkeys-lru")] > 0.5 && !now.contains_key(&policy("noeviction")), "{now:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_messages_are_detected_without_a_request() {
    const MISSING: &str = "message_to_hash_store_missing_acknowledged_messages_total";
    let redis = RedisServer::start("");
    let server = Server::start_with(&["--store", &redis.url(), "--cache-bytes", "0"]);
    for number in 0..40 {
        let posted = ask(server.api, "POST /messages HTTP/1.1", format!(r#"{{"message":"{number}"}}"#)).await;
        assert_eq!(posted.status, 201);
    }
    wait_for_status(server.admin, "/ready", 200).await;
    assert!(scrape(server.admin).await[MISSING].abs() < 0.5);
    redis.cli(&["FLUSHALL"]);
    server.stderr.wait_for(&["ERROR", "Redis has lost messages that were acknowledged"]);
    let checked = scrape(server.admin).await[MISSING];
    assert!((1.0..=16.0).contains(&checked), "{checked}");
    // A read detects the loss, too.
    for number in 0..40 {
        let hash = MessageHash::of(number.to_string().as_bytes());
        assert_eq!(ask(server.api, &format!("GET /messages/{hash} HTTP/1.1"), "").await.status, 404);
    }
    assert!((scrape(server.admin).await[MISSING] - 40.0).abs() < 0.5);
    eventually("the loss is logged once", || lines(&server, &["has lost messages"]) == 1);
}
