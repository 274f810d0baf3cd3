//! What one instance deletes it announces to all others (publish and subscribe), so that their caches need not wait.
//!
//! Nobody waits for an announcement, and one that is missed is made up for by how short copies are good.

use std::sync::{Arc, Once};
use std::time::Duration;

use deadpool_redis::redis::aio::PubSubStream;
use futures::stream::{self, BoxStream, StreamExt as _};
use tokio::time::{sleep, timeout};

use super::client::connection::Dialer;
use super::client::error::Failure;
use super::client::node::Node;
use super::client::topology::Topology;
use crate::message::MessageHash;
use crate::store::StoreError;

/// After a failure to subscribe.
const PAUSE: Duration = Duration::from_secs(1);
/// A connection that says nothing for this long may be dead.
const QUIET: Duration = Duration::from_secs(30);

/// Where announcements are made and heard.
#[derive(Clone)]
pub(super) struct Channel {
    name: String,
    topology: Arc<Topology>,
    dialer: Arc<Dialer>,
    cannot_tell: Arc<Once>,
}

impl Channel {
    /// The one of all stores with this prefix.
    pub(super) fn new(key_prefix: &str, topology: Arc<Topology>, dialer: Arc<Dialer>) -> Self {
        Self { name: format!("{key_prefix}deleted"), topology, dialer, cannot_tell: Arc::new(Once::new()) }
    }

    /// Announces a deletion by way of this node.
    pub(super) fn tell(&self, node: Arc<Node>, hash: MessageHash) {
        let channel = self.clone();
        tokio::spawn(async move {
            if let Err(failure) = node.publish(&channel.name, hash.digits().as_str()).await {
                let error = StoreError::from(failure);
                channel.cannot_tell.call_once(|| {
                    log::warn!(
                        "a deletion was not announced, and stays cached elsewhere for a while: {error}"
                    );
                });
            }
        });
    }

    /// What is announced, for ever.
    pub(super) fn hear(self) -> BoxStream<'static, MessageHash> {
        stream::unfold((self, None), |(channel, mut heard)| async move {
            loop {
                let mut announcements = match heard.take() {
                    Some(announcements) => announcements,
                    None => channel.subscribe_at_last().await,
                };
                let Ok(Some(announcement)) = timeout(QUIET, announcements.next()).await else { continue };
                heard = Some(announcements);
                let text = announcement.get_payload::<String>().unwrap_or_default();
                if let Some(hash) = MessageHash::parse(&text) {
                    return Some((hash, (channel, heard)));
                }
            }
        })
        .boxed()
    }

    async fn subscribe_at_last(&self) -> PubSubStream {
        let mut is_first = true;
        loop {
            match self.subscribe().await {
                Ok(announcements) => return announcements,
                Err(failure @ (Failure::Refused(_) | Failure::NotOffered(_))) if is_first => {
                    let error = StoreError::from(failure);
                    log::warn!(
                        "what other instances delete is not heard of, and stays cached for a while: {error}"
                    );
                }
                Err(failure) => log::debug!("announcements: {}", StoreError::from(failure)),
            }
            is_first = false;
            sleep(PAUSE).await;
        }
    }

    async fn subscribe(&self) -> Result<PubSubStream, Failure> {
        let shards = self.topology.shards().await?;
        // In a Cluster, too, one node hears them all. Another one each time, since one may be dead.
        let Some(shard) = fastrand::choice(&shards) else {
            return Err(Failure::Cut("there is no node".to_owned()));
        };
        let address = &shard.primary.address;
        let connect = async {
            let client = self.dialer.client(address).await?;
            let (mut sink, announcements) = client.get_async_pubsub().await?.split();
            sink.subscribe(&self.name).await?;
            Ok::<_, Failure>(announcements)
        };
        let connected = timeout(self.dialer.connect_timeout, connect).await;
        let connected = connected.unwrap_or_else(|_| Err(Failure::TimedOut("no answer in time".to_owned())));
        connected.map_err(|failure| failure.of(address))
    }
}
