//! A server in the process of the test, with a store of the test: for failures that no real store shows on demand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Once, PoisonError};

use message_to_hash::commands::serve::{Listeners, ServerParts, erasure, run_until_signal};
use message_to_hash::config::{Command, Config};
use message_to_hash::identity::Access;
use message_to_hash::metrics::Metrics;
use message_to_hash::store::MessageStore;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server in this process; stopped when dropped.
pub struct InProcess {
    pub api: SocketAddr,
    pub admin: SocketAddr,
    _stop: oneshot::Sender<()>,
    _task: JoinHandle<std::io::Result<()>>,
}

/// Parses these options of `serve`, with free ports as a default.
pub fn config(options: &[&str]) -> Config {
    let defaults = ["message-to-hash", "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    match Command::read(defaults.iter().chain(options).map(Into::into)) {
        Ok(Command::Serve(config)) => *config,
        other => panic!("{other:?}"),
    }
}

/// Starts a server with this store.
pub async fn serve(store: Arc<dyn MessageStore>, options: &[&str]) -> InProcess {
    install_logger();
    let config = config(options);
    let listeners = Listeners::bind(&config).await.expect("free ports");
    let (api, admin) = (listeners.api.local_addr().unwrap(), listeners.admin.local_addr().unwrap());
    let access = Access::open(config.identity.issuer()).await.expect("the issuer's keys");
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let (erasure, metrics) = (erasure(&config), Metrics::default());
        let parts = ServerParts { listeners, store, access, erasure, metrics };
        run_until_signal(&config, parts, async { drop(stopped.await) }).await
    });
    InProcess { api, admin, _stop: stop, _task: task }
}

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Returns the lines with `text` that this process has logged. Search for a unique span id, because tests run
/// concurrently.
pub fn logged(text: &str) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.iter().filter(|line| line.contains(text)).cloned().collect()
}

fn install_logger() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Capture).expect("no other logger");
        log::set_max_level(log::LevelFilter::Info);
    });
}

struct Capture;

impl log::Log for Capture {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }

    fn log(&self, record: &log::Record) {
        let span = record.key_values().get("span".into()).map(|span| format!("[{span}] "));
        let (level, target, args) = (record.level(), record.target(), record.args());
        let line = format!("{level} {target} {}{args}", span.unwrap_or_default());
        LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}
