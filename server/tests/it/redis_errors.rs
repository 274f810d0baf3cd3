//! Errors of a Redis that works: which connections they end, and which requests they fail.

use message_to_hash::store::{Put, StoreError};

use crate::redis_faults::{SHORT, put, until_put, until_ready};
use crate::redis_servers::{RedisServer, eventually};
use crate::stores::opened;

/// How many connections this server has accepted.
fn accepted_connections(server: &RedisServer) -> u64 {
    let stats = server.cli(&["INFO", "stats"]);
    let count = stats.lines().find_map(|line| line.trim().strip_prefix("total_connections_received:"));
    count.and_then(|count| count.parse().ok()).expect("a count")
}

/// A new connection mends none of these errors, so none is made.
#[tokio::test(flavor = "multi_thread")]
async fn refused_write_keeps_the_connection() {
    let server = RedisServer::start("enable-protected-configs yes\nsave 1000 1000");
    let store = opened(&server.url(), &SHORT).await;
    until_ready(&*store).await;
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
        // Each redis-cli is one connection.
        assert_eq!(accepted_connections(&server), before + 1, "{code}");
        assert_eq!(cli(end), "OK", "{code}");
        assert_eq!(until_put(&*store, code).await, Put::Created);
    }
}
