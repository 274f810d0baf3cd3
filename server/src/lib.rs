//! messageToHash: gives a message its SHA-256 digest and, later, the message back for the digest.
//!
//! A request goes in a straight line: [`http`] bounds it, asks [`identity`] whether it may, and then the
//! generated service, which calls [`api`], which asks a [`store`]; [`message`] is what it is all about. `docs` is
//! the contract, served beside it.
//! [`config`] says how to run, and [`run`] puts the parts together. [`transfer`] moves messages between stores.
//! [`cli`] asks a server that is already there.
//!
//! What must never be:
//! - `store` and `message` know neither hyper nor the generated types.
//! - Only `config` reads the environment; only `api` chooses an operation's status.
//! - Nothing that a store gives back is served unless it has the hash that was asked for.
//! - No text of a message and no token is in a log line.

pub mod admin;
pub mod api;
pub mod blocked;
pub mod cli;
pub mod config;
pub mod context;
mod docs;
pub mod http;
pub mod identity;
pub mod logging;
pub mod message;
pub mod metrics;
pub mod problem;
mod progress;
pub mod store;
pub mod streams;
pub mod transfer;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use log::{info, warn};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::admin::Admin;
use crate::api::{Erasure, Messages};
use crate::config::{Config, StoreKind};
use crate::http::{Handler, listener};
use crate::identity::Access;
use crate::metrics::Metrics;
use crate::store::MessageStore;

/// The sockets that the server accepts connections on.
pub struct Listeners {
    /// The API.
    pub api: TcpListener,
    /// What operators ask.
    pub admin: TcpListener,
}

/// A socket that could not be opened: its option, its address and why.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} (--{option}): {cause}")]
pub struct BindError {
    option: &'static str,
    address: SocketAddr,
    cause: io::Error,
}

impl Listeners {
    /// Opens both sockets.
    ///
    /// # Errors
    /// [`BindError`] where an address is in use or not ours.
    pub async fn bind(config: &Config) -> Result<Self, BindError> {
        Ok(Self {
            api: bind("listen", config.listen).await?,
            admin: bind("admin-listen", config.admin.admin_listen).await?,
        })
    }
}

async fn bind(option: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|cause| BindError { option, address, cause })
}

/// Serves `store` to whom `access` lets until `shutdown` resolves, and then ends in good order: says that it
/// is not ready, still accepts for a while, answers what it accepted, closes the store.
///
/// # Errors
/// Where a listener has no address.
pub async fn run(
    config: &Config,
    store: Arc<dyn MessageStore>,
    access: Access,
    metrics: Metrics,
    listeners: Listeners,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let access = Arc::new(access);
    let erasure =
        Erasure { deletes: access.is_enabled(), blocked: config.erasure.blocked_hashes_file.clone() };
    let messages = Messages::new(
        Arc::clone(&store),
        config.limits.max_message_bytes.as_u64(),
        config.store.store_timeout,
        access.reads_are_private(),
        erasure,
    );
    let handler = Arc::new(Handler::new(messages, Arc::clone(&access), metrics.http.clone(), config));
    let admin = Arc::new(Admin::new(Arc::clone(&store), Arc::clone(&access), metrics));
    let (stop, stopped) = watch::channel(());
    // What ends with the server and needs no good order.
    let mut background = JoinSet::new();
    if let StoreKind::Embedded { folder } = config.store.kind() {
        info!("messages are in {}", std::path::absolute(folder)?.display());
        background.spawn(transfer::share(folder, Arc::clone(&store)));
    }
    if let StoreKind::Redis(_) = config.store.kind() {
        background.spawn(store::watch(Arc::clone(&store)));
    }
    if let Some(blocked) = &config.erasure.blocked_hashes_file {
        background.spawn(Arc::clone(blocked).keep_fresh());
    }
    info!(
        "serving on http://{}, admin on http://{}",
        listeners.api.local_addr()?,
        listeners.admin.local_addr()?
    );

    let api_server = tokio::spawn({
        let (handler, limits, mut stopped) = (Arc::clone(&handler), config.limits.clone(), stopped);
        async move {
            let service = move |request, peer| Arc::clone(&handler).handle(request, peer);
            listener::serve(listeners.api, &limits, service, async move { drop(stopped.changed().await) })
                .await;
        }
    });
    background.spawn({
        let (admin, limits) = (Arc::clone(&admin), config.limits.clone());
        async move {
            let service = move |request, _| Arc::clone(&admin).handle(request);
            listener::serve(listeners.admin, &limits, service, std::future::pending()).await;
        }
    });

    background.spawn(async move { access.keep_fresh().await });

    shutdown.await;
    info!("stopping: not ready, and accepting for {:?} more", config.shutdown.shutdown_delay);
    admin.drain();
    handler.drain();
    sleep(config.shutdown.shutdown_delay).await;
    drop(stop);
    if timeout(config.shutdown.shutdown_grace, api_server).await.is_err() {
        warn!("some requests were not answered within {:?}", config.shutdown.shutdown_grace);
    }
    background.shutdown().await;
    store.close().await;
    info!("stopped");
    Ok(())
}
