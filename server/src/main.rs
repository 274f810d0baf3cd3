//! The program: reads the command line, starts logging, opens what it needs, runs, and says how it ended.
//!
//! Exit codes: 0 done, 1 it could not start or is not healthy, 2 it was not asked rightly. Those of a client are
//! [`cli`]'s.

use std::error::Error;
use std::io::{self, Write};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::{ContextKind, ErrorKind};
use message_to_hash::config::{Command, Config, Limits, LogOptions};
use message_to_hash::identity::Access;
use message_to_hash::metrics::Metrics;
use message_to_hash::{Listeners, admin, cli, logging, run, store, transfer};
use tokio::signal::unix::{SignalKind, signal};

/// Takes a third of the instructions of the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let command = match Command::read(std::env::args_os()) {
        Ok(command) => command,
        Err(error) => return refuse(&error),
    };
    let done = match command {
        Command::Serve(config) => serve(*config),
        Command::Healthcheck(asked) => in_runtime(admin::healthcheck(&asked)).flatten(),
        Command::Export(asked) => unless_stopped(&asked.log, transfer::export(&asked)),
        Command::Import(asked) => unless_stopped(&asked.log, transfer::import(&asked)),
        Command::Copy(asked) => unless_stopped(&asked.log, transfer::copy(&asked)),
        Command::Put(asked) => return as_client(in_runtime(cli::put(&asked))),
        Command::Get(asked) => return as_client(in_runtime(cli::get(&asked))),
        Command::Exists(asked) => return as_client(in_runtime(cli::exists(&asked))),
        Command::Hash(asked) => return as_client(Ok(cli::hash(&asked))),
        Command::Completions(asked) => return as_client(Ok(cli::completions(&asked))),
        Command::Man(asked) => return as_client(Ok(cli::man(&asked))),
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
        let _ = error.print(); // a reader that closes the pipe early is no failure
        return ExitCode::SUCCESS;
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

fn serve(mut config: Config) -> Result<(), String> {
    logging::start(&config.log).map_err(|error| format!("cannot log: {error}"))?;
    spare_files(&mut config.limits);
    let config = &config;
    in_runtime(async {
        let shutdown = asked_to_stop().map_err(|error| format!("cannot wait for signals: {error}"))?;
        let mut shutdown = pin!(shutdown);
        let metrics = Metrics::default();
        let open = async {
            let listeners = Listeners::bind(config).await.map_err(|error| error.to_string())?;
            let store = store::open(&config.store, config.withdrawn_within(), &metrics.store)
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
    .flatten()
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

fn unless_stopped(
    log: &LogOptions,
    work: impl Future<Output = Result<(), transfer::Failed>>,
) -> Result<(), String> {
    logging::start(log).map_err(|error| format!("cannot log: {error}"))?;
    in_runtime(async {
        let stop = asked_to_stop().map_err(|error| format!("cannot wait for signals: {error}"))?;
        // A task, since whoever reads what `work` writes may have it wait.
        tokio::spawn(async {
            stop.await;
            complain("interrupted; run the same again to go on");
            std::process::exit(1);
        });
        work.await.map_err(|error| error.to_string())
    })
    .flatten()
}

/// What is given up is logged as such, unless a disk hangs.
const LAST_LINES: Duration = Duration::from_millis(500);

fn in_runtime<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the runtime: {error}"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_LINES);
    Ok(done)
}

/// One signal may be delivered twice: to the process, and to its group.
const SAME_SIGNAL: Duration = Duration::from_millis(500);

/// Resolves at the first SIGTERM or SIGINT; a second one ends the process.
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    let first = next_signal()?;
    Ok(async move {
        first.await;
        tokio::spawn(async {
            tokio::time::sleep(SAME_SIGNAL).await;
            if let Ok(second) = next_signal() {
                second.await;
                log::warn!("a second signal: stopping at once");
                log::logger().flush();
                std::process::exit(1);
            }
        });
    })
}

fn next_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    })
}
