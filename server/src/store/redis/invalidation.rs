//! Publishes deletions to the other instances, so that they remove deleted messages from their caches.
//!
//! Delivery is not guaranteed, and a DELETE does not wait for it. An instance that misses a deletion serves its cached
//! copy until the staleness bound ends.

use std::sync::{Arc, Once};
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt as _};
use tokio::time::{sleep, timeout};

use super::client::{Node, RedisClient, RedisClientErrorKind, Subscription};
use crate::message::MessageHash;

/// The time between two attempts to subscribe.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// A connection without any announcement for this long may be dead, and is replaced.
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// The channel on which instances announce deletions.
#[derive(Clone)]
pub(super) struct InvalidationChannel {
    name: String,
    client: Arc<RedisClient>,
    publish_warning: Arc<Once>,
}

impl InvalidationChannel {
    /// All stores with the same prefix share a channel.
    pub(super) fn new(key_prefix: &str, client: Arc<RedisClient>) -> Self {
        Self { name: format!("{key_prefix}deleted"), client, publish_warning: Arc::new(Once::new()) }
    }

    /// Publishes a deletion on this node, in the background.
    pub(super) fn publish(&self, node: Arc<Node>, hash: MessageHash) {
        let channel = self.clone();
        tokio::spawn(async move {
            if let Err(error) = node.publish(&channel.name, hash.digits().as_str()).await {
                channel.publish_warning.call_once(|| {
                    log::warn!(
                        "a deletion was not announced, so other instances may serve the message from their caches \
                         a little longer: {}",
                        error.with_causes()
                    );
                });
            }
        });
    }

    /// Returns a stream of the hashes that any instance deletes. It never ends.
    pub(super) fn subscribe(self) -> BoxStream<'static, MessageHash> {
        stream::unfold((self, None), |(channel, mut open)| async move {
            loop {
                let mut subscription = match open.take() {
                    Some(subscription) => subscription,
                    None => channel.open_subscription().await,
                };
                let Ok(Some(text)) = timeout(MAX_SILENCE, subscription.next()).await else { continue };
                open = Some(subscription);
                if let Some(hash) = MessageHash::parse(&text) {
                    return Some((hash, (channel, open)));
                }
            }
        })
        .boxed()
    }

    /// Subscribes, and repeats that until it succeeds.
    async fn open_subscription(&self) -> Subscription {
        let mut is_first = true;
        loop {
            match self.client.subscribe(&self.name).await {
                Ok(subscription) => return subscription,
                Err(error)
                    if is_first
                        && matches!(
                            error.kind,
                            RedisClientErrorKind::Refused | RedisClientErrorKind::NotOffered
                        ) =>
                {
                    log::warn!(
                        "cannot subscribe to deletions, so messages that other instances delete stay cached a little \
                         longer: {}",
                        error.with_causes()
                    );
                }
                Err(error) => log::debug!("cannot subscribe to deletions: {}", error.with_causes()),
            }
            is_first = false;
            sleep(RETRY_INTERVAL).await;
        }
    }
}
