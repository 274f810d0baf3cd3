//! The program: reads the command line, starts logging, opens what it needs, runs, and says how it ended.
//!
//! Exit codes: 0 done, 1 it could not start or is not healthy, 2 it was not asked rightly. Those of a client are
//! [`cli`]'s.

use std::error::Error;
use std::io::{self, Write};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use clap::error::{ContextKind, ErrorKind};
use futures::future::{FutureExt as _, Map};
use message_to_hash::config::{Command, Config, Limits, LogOptions};
use message_to_hash::identity::Access;
use message_to_hash::metrics::Metrics;
use message_to_hash::{Listeners, admin, cli, logging, run, store, streams, transfer};
use rustix::fs::Mode;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Takes a third of the instructions of the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Whatever is made here is for its owner alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let arguments: Vec<_> = std::env::args_os().collect();
    let interruption = match Command::name_in(&arguments).as_deref() {
        Some("serve") => Some(Interruption::Stop),
        Some("export" | "import" | "copy") => Some(Interruption::Fail),
        _ => None, // the default of the system is right for the others
    };
    let runtime = match interruption.map(InterruptibleRuntime::start).transpose() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("cannot wait for signals: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let command = match Command::read(arguments) {
        Ok(command) => command,
        Err(error) => return refuse(&error),
    };
    let done = match (command, runtime) {
        (Command::Serve(config), Some(runtime)) => serve(*config, runtime),
        (Command::Export(asked), Some(runtime)) => transfer(&asked.log, transfer::export(&asked), runtime),
        (Command::Import(asked), Some(runtime)) => transfer(&asked.log, transfer::import(&asked), runtime),
        (Command::Copy(asked), Some(runtime)) => transfer(&asked.log, transfer::copy(&asked), runtime),
        (Command::Healthcheck(asked), _) => in_runtime(admin::healthcheck(&asked)).flatten(),
        (Command::Put(asked), _) => return as_client(ask_server(cli::put(&asked))),
        (Command::Get(asked), _) => return as_client(ask_server(cli::get(&asked))),
        (Command::Exists(asked), _) => return as_client(ask_server(cli::exists(&asked))),
        (Command::Hash(asked), _) => return as_client(Ok(cli::hash(&asked))),
        (Command::Completions(asked), _) => return as_client(Ok(cli::completions(&asked))),
        (Command::Man(asked), _) => return as_client(Ok(cli::man(&asked))),
        (Command::Serve(_) | Command::Export(_) | Command::Import(_) | Command::Copy(_), None) => {
            Err("the command was not recognised".to_owned())
        }
    };
    log::logger().flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            complain(&cause);
            ExitCode::FAILURE
        }
    }
}

/// Prints help, or what is wrong with the command line in one line.
fn refuse(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let mut stdout = match streams::stdout() {
            Ok(stdout) => stdout,
            Err(error) => return cannot_write(&error),
        };
        return match error.print().and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => cannot_write(&error),
            _ => ExitCode::SUCCESS, // a reader that closes the pipe early is no failure
        };
    }
    let text = match (error.kind(), error.get(ContextKind::InvalidArg), error.source()) {
        // Without the value: it may hold a password.
        (ErrorKind::ValueValidation, Some(option), Some(reason)) => {
            let option = option.to_string();
            let variable = Command::variable_for(&option).map(|name| format!(" or {name}"));
            format!("invalid value for '{option}'{}: {reason}", variable.unwrap_or_default())
        }
        _ => error.to_string(),
    };
    let what = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let what = what.filter(|line| !line.is_empty() && !line.starts_with("For more"));
    let what: Vec<_> = what.map(without_user).collect();
    let what = what.join(" ");
    complain(&format!("{} (see --help)", what.strip_prefix("error: ").unwrap_or(&what)));
    ExitCode::from(2)
}

fn cannot_write(error: &io::Error) -> ExitCode {
    complain(&format!("stdout: {error}"));
    ExitCode::from(2)
}

/// Leaves out what follows the scheme of a URL with a user, and so maybe with a password, up to its last quote.
fn without_user(line: &str) -> String {
    match line.split_once("://") {
        Some((before, rest)) if rest.contains('@') => {
            let behind = rest.rsplit_once('\'').map_or("", |(_, behind)| behind);
            format!("{before}://...'{behind}")
        }
        _ => line.to_owned(),
    }
}

/// One line on stderr; whoever has closed it does not want to know.
fn complain(cause: &str) {
    let _ = writeln!(io::stderr(), "message-to-hash: {cause}");
}

/// The exit codes of a client tell more.
fn as_client(done: Result<Result<(), cli::Failed>, String>) -> ExitCode {
    match done {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(why)) => {
            complain(&why.to_string());
            ExitCode::from(why.code())
        }
        Err(cause) => {
            complain(&cause);
            ExitCode::from(2)
        }
    }
}

/// Does the work of a client.
fn ask_server(
    work: impl Future<Output = Result<(), cli::Failed>>,
) -> Result<Result<(), cli::Failed>, String> {
    for line in Command::unknown_variables() {
        complain(&line);
    }
    check_clock()?;
    in_runtime(work)
}

