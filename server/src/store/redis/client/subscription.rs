//! A subscription to a channel: SUBSCRIBE on a separate connection.

use deadpool_redis::redis::aio::PubSubStream;
use futures::StreamExt as _;
use tokio::time::timeout;

use super::address::Address;
use super::dialer::Dialer;
use super::error::RedisClientError;

/// The texts that clients publish on a channel. Texts published while the connection is broken are lost.
pub struct Subscription(PubSubStream);

impl Subscription {
    /// Connects to this node and subscribes.
    pub(super) async fn open(
        dialer: &Dialer,
        node: &Address,
        channel: &str,
    ) -> Result<Self, RedisClientError> {
        let subscribe = async {
            let client = dialer.node(node).await?;
            let (mut sink, texts) = client.get_async_pubsub().await?.split();
            sink.subscribe(channel).await?;
            Ok::<_, RedisClientError>(Self(texts))
        };
        let limit = dialer.connect_timeout;
        let subscribed = timeout(limit, subscribe).await;
        let subscribed = subscribed
            .unwrap_or_else(|_| Err(RedisClientError::timed_out(format!("no reply within {limit:?}"))));
        subscribed.map_err(|error| error.with_node(node))
    }

    /// Returns the next text, or `None` when the connection has ended. A text that is not UTF-8 is returned as empty.
    pub async fn next(&mut self) -> Option<String> {
        Some(self.0.next().await?.get_payload::<String>().unwrap_or_default())
    }
}
