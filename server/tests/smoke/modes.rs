//! Changes between one Redis and profile `ha`, with failovers: no change loses a message.

use std::fs;

use crate::client::{curl, post};
use crate::stack::{Stack, output_text};
use crate::support::wait::eventually;
use crate::traffic::{assert_stored, store};

const UP: &[&str] = &["up", "-d", "--wait", "--no-build"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_mode_lose_no_message() {
    let settings =
        [("API_REPLICAS", "2"), ("CACHE", "off"), ("RATE_LIMIT", "100000r/s"), ("RATE_BURST", "100000")];
    let stack = Stack::prepare("modes", &settings);
    fs::write(stack.folder().join("api.env"), "MESSAGE_TO_HASH_CACHE_BYTES=0\n").unwrap();
    stack.compose(UP);
    let mut messages = store(&stack).await;

    stack.script("ha.sh", &["on"]);
    stack.compose(UP);
    lose_the_primary(&stack, "redis");
    messages.extend(store(&stack).await);
    stack.compose(&["start", "redis"]);
    eventually("redis follows", || info(&stack, "redis").contains("master_link_status:up"));
    // After a restart all nodes keep their roles.
    stack.compose(&["restart"]);
    stack.compose(UP);
    eventually("redis still follows", || info(&stack, "redis").contains("master_link_status:up"));
    assert_stored(&stack, &messages).await;

    manual_mode_change_is_refused(&stack);
    assert_stored(&stack, &messages).await;

    stack.script("ha.sh", &["off"]);
    stack.compose(UP);
    assert_stored(&stack, &messages).await;
    let alone = store(&stack).await;

    // The old replicas and sentinels know neither these messages nor that `redis` is the primary again.
    stack.script("ha.sh", &["on"]);
    stack.compose(UP);
    assert!(info(&stack, "redis").contains("role:master"));
    assert_stored(&stack, &alone).await;
    lose_the_primary(&stack, "redis");
    assert_stored(&stack, &alone).await;
    assert_stored(&stack, &messages).await;
    println!("{} and {} messages, none lost", messages.len(), alone.len());
}

/// Kills the primary, and waits until another one accepts messages.
fn lose_the_primary(stack: &Stack, primary: &str) {
    eventually("both replicas follow", || info(stack, primary).matches("state=online").count() == 2);
    stack.compose(&["kill", primary]);
    let other = |node: &&str| *node != primary && info(stack, node).contains("role:master");
    eventually("another node is the primary", || ["redis-2", "redis-3"].iter().any(other));
    eventually("messages are stored again", || post(stack, "after the failover").status < 300);
}

fn info(stack: &Stack, node: &str) -> String {
    output_text(&stack.try_compose(&["exec", "-T", node, "redis-cli", "INFO", "replication"]))
}

/// While another node is the primary, `redis` may lack messages, so it must not serve alone.
fn manual_mode_change_is_refused(stack: &Stack) {
    let (file, kept) = (stack.folder().join(".env"), stack.folder().join("kept"));
    let refusal = || output_text(&stack.try_compose(&["logs", "--no-log-prefix", "redis"]));
    fs::rename(&file, &kept).unwrap();
    // The sentinels still run.
    assert!(!stack.try_compose(UP).status.success());
    assert!(refusal().contains("does not serve alone: sentinel-1 still runs"), "{}", refusal());
    stack.compose(&["--profile", "*", "down"]);
    assert!(!stack.try_compose(UP).status.success());
    assert!(refusal().contains("may lack messages; turn profile ha on again"), "{}", refusal());
    let answer = output_text(&curl(stack, "/messages/aa", &[]).output().unwrap());
    assert!(!answer.contains(" 200"), "{answer}");
    stack.compose(&["--profile", "*", "down"]);
    fs::rename(&kept, &file).unwrap();
    stack.compose(UP);
}
