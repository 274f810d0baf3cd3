//! The metrics at the admin listener's `/metrics` after a known number of requests.

use std::time::Instant;

use message_to_hash::message::MessageHash;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::metrics::scrape;
use crate::support::redis::RedisServer;
use crate::support::{FOO, Server, TIMEOUT, ask};

fn request(operation: &str, status: u16) -> String {
    let name = "message_to_hash_http_request_duration_seconds_count";
    format!(r#"{name}{{operation="{operation}",status="{status}"}}"#)
}

fn store(operation: &str, result: &str) -> String {
    let name = "message_to_hash_store_operation_duration_seconds_count";
    format!(r#"{name}{{operation="{operation}",result="{result}"}}"#)
}

#[tokio::test]
async fn requests_and_responses_are_counted() {
    let server = Server::start(&[]);
    let missing = MessageHash::of(b"missing").to_hex();
    for _ in 0..3 {
        ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    }
    for path in [FOO, FOO, &missing, "no-hash"] {
        ask(server.api, &format!("GET /messages/{path} HTTP/1.1"), "").await;
    }
    ask(server.api, "POST /messages HTTP/1.1", "no JSON").await;
    ask(server.api, "GET /elsewhere HTTP/1.1", "").await;
    let now = scrape(server.admin).await;
    let expected = [
        (request("AddMessage", 201), 1),
        (request("AddMessage", 200), 2),
        (request("AddMessage", 400), 1),
        (request("GetMessageByHash", 200), 2),
        (request("GetMessageByHash", 404), 2),
        (request("none", 404), 1),
        (store("put", "created"), 1),
        (store("put", "already_stored"), 2),
        (store("get", "missing"), 1),
        ("message_to_hash_cache_hits_total".to_owned(), 2),
        ("message_to_hash_cache_misses_total".to_owned(), 1),
        ("message_to_hash_cache_evictions_total".to_owned(), 0),
        ("message_to_hash_store_commit_messages_sum".to_owned(), 3),
        ("message_to_hash_store_integrity_failures_total".to_owned(), 0),
        ("message_to_hash_http_requests_in_flight".to_owned(), 0),
        ("message_to_hash_http_request_body_bytes_total".to_owned(), 3 * 17 + 7),
        (r#"message_to_hash_build_info{version="1.0.0"}"#.to_owned(), 1),
    ];
    for (series, value) in expected {
        assert_eq!(now.get(&series).copied(), Some(f64::from(value)), "{series}: {now:#?}");
    }
    assert!(now["message_to_hash_cache_memory_bytes"] > 0.0 && now["process_resident_memory_bytes"] > 1e6);
    assert!(now.contains_key("process_cpu_seconds_total") && now["process_open_fds"] > 3.0);
    // A label with hashes, paths or clients would make one series for each of them.
    for secret in ["foo", &FOO[..8], &missing[..8], "elsewhere", "no-hash", "127.0.0.1"] {
        assert!(!now.keys().any(|series| series.contains(secret)), "{secret}");
    }
}

#[tokio::test]
async fn evictions_are_counted() {
    let server = Server::start(&["--cache-bytes", "64KiB"]);
    for number in 0..100 {
        let body = format!(r#"{{"message":"{number}{}"}}"#, "x".repeat(4 << 10));
        ask(server.api, "POST /messages HTTP/1.1", body).await;
    }
    let now = scrape(server.admin).await;
    assert!(now["message_to_hash_cache_evictions_total"] >= 80.0, "{now:#?}");
    assert!(now["message_to_hash_cache_memory_bytes"] <= 65536.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn integrity_failures_and_outages_are_counted() {
    let redis = RedisServer::start("");
    let server = Server::start_with(&["--store", &redis.url(), "--cache-bytes", "0"]);
    ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    redis.cli(&["SET", &format!("m:{FOO}"), "tampered"]);
    let get = format!("GET /messages/{FOO} HTTP/1.1");
    assert_eq!(ask(server.api, &get, "").await.status, 500);
    let now = scrape(server.admin).await;
    let failures = [&now["message_to_hash_store_integrity_failures_total"], &now[&store("get", "corrupt")]];
    assert_eq!(failures, [&1.0, &1.0]);
    assert!(now["message_to_hash_store_redis_connections"] >= 2.0);
    drop(redis);
    // The connection for large messages is unused, so its failure is not detected.
    let deadline = Instant::now() + TIMEOUT;
    while scrape(server.admin).await["message_to_hash_store_redis_connections"] > 1.0 {
        assert!(Instant::now() < deadline);
        assert_eq!(ask(server.api, &get, "").await.status, 503);
    }
    assert!(scrape(server.admin).await[&store("get", "unavailable")] >= 1.0);
}

#[tokio::test]
async fn abandoned_request_ends_by_the_store_timeout() {
    let redis = RedisServer::start("");
    let patient = ["--store", &redis.url(), "--redis-command-timeout", "1h", "--store-timeout", "2s"];
    let server = Server::start_with(&patient);
    redis.pause();
    let mut stream = TcpStream::connect(server.api).await.unwrap();
    let get = format!("GET /messages/{FOO} HTTP/1.1\r\nHost: it\r\n\r\n");
    stream.write_all(get.as_bytes()).await.unwrap();
    let in_flight = async || scrape(server.admin).await["message_to_hash_http_requests_in_flight"];
    let deadline = Instant::now() + TIMEOUT;
    while in_flight().await < 1.0 {
        assert!(Instant::now() < deadline);
    }
    drop(stream);
    while in_flight().await > 0.0 {
        assert!(Instant::now() < deadline);
    }
    assert!(scrape(server.admin).await[&request("GetMessageByHash", 503)] > 0.0);
}
