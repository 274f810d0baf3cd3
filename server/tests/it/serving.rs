//! `/serving` and `/ready`: while the shared store is down, instances are not ready, but they keep serving cached
//! messages.

use std::net::SocketAddr;
use std::process::Command;

use message_to_hash::message::MessageHash;

use crate::support::http::wait_for_status;
use crate::support::ports::free_port;
use crate::support::redis::RedisServer;
use crate::support::store::SHORT_TIMEOUTS;
use crate::support::{FOO, Server, TextResponse, ask};

async fn get(address: SocketAddr, path: &str) -> TextResponse {
    ask(address, &format!("GET {path} HTTP/1.1"), "").await
}

/// Runs `healthcheck`, and returns its exit code and stderr.
fn healthcheck(server: &Server, options: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    command.env_clear().args(["healthcheck", "--admin-listen", &server.admin.to_string()]).args(options);
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_stays_true_while_a_redis_that_was_reached_is_away() {
    let mut redis = RedisServer::start("");
    let server = Server::start_with(&[&["--store", &redis.url()], &SHORT_TIMEOUTS[..]].concat());
    wait_for_status(server.admin, "/serving", 200).await;
    let posted = ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    assert_eq!(posted.status, 201);
    redis.kill();
    let not_ready = wait_for_status(server.admin, "/ready", 503).await;
    assert_eq!(not_ready.json()["ready"], false, "{not_ready:?}");
    assert!(not_ready.body.contains("Redis at 127.0.0.1"), "{not_ready:?}");
    let serving = get(server.admin, "/serving").await;
    assert_eq!((serving.status, serving.json()["serving"].as_bool()), (200, Some(true)), "{serving:?}");
    assert_eq!(get(server.api, &format!("/messages/{FOO}")).await.status, 200, "the cache has the message");
    let other = get(server.api, &format!("/messages/{}", MessageHash::of(b"bar").to_hex())).await;
    other.problem(503);
    assert!(other.header("retry-after").is_some(), "{other:?}");
    let (code, printed) = healthcheck(&server, &[]);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("not ready"), "{printed}");
    assert_eq!(healthcheck(&server, &["--serving"]).0, Some(0));
    redis.restart();
    wait_for_status(server.admin, "/ready", 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_is_false_until_the_store_was_reached_once() {
    let port = free_port();
    let server = Server::start_with(&["--store", &format!("redis://127.0.0.1:{port}")]);
    let not_yet = get(server.admin, "/serving").await;
    assert_eq!((not_yet.status, not_yet.json()["serving"].as_bool()), (503, Some(false)), "{not_yet:?}");
    assert!(not_yet.body.contains(&port.to_string()), "{not_yet:?}");
    let (code, printed) = healthcheck(&server, &["--serving"]);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("not serving"), "{printed}");
    let _redis = RedisServer::start_on(port, "");
    wait_for_status(server.admin, "/serving", 200).await;
}

#[tokio::test]
async fn serving_is_false_while_the_server_drains() {
    let server = Server::start(&["--shutdown-delay", "1h"]);
    assert_eq!(get(server.admin, "/serving").await.status, 200);
    server.terminate();
    server.stderr.wait_for(&["stopping"]);
    let draining = get(server.admin, "/serving").await;
    assert_eq!((draining.status, draining.json()["checks"]["draining"].as_bool()), (503, Some(true)));
}
