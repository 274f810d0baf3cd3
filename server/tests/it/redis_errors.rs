//! Error replies of a working Redis: which of them close the connection, and which requests they fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use message_to_hash::store::{Put, StoreError};

use crate::support::redis::RedisServer;
use crate::support::store::{SHORT_TIMEOUTS, open_store, put, put_until_acknowledged, wait_until_ready};
use crate::support::wait::eventually;
use crate::support::{Server, ask};

/// Returns the number of connections that this server has accepted.
fn accepted_connections(server: &RedisServer) -> u64 {
    let stats = server.cli(&["INFO", "stats"]);
    let count = stats.lines().find_map(|line| line.trim().strip_prefix("total_connections_received:"));
    count.and_then(|count| count.parse().ok()).expect("a count")
}

/// A new connection would repair none of these errors, so the store keeps the old one.
#[tokio::test(flavor = "multi_thread")]
async fn refused_write_keeps_the_connection() {
    let server = RedisServer::start("enable-protected-configs yes\nsave 1000 1000");
    let store = open_store(&server.url(), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    put(&*store, "before").await.unwrap();
    let table = [
        ("NOREPLICAS", "CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        ("OOM", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("NOPERM", "ACL SETUSER default -set", "ACL SETUSER default +set"),
        ("MISCONF", "CONFIG SET dir /proc", "CONFIG SET stop-writes-on-bgsave-error no"),
    ];
    for (code, begin, end) in table {
        let cli = |command: &str| server.cli(&command.split(' ').collect::<Vec<_>>());
        assert_eq!(cli(begin), "OK", "{code}");
        if code == "MISCONF" {
            server.cli(&["BGSAVE"]);
            eventually("the snapshot fails", || {
                server.cli(&["INFO", "persistence"]).contains("rdb_last_bgsave_status:err")
            });
        }
        let before = accepted_connections(&server);
        for number in 0..20 {
            match put(&*store, &format!("{code} {number}")).await {
                Err(StoreError::Unavailable(text) | StoreError::Full(text)) => {
                    assert!(text.contains(code), "{text}");
                }
                other => panic!("{code}: {other:?}"),
            }
        }
        // Every call of redis-cli opens one connection.
        assert_eq!(accepted_connections(&server), before + 1, "{code}");
        assert_eq!(cli(end), "OK", "{code}");
        assert_eq!(put_until_acknowledged(&*store, code).await, Put::Created);
    }
}

/// Redis closes the connection after a message above `proto-max-bulk-len`. Only the connection for that message may
/// close.
#[tokio::test(flavor = "multi_thread")]
async fn oversized_message_does_not_fail_concurrent_puts() {
    let primary = RedisServer::start("proto-max-bulk-len 1mb");
    let replica =
        RedisServer::start(&format!("proto-max-bulk-len 1mb\nreplicaof 127.0.0.1 {}", primary.port));
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    let largest = "x".repeat(1 << 20);
    for min_replicas in ["0", "1"] {
        let options = ["--redis-min-replicas", min_replicas, "--redis-key-prefix", min_replicas];
        let store = open_store(&primary.url(), &options).await;
        wait_until_ready(&*store).await;
        put(&*store, &largest).await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let others = (0..8).map(|client| {
            let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut number = 0;
                while !stop.load(Ordering::SeqCst) {
                    let text = format!("{client} {number} {}", "x".repeat((number % 3) << 17));
                    assert_eq!(put(&*store, &text).await.unwrap(), Put::Created);
                    number += 1;
                }
            })
        });
        let others: Vec<_> = others.collect();
        let before = accepted_connections(&primary);
        for len in [(1 << 20) + 1, 2 << 20, 3 << 20, (1 << 20) + 1] {
            let refused = put(&*store, &"x".repeat(len)).await;
            assert!(matches!(&refused, Err(StoreError::TooLarge(_))), "{refused:?}");
        }
        assert!(
            accepted_connections(&primary) < before + 8,
            "a size that was refused before is not sent again"
        );
        stop.store(true, Ordering::SeqCst);
        for other in others {
            other.await.unwrap();
        }
        assert_eq!(put(&*store, &largest).await.unwrap(), Put::AlreadyStored);
    }
    drop(replica);
}

/// The client gets a status that says not to retry, and the log has the reason.
#[tokio::test(flavor = "multi_thread")]
async fn too_large_message_for_redis_is_413() {
    let redis = RedisServer::start("proto-max-bulk-len 1mb");
    let server = Server::start_with(&["--store", &redis.url(), "--max-message-bytes", "4MiB"]);
    let text = "x".repeat(2 << 20);
    for _ in 0..3 {
        let answer = ask(server.api, "POST /messages/raw HTTP/1.1", &text).await;
        assert!(answer.problem(413).contains("store"), "{answer:?}");
        let json = "POST /messages HTTP/1.1\r\nContent-Type: application/json";
        ask(server.api, json, format!("{{\"message\":\"{text}\"}}")).await.problem(413);
        let json = "POST /messages/batch HTTP/1.1\r\nContent-Type: application/json";
        let batch = ask(server.api, json, format!("{{\"messages\":[\"{text}\",\"foo\"]}}")).await;
        assert!(batch.status == 200 && batch.body.contains("413"), "{batch:?}");
    }
    let lines = server.stderr.all();
    assert_eq!(lines.iter().filter(|line| line.contains("proto-max-bulk-len")).count(), 1, "{lines:?}");
}
