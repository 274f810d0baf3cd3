//! The program: reads the command line, starts logging, opens what it needs, runs, and says how it ended.
//!
//! Exit codes: 0 done, 1 it could not start or is not healthy, 2 it was not asked rightly.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};
use message_to_hash::config::{Command, CommandLine, Config};
use message_to_hash::{Listeners, admin, logging, run, store};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let command = match CommandLine::try_parse().and_then(CommandLine::command) {
        Ok(command) => command,
        Err(error) => return refuse(&error),
    };
    let done = match command {
        Command::Serve(config) => serve(&config),
        Command::Healthcheck(asked) => in_runtime(admin::healthcheck(asked.admin_listen)),
    };
    log::logger().flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("message-to-hash: {cause}");
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
            format!("invalid value for '{option}': {reason}")
        }
        _ => error.to_string(),
    };
    let what = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let what: Vec<_> = what.filter(|line| !line.is_empty() && !line.starts_with("For more")).collect();
    let what = what.join(" ");
    eprintln!("message-to-hash: {} (see --help)", what.strip_prefix("error: ").unwrap_or(&what));
    ExitCode::from(2)
}

fn serve(config: &Config) -> Result<(), String> {
    logging::start(&config.log).map_err(|error| format!("cannot log: {error}"))?;
    // Each connection takes a file descriptor; the default limit of many systems is 1024.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        log::warn!("cannot raise the limit of open files: {error}");
    }
    in_runtime(async {
        let listeners = Listeners::bind(config).await.map_err(|error| error.to_string())?;
        let store =
            store::open(&config.store.to_open()).await.map_err(|error| format!("--store: {error}"))?;
        let shutdown = asked_to_stop().map_err(|error| format!("cannot wait for signals: {error}"))?;
        run(config, store, listeners, shutdown).await.map_err(|error| error.to_string())
    })
}

fn in_runtime(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the runtime: {error}"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// Resolves at the first SIGTERM or SIGINT; the second ends the process.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            log::warn!("a second signal: stopping at once");
            log::logger().flush();
            std::process::exit(1);
        });
    })
}
