//! Helpers for tests that call a store directly.

use std::sync::Arc;
use std::time::{Duration, Instant};

use message_to_hash::commands::serve;
use message_to_hash::message::{Message, MessageHash};
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{self, MessageStore, Put, StoreError};

use super::in_process;
use super::wait::FAILOVER_TIMEOUT;

/// Opens the store as the program would, but without a cache.
pub async fn open_store(url: &str, options: &[&str]) -> Arc<dyn MessageStore> {
    let config = in_process::config(&[&["--store", url, "--cache-bytes", "0"], options].concat());
    store::open(&config.store, serve::erasure(&config).staleness_bound, &StoreMetrics::default())
        .await
        .unwrap()
}

/// Timeouts short enough for a test.
pub const SHORT_TIMEOUTS: [&str; 4] =
    ["--redis-connect-timeout", "500ms", "--redis-command-timeout", "500ms"];
/// No request may take longer with these timeouts, even on a busy machine.
pub const MAX_REQUEST_TIME: Duration = Duration::from_secs(5);

pub fn message(text: &str) -> (MessageHash, Message) {
    (MessageHash::of(text.as_bytes()), Message::from(text.to_owned()))
}

pub async fn put(store: &dyn MessageStore, text: &str) -> Result<Put, StoreError> {
    let (hash, message) = message(text);
    let begun = Instant::now();
    let put = store.put(hash, message).await;
    assert!(begun.elapsed() < MAX_REQUEST_TIME, "{:?}", begun.elapsed());
    put
}

pub async fn get(store: &dyn MessageStore, text: &str) -> Result<Option<Message>, StoreError> {
    let begun = Instant::now();
    let got = store.get(message(text).0).await;
    assert!(begun.elapsed() < MAX_REQUEST_TIME, "{:?}", begun.elapsed());
    Ok(got?.map(|stored| stored.message))
}

/// Waits until the store is ready. It must become ready without a restart.
pub async fn wait_until_ready(store: &dyn MessageStore) {
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    while let Err(error) = store.ready().await {
        assert!(Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Repeats a put, as clients do, until the store acknowledges it.
pub async fn put_until_acknowledged(store: &dyn MessageStore, text: &str) -> Put {
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    loop {
        match put(store, text).await {
            Ok(put) => return put,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    }
}

/// Waits until the store is not ready, and returns the reason.
pub async fn wait_until_not_ready(store: &dyn MessageStore) -> String {
    let deadline = Instant::now() + FAILOVER_TIMEOUT;
    loop {
        if let Err(error) = store.ready().await {
            return error.to_string();
        }
        assert!(Instant::now() < deadline, "still ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