/// Time-stamps, certificates and the storage engine take this for granted.
fn check_clock() -> Result<(), String> {
    match SystemTime::UNIX_EPOCH.elapsed() {
        Ok(since_1970) if since_1970 < logging::YEAR_10000 => Ok(()),
        _ => Err("the clock of this machine is before 1970 or after 9999: set it".to_owned()),
    }
}

fn start_logging(options: &LogOptions) -> Result<(), String> {
    check_clock()?;
    logging::start(options).map_err(|error| format!("cannot log: {error}"))?;
    for line in Command::unknown_variables() {
        log::warn!("{line}");
    }
    Ok(())
}

fn serve(mut config: Config, runtime: InterruptibleRuntime) -> Result<(), String> {
    start_logging(&config.log)?;
    if let Err(error) = streams::stdout() {
        log::warn!("requests are not logged: stdout: {error}");
    }
    spare_files(&mut config.limits);
    let config = &config;
    runtime.run(async |shutdown| {
        let mut shutdown = pin!(shutdown);
        let metrics = Metrics::default();
        let open = async {
            let listeners = Listeners::bind(config).await.map_err(|error| error.to_string())?;
            let store = store::open(&config.store, config.staleness_bound(), &metrics.store)
                .await
                .map_err(|error| format!("--store: {error}"))?;
            let access = Access::open(config.identity.issuer()).await?;
            Ok::<_, String>((listeners, store, access))
        };
        let (listeners, store, access) = tokio::select! {
            opened = open => opened?,
            () = &mut shutdown => return Ok(()),
        };
        run(config, store, access, metrics, listeners, shutdown).await.map_err(|error| error.to_string())
    })
}

fn transfer(
    log: &LogOptions,
    work: impl Future<Output = Result<(), transfer::TransferError>>,
    runtime: InterruptibleRuntime,
) -> Result<(), String> {
    start_logging(log)?;
    runtime.run(async |_| work.await.map_err(|error| error.to_string()))
}

/// Each connection takes a file descriptor, and so does each file of a store. The default limit of many systems is
/// 1024, and may be raised.
fn spare_files(limits: &mut Limits) {
    const MOST_OF_A_STORE: u64 = 1024;
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => {
            let connections = usize::try_from(files - MOST_OF_A_STORE.min(files / 2)).unwrap_or(usize::MAX);
            if connections < limits.max_connections {
                log::warn!("{connections} connections at a time: the limit of open files is {files}");
                limits.max_connections = connections;
            }
        }
        Err(error) => log::warn!("cannot raise the limit of open files: {error}"),
    }
}

/// What is given up is logged as such, unless a disk hangs.
const LAST_LINES: Duration = Duration::from_millis(500);

fn new_runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn in_runtime<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = new_runtime().map_err(|error| format!("cannot start the runtime: {error}"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_LINES);
    Ok(done)
}

/// What the first signal means to a command.
#[derive(Clone, Copy)]
enum Interruption {
    /// The end of a server in good order, which may take a while.
    Stop,
    /// The end of a transfer before it is done.
    Fail,
}

/// A runtime that waits for signals from its beginning, also while the command line is read: a file that an option
/// names may keep it waiting.
struct InterruptibleRuntime {
    runtime: Runtime,
    is_running: Arc<AtomicBool>,
    stop: oneshot::Receiver<()>,
}

/// One signal may be delivered twice: to the process, and to its group.
const SAME_SIGNAL: Duration = Duration::from_millis(500);

impl InterruptibleRuntime {
    fn start(interruption: Interruption) -> io::Result<Self> {
        let runtime = new_runtime()?;
        let first = {
            let _entered = runtime.enter();
            next_signal()?
        };
        let (sender, stop) = oneshot::channel();
        let is_running = Arc::<AtomicBool>::default();
        // A task, since the command may wait for a file, or for the reader of what it writes.
        runtime.spawn({
            let is_running = Arc::clone(&is_running);
            async move {
                first.await;
                match interruption {
                    Interruption::Stop if is_running.load(Ordering::SeqCst) => drop(sender.send(())),
                    Interruption::Stop => std::process::exit(0),
                    Interruption::Fail => {
                        complain("interrupted; run the same again to go on");
                        std::process::exit(1);
                    }
                }
                tokio::time::sleep(SAME_SIGNAL).await;
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

    /// Does the work of a command, which is told of the first signal.
    fn run<T>(self, work: impl AsyncFnOnce(Stopped) -> T) -> T {
        self.is_running.store(true, Ordering::SeqCst);
        let stopped: Stopped = self.stop.map(|_| ());
        let done = self.runtime.block_on(work(stopped));
        self.runtime.shutdown_timeout(LAST_LINES);
        done
    }
}

/// Resolves at the first signal.
type Stopped = Map<oneshot::Receiver<()>, fn(Result<(), oneshot::error::RecvError>)>;

/// Resolves at the next SIGTERM, SIGINT or SIGHUP. One that was ignored at the start, as by `nohup`, stays ignored.
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
