//! `serve`: the composition root. Opens the parts of the server, connects them, and ends them in order.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use log::{info, warn};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::runtime::InterruptibleRuntime;
use super::{CommandError, start_logging};
use crate::admin::Admin;
use crate::api::{Erasure, Messages};
use crate::config::Config;
use crate::http::{Handler, HandlerOptions, Limits, listener};
use crate::identity::Access;
use crate::metrics::Metrics;
use crate::store::{self, MessageStore, StoreKind};
use crate::{streams, transfer};

/// File descriptors that are kept for the files of a store.
const MAX_STORE_FILES: u64 = 1024;

/// The sockets on which the server accepts connections.
pub struct Listeners {
    /// The API.
    pub api: TcpListener,
    /// The admin listener.
    pub admin: TcpListener,
}

/// A socket cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} (--{option})")]
pub struct BindError {
    option: &'static str,
    address: SocketAddr,
    source: io::Error,
}

impl Listeners {
    /// Opens both sockets.
    ///
    /// # Errors
    /// [`BindError`] if an address is in use, or not an address of this machine.
    pub async fn bind(config: &Config) -> Result<Self, BindError> {
        Ok(Self {
            api: bind("listen", config.listen).await?,
            admin: bind("admin-listen", config.admin.admin_listen).await?,
        })
    }
}

async fn bind(option: &'static str, address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { option, address, source })
}

/// The opened parts of a server.
pub struct ServerParts {
    /// The sockets.
    pub listeners: Listeners,
    /// The store with its decorators.
    pub store: Arc<dyn MessageStore>,
    /// The clients' permissions.
    pub access: Access,
    /// How messages can be deleted and blocked.
    pub erasure: Erasure,
    /// The metrics, which the parts share.
    pub metrics: Metrics,
}

impl ServerParts {
    /// Opens the parts.
    ///
    /// # Errors
    /// [`CommandError`] for the first part that cannot be opened.
    pub async fn open(config: &Config) -> Result<Self, CommandError> {
        let metrics = Metrics::default();
        let erasure = erasure(config);
        let listeners = Listeners::bind(config).await?;
        let store = store::open(&config.store, erasure.staleness_bound, &metrics.store)
            .await
            .map_err(CommandError::Store)?;
        let access = Access::open(config.identity.issuer()).await?;
        Ok(Self { listeners, store, access, erasure, metrics })
    }
}

/// How messages can be deleted and blocked. Clients may delete messages if they have identities.
#[must_use]
pub fn erasure(config: &Config) -> Erasure {
    config.erasure.erasure(config.identity.issuer().is_some())
}

/// Serves until the first signal.
///
/// # Errors
/// [`CommandError`] if the server cannot start.
pub fn run(mut config: Config, runtime: InterruptibleRuntime) -> Result<(), CommandError> {
    start_logging(&config.log)?;
    if let Err(error) = streams::stdout() {
        warn!("requests are not logged: stdout: {error}");
    }
    raise_fd_limit(&mut config.limits);
    let config = &config;
    runtime.run(async |shutdown| {
        let mut shutdown = pin!(shutdown);
        let parts = tokio::select! {
            opened = ServerParts::open(config) => opened?,
            () = &mut shutdown => return Ok(()),
        };
        Ok(run_until_signal(config, parts, shutdown).await?)
    })
}

/// Raises the limit of file descriptors, of which each connection and each file of a store takes one. The default
/// limit of many systems is 1024.
fn raise_fd_limit(limits: &mut Limits) {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => {
            let connections = usize::try_from(files - MAX_STORE_FILES.min(files / 2)).unwrap_or(usize::MAX);
            if connections < limits.max_connections {
                warn!("{connections} connections at a time: the limit of open files is {files}");
                limits.max_connections = connections;
            }
        }
        Err(error) => warn!("cannot raise the limit of open files: {error}"),
    }
}

/// Serves until `signal` resolves, and then shuts down gracefully. The server reports that it is not ready, accepts
/// connections for the shutdown delay, answers the accepted requests, and closes the store.
///
/// # Errors
/// The system's, if a listener has no address or the current folder has no path.
pub async fn run_until_signal(
    config: &Config,
    parts: ServerParts,
    signal: impl Future<Output = ()>,
) -> io::Result<()> {
    let ServerParts { listeners, store, access, erasure, metrics } = parts;
    let access = Arc::new(access);
    // Tasks that are aborted at the end.
    let mut background = JoinSet::new();
    start_store_tasks(config.store.kind(), &store, &mut background)?;
    if let Some(blocked) = &erasure.blocked {
        background.spawn(Arc::clone(blocked).keep_fresh());
    }
    let messages = Messages::new(
        Arc::clone(&store),
        config.limits.max_message_bytes.as_u64(),
        config.store.store_timeout,
        access.reads_are_private(),
        erasure,
    );
    let options = HandlerOptions {
        limits: &config.limits,
        cors: &config.cors,
        proxies: &config.proxies,
        log_format: config.log.log_format,
    };
    let handler = Arc::new(Handler::new(messages, Arc::clone(&access), metrics.http.clone(), &options));
    let admin = Arc::new(Admin::new(Arc::clone(&store), Arc::clone(&access), metrics));
    let (stop, stopped) = watch::channel(());
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

    signal.await;
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

/// Starts the tasks that this kind of store needs.
fn start_store_tasks(
    kind: &StoreKind,
    store: &Arc<dyn MessageStore>,
    background: &mut JoinSet<()>,
) -> io::Result<()> {
    match kind {
        StoreKind::Embedded { folder } => {
            info!("messages are in {}", std::path::absolute(folder)?.display());
            background.spawn(transfer::share(folder, Arc::clone(store)));
        }
        StoreKind::Redis(_) => {
            background.spawn(store::watch(Arc::clone(store)));
        }
        StoreKind::Memory { .. } => {}
    }
    Ok(())
}
