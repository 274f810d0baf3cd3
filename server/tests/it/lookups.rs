//! How many bytes a lookup of large messages reads from the store.

use message_to_hash_api::ApiNoContext;
use message_to_hash_api::models::Message;

use crate::support::batch::{add, look_up, texts};
use crate::support::messages::digest;
use crate::support::redis::RedisServer;
use crate::support::{ApiClient, Server};

const MIB: u64 = 1 << 20;

/// Returns the number of bytes that Redis has sent since it started.
fn bytes_sent(redis: &RedisServer) -> u64 {
    let stats = redis.cli(&["INFO", "stats"]);
    let line = stats.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:"));
    line.unwrap().trim().parse().unwrap()
}

/// Stores `count` messages of this size, and returns their digests.
async fn add_large(client: &ApiClient, count: usize, bytes: usize) -> Vec<String> {
    let mut digests = Vec::new();
    for number in 0..count {
        let text = format!("{number}{}", "x".repeat(bytes - number.to_string().len()));
        digests.push(digest(&text));
        let _ = client.add_message(Message::new(text)).await.unwrap();
    }
    digests
}

fn repeated(digests: &[String], times: usize) -> Vec<String> {
    std::iter::repeat_n(digests, times).flatten().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lookup_reads_little_more_than_it_returns() {
    let redis = RedisServer::start("");
    let server = Server::start_with(&["--store", &redis.url(), "--cache-bytes", "0"]);
    let client = server.client();
    let large = repeated(&add_large(&client, 60, 1 << 20).await, 4);
    let small = texts(1000);
    let _ = add(&client, &small).await;
    let small: Vec<_> = small.iter().map(|text| digest(text)).collect();
    let sent_for = async |digests: &[String]| {
        let before = bytes_sent(&redis);
        let found = look_up(&client, digests).await.iter().filter(|one| one.message.is_some()).count();
        (found, bytes_sent(&redis) - before)
    };
    let (found, sent) = sent_for(&large).await;
    assert!(found >= 5 && sent <= 8 * MIB, "{found} found, {sent} bytes");

    // A lookup reads many messages at a time only after it has seen small ones.
    let (found, sent) = sent_for(&[&small[..500], &large].concat()).await;
    assert!(found >= 500 && sent <= 40 * MIB, "{found} found, {sent} bytes");

    let (found, sent) = sent_for(&small).await;
    assert!(found == 1000 && sent <= MIB, "{found} found, {sent} bytes");
}

#[tokio::test]
async fn lookup_does_not_read_messages_beyond_its_limit() {
    let redis = RedisServer::start("");
    let options = ["--cache-bytes", "0", "--max-message-bytes", "8MiB"];
    let server = Server::start_with(&[&["--store", &redis.url()][..], &options].concat());
    let client = server.client();
    let digests = repeated(&add_large(&client, 8, 8 << 20).await, 20);
    let before = bytes_sent(&redis);
    let results = look_up(&client, &digests).await;
    let problems = results.iter().filter_map(|result| result.problem.as_ref());
    assert!(problems.map(|problem| problem.status).all(|status| status == 413));
    let sent = bytes_sent(&redis) - before;
    assert!(sent <= 48 * MIB, "{sent} bytes");
}
