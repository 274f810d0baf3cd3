//! Redis hangs while clients send large messages: the memory for waiting messages is bounded.

use std::time::Instant;

use futures::future::join_all;

use crate::support::redis::RedisServer;
use crate::support::wait::FAILOVER_TIMEOUT;
use crate::support::{Server, ask};

/// The limit that docs/reference/limits.md states.
const MAX_KIB: u64 = 600 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn stalled_redis_takes_bounded_memory() {
    let redis = RedisServer::start("");
    for min_replicas in ["0", "1"] {
        let options = ["--store", &redis.url(), "--redis-min-replicas", min_replicas];
        let server = Server::start_with(&options);
        let post = async |number: usize| {
            let text = format!("{number:0>7}{}", "x".repeat((1 << 20) - 7));
            ask(server.api, "POST /messages/raw HTTP/1.1", text).await.status
        };
        assert!([201, 503].contains(&post(0).await));
        redis.pause();
        for round in 0..3 {
            let answers = join_all((0..250).map(|number| post(1000 * (round + 1) + number))).await;
            assert!(answers.iter().all(|status| *status == 503), "{answers:?}");
        }
        let peak = server.memory_kib("VmHWM");
        println!("{min_replicas} replicas confirm: {peak} KiB at most");
        assert!(peak < MAX_KIB, "{peak} KiB");
        redis.resume();
        let begun = Instant::now();
        loop {
            post(7).await;
            let now = server.memory_kib("VmRSS");
            if now < MAX_KIB / 2 {
                println!("{now} KiB after {:?}", begun.elapsed());
                break;
            }
            assert!(begun.elapsed() < FAILOVER_TIMEOUT, "{now} KiB are not given back");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}
