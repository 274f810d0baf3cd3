//! The program: parses the command line, runs the command, and returns its exit code.
//!
//! Exit codes: 0 success, 1 the command failed, 2 the command line is wrong. The client commands have those of
//! [`ClientError`].

use std::process::ExitCode;

use message_to_hash::commands::runtime::{InterruptibleRuntime, OnSignal};
use message_to_hash::commands::{
    ClientError, completions, copy, exists, export, get, hash, healthcheck, import, man, print_error, put,
    serve, usage,
};
use message_to_hash::config::Command;
use message_to_hash::error_chain::chain;
use rustix::fs::Mode;

/// Takes a third of the instructions of the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // New files and folders are accessible to their owner only.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let arguments: Vec<_> = std::env::args_os().collect();
    let on_signal = match Command::name_in(&arguments).as_deref() {
        Some("serve") => Some(OnSignal::ShutDown),
        Some("export" | "import" | "copy") => Some(OnSignal::Fail),
        _ => None, // signals have their default effect
    };
    let runtime = match on_signal.map(InterruptibleRuntime::start).transpose() {
        Ok(runtime) => runtime,
        Err(error) => {
            print_error(&format!("cannot wait for signals: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let command = match Command::read(arguments) {
        Ok(command) => command,
        Err(error) => return usage::print(&error),
    };
    let done = match (command, runtime) {
        (Command::Serve(config), Some(runtime)) => serve::run(*config, runtime),
        (Command::Export(args), Some(runtime)) => export::run(&args, runtime),
        (Command::Import(args), Some(runtime)) => import::run(&args, runtime),
        (Command::Copy(args), Some(runtime)) => copy::run(&args, runtime),
        (Command::Healthcheck(args), _) => healthcheck::run(&args),
        (Command::Put(args), _) => return client_exit_code(put::run(&args)),
        (Command::Get(args), _) => return client_exit_code(get::run(&args)),
        (Command::Exists(args), _) => return client_exit_code(exists::run(&args)),
        (Command::Hash(args), _) => return client_exit_code(hash::run(&args)),
        (Command::Completions(args), _) => return client_exit_code(completions::run(&args)),
        (Command::Man(args), _) => return client_exit_code(man::run(&args)),
        (Command::Serve(_) | Command::Export(_) | Command::Import(_) | Command::Copy(_), None) => {
            print_error("the command was not recognised");
            return ExitCode::FAILURE;
        }
    };
    log::logger().flush();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&chain(&error).to_string());
            ExitCode::FAILURE
        }
    }
}

fn client_exit_code(done: Result<(), ClientError>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The other texts contain their causes.
            match &error {
                ClientError::Start(error) => print_error(&chain(error).to_string()),
                error => print_error(&error.to_string()),
            }
            ExitCode::from(error.exit_code())
        }
    }
}
