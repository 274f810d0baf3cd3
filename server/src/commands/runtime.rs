//! The tokio runtime of a command, and the signals that end the command.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::{FutureExt as _, Map};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{CommandError, print_error};

/// How long aborted requests may take to write their access-log line.
const LAST_LINES_TIMEOUT: Duration = Duration::from_millis(500);

/// A signal may be delivered twice: to the process, and to its group.
const DUPLICATE_SIGNAL_WINDOW: Duration = Duration::from_millis(500);

fn new_runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Runs `work` in a new runtime. Signals have their default effect.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = new_runtime().map_err(CommandError::Runtime)?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_LINES_TIMEOUT);
    Ok(done)
}

/// The effect of the first signal.
#[derive(Clone, Copy)]
pub enum OnSignal {
    /// A graceful shutdown, with exit code 0.
    ShutDown,
    /// An end at once, with exit code 1.
    Fail,
}

/// A runtime that handles signals from its start on, also while the command line is parsed: reading a file that an
/// option names may block.
pub struct InterruptibleRuntime {
    runtime: Runtime,
    is_running: Arc<AtomicBool>,
    stop: oneshot::Receiver<()>,
}

impl InterruptibleRuntime {
    /// Starts the runtime and the signal handlers.
    ///
    /// # Errors
    /// The system's, if it has no threads or signal handlers to give.
    pub fn start(on_signal: OnSignal) -> io::Result<Self> {
        let runtime = new_runtime()?;
        let first = {
            let _entered = runtime.enter();
            next_signal()?
        };
        let (sender, stop) = oneshot::channel();
        let is_running = Arc::<AtomicBool>::default();
        // A separate task, since the command may block on a file or on the reader of its output.
        runtime.spawn({
            let is_running = Arc::clone(&is_running);
            async move {
                first.await;
                match on_signal {
                    OnSignal::ShutDown if is_running.load(Ordering::SeqCst) => drop(sender.send(())),
                    OnSignal::ShutDown => std::process::exit(0),
                    OnSignal::Fail => {
                        print_error("interrupted; run the same again to go on");
                        std::process::exit(1);
                    }
                }
                tokio::time::sleep(DUPLICATE_SIGNAL_WINDOW).await;
                if let Ok(second) = next_signal() {
                    second.await;
                    log::warn!("a second signal: stopping at once");
                    log::logger().flush();
                    std::process::exit(1);
                }
            }
        });
        Ok(Self { runtime, is_running, stop })
    }

    /// Runs the work of a command. Its argument resolves at the first signal.
    pub(super) fn run<T>(self, work: impl AsyncFnOnce(Stopped) -> T) -> T {
        self.is_running.store(true, Ordering::SeqCst);
        let stopped: Stopped = self.stop.map(|_| ());
        let done = self.runtime.block_on(work(stopped));
        self.runtime.shutdown_timeout(LAST_LINES_TIMEOUT);
        done
    }
}

/// Resolves at the first signal.
pub(super) type Stopped = Map<oneshot::Receiver<()>, fn(Result<(), oneshot::error::RecvError>)>;

/// Resolves at the next SIGTERM, SIGINT or SIGHUP. A SIGHUP that was ignored at the start, as by `nohup`, stays
/// ignored.
fn next_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
    Ok(async move {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {}, _ = hung_up => {} }
    })
}

fn is_hangup_ignored() -> bool {
    let status = procfs::process::Process::myself().and_then(|process| process.status());
    status.is_ok_and(|status| status.sigign & 1 != 0)
}
