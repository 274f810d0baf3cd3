//! Profile `ha`: the Redis primary is killed under load. Until the failover is finished, writes fail with 503 and
//! nothing else. Every acknowledged message is still there.

use std::fs;
use std::time::{Duration, Instant};

use crate::client::{generated, post};
use crate::stack::Stack;
use crate::support::wait::eventually;
use crate::traffic::{Traffic, get};

/// After this time without a failure, writes count as working again.
const QUIET: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_primary_loses_no_message() {
    let stack =
        Stack::prepare("ha", &[("CACHE", "off"), ("RATE_LIMIT", "100000r/s"), ("RATE_BURST", "100000")]);
    // Starts with a single Redis that has messages.
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    assert_eq!(post(&stack, "from before").status, 201);
    stack.script("ha.sh", &["on"]);
    // The cache is off, so every read reaches Redis.
    fs::write(stack.folder().join("api.env"), "MESSAGE_TO_HASH_CACHE_BYTES=0\n").unwrap();
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    eventually("both replicas follow", || {
        let replication = stack.compose(&["exec", "-T", "redis", "redis-cli", "INFO", "replication"]);
        replication.matches("state=online").count() == 2
    });

    let load = Traffic::start(&stack).await;
    let killed = Instant::now();
    stack.compose(&["kill", "redis"]);
    load.recover(killed, QUIET).await;
    load.wait_for_requests(500).await;
    let seen = load.stop().await;

    let others: Vec<_> =
        seen.failures.iter().filter(|(_, how)| how != "POST: 503" && how != "GET: 503").collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(
        seen.failures.iter().all(|(when, _)| *when > killed),
        "a request failed before the primary was killed"
    );
    let last = seen.failures.iter().map(|(when, _)| *when).max();
    let reads = seen.failures.iter().filter(|(_, how)| how == "GET: 503").count();
    println!(
        "{} POSTs and {} GETs, {} and {reads} were 503, the last {:?} after the primary was killed",
        seen.posts,
        seen.gets,
        seen.failures.len() - reads,
        last.map(|when| when - killed)
    );
    let client = generated(&stack);
    for text in &seen.acknowledged {
        get(&client, text).await.unwrap_or_else(|failure| panic!("{text:?} is lost: {failure}"));
    }

    // The old primary returns as a replica.
    stack.compose(&["start", "redis"]);
    let follows = || {
        let replication = stack.compose(&["exec", "-T", "redis", "redis-cli", "INFO", "replication"]);
        replication.contains("role:slave") && replication.contains("master_link_status:up")
    };
    eventually("the old primary follows the new one", follows);

    // The whole stack is restarted while another node is the primary.
    stack.compose(&["down"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    let client = generated(&stack);
    let all_are_there = async || {
        for text in seen.acknowledged.iter().step_by(10).chain([&"from before".to_owned()]) {
            get(&client, text).await.unwrap_or_else(|failure| panic!("{text:?} is lost: {failure}"));
        }
    };
    all_are_there().await;

    // Changes back to a single Redis.
    stack.script("ha.sh", &["off"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    all_are_there().await;
    assert_eq!(post(&stack, "from after").status, 201);
}
