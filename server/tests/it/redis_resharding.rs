//! Slots are moved between nodes while clients write and read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use futures::StreamExt as _;
use message_to_hash::message::{Message, MessageHash};
use message_to_hash::store::Put;

use crate::support::redis::TestCluster;
use crate::support::store::{get, open_store, put, wait_until_ready};

#[tokio::test(flavor = "multi_thread")]
async fn resharding_under_load_loses_nothing() {
    let cluster = TestCluster::start("");
    let store = open_store(&cluster.url(), &["--redis-read-from", "replica"]).await;
    let strict =
        open_store(&cluster.url(), &["--redis-min-replicas", "1", "--redis-key-prefix", "strict:"]).await;
    wait_until_ready(&*store).await;
    let stop = Arc::new(AtomicU8::new(0));
    let clients = (0..16).map(|client| {
        let (store, stop) = (Arc::clone(if client % 2 == 0 { &store } else { &strict }), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut stored = 0;
            while stop.load(Ordering::SeqCst) == 0 {
                let text = format!("{client}: {stored}");
                put(&*store, &text).await.unwrap();
                assert_eq!(get(&*store, &text).await.unwrap().unwrap().as_str(), text);
                stored += 1;
            }
            for number in 0..stored {
                assert!(get(&*store, &format!("{client}: {number}")).await.unwrap().is_some());
            }
            stored
        })
    });
    let clients: Vec<_> = clients.collect();
    let any = format!("127.0.0.1:{}", cluster.nodes[0].port);
    let moved = std::process::Command::new("redis-cli")
        .args(["--cluster", "rebalance", &any, "--cluster-weight"])
        .arg(format!("{}=0", cluster.nodes[0].cli(&["CLUSTER", "MYID"])))
        .args(["--cluster-pipeline", "2"])
        .output()
        .unwrap();
    assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stdout));
    stop.store(1, Ordering::SeqCst);
    let mut stored = 0;
    for client in clients {
        stored += client.await.unwrap();
    }
    println!("{stored} stored while slots moved");
    let reply = cluster.nodes[1].cli(&["CLUSTER", "NODES"]);
    let emptied = reply.lines().find(|line| line.contains(&format!("{any}@"))).unwrap();
    assert!(emptied.ends_with(" connected"), "the node still has slots: {emptied}");
}

/// A redirected message of a batch: the other messages are stored once, and are reported as new.
#[tokio::test]
async fn batch_reports_new_messages_during_resharding() {
    let cluster = TestCluster::start("");
    let store = open_store(&cluster.url(), &[]).await;
    wait_until_ready(&*store).await;
    let messages: Vec<_> = (0..200).map(|number| Message::from(format!("moving {number}"))).collect();
    let messages: Vec<_> = messages.into_iter().map(|message| (message.hash(), message)).collect();
    let slot = cluster.nodes[0].cli(&["CLUSTER", "KEYSLOT", &format!("m:{}", messages[0].0)]);
    let primaries = &cluster.nodes[..3];
    let id = |node: usize| primaries[node].cli(&["CLUSTER", "MYID"]);
    // Only the owner of a slot can move it.
    let gives = |from: usize| {
        primaries[from].cli(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id((from + 1) % 3)]) == "OK"
    };
    let from = (0..3).find(|node| gives(*node)).expect("one node owns the slot");
    let took = primaries[(from + 1) % 3].cli(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)]);
    assert_eq!(took, "OK");
    for expected in [Put::Created, Put::AlreadyStored] {
        let mut puts: Vec<_> = store.put_all(messages.clone()).collect().await;
        puts.sort_unstable_by_key(|(number, _)| *number);
        let puts = puts.into_iter().map(|(number, put)| (number, put.unwrap()));
        assert!(puts.eq((0..messages.len()).map(|number| (number, expected))));
    }
}

/// With `cluster-preferred-endpoint-type unknown-endpoint`, a redirection names no host: it means the host of the node
/// that sent it.
#[tokio::test]
async fn redirection_without_host_goes_to_the_same_host() {
    let cluster = TestCluster::start("cluster-preferred-endpoint-type unknown-endpoint");
    let store = open_store(&cluster.url(), &[]).await;
    wait_until_ready(&*store).await;
    let slot = cluster.nodes[0].cli(&["CLUSTER", "KEYSLOT", &format!("m:{}", MessageHash::of(b"moving"))]);
    let primaries = &cluster.nodes[..3];
    let id = |node: usize| primaries[node].cli(&["CLUSTER", "MYID"]);
    let gives = |from: usize| {
        primaries[from].cli(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id((from + 1) % 3)]) == "OK"
    };
    let from = (0..3).find(|node| gives(*node)).expect("one node owns the slot");
    let to = &primaries[(from + 1) % 3];
    assert_eq!(to.cli(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(from)]), "OK");
    for expected in [Put::Created, Put::AlreadyStored] {
        assert_eq!(put(&*store, "moving").await.unwrap(), expected, "by ASK");
    }
    assert_eq!(get(&*store, "moving").await.unwrap().unwrap().as_str(), "moving");
    for node in [to, &primaries[from]] {
        assert_eq!(node.cli(&["CLUSTER", "SETSLOT", &slot, "NODE", &id((from + 1) % 3)]), "OK");
    }
    assert_eq!(get(&*store, "moving").await.unwrap().unwrap().as_str(), "moving", "by MOVED");
}
