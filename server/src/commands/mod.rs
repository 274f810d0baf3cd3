//! The subcommands, one file for each.
//!
//! [`serve`] is the composition root of the server. `put`, `get`, `exists` and `hash` use the program as a client:
//! their exit codes are those of [`ClientError`], and only results go to stdout, so that it can be piped.

mod client;
mod client_options;
pub mod completions;
pub mod copy;
mod error;
pub mod exists;
pub mod export;
mod files;
pub mod get;
pub mod hash;
pub mod healthcheck;
pub mod import;
pub mod man;
mod output;
pub mod put;
pub mod runtime;
pub mod serve;
pub mod usage;

use std::io::{self, Write as _};
use std::time::SystemTime;

pub use self::client::ClientError;
pub(crate) use self::client_options::EXIT_CODES;
pub use self::client_options::{ClientOptions, LookupArgs};
pub use self::error::CommandError;
use crate::config::Command;
use crate::logging::{self, LogOptions};

/// Prints one line to stderr. A closed stderr is ignored.
pub fn print_error(text: &str) {
    let _ = writeln!(io::stderr(), "message-to-hash: {text}");
}

/// Checks that the clock is sane. Time stamps, certificates and the storage engine rely on it.
fn check_clock() -> Result<(), CommandError> {
    match SystemTime::UNIX_EPOCH.elapsed() {
        Ok(since_1970) if since_1970 < logging::YEAR_10000 => Ok(()),
        _ => Err(CommandError::Clock),
    }
}

fn start_logging(options: &LogOptions) -> Result<(), CommandError> {
    check_clock()?;
    logging::start(options).map_err(CommandError::Log)?;
    for line in Command::unknown_variables() {
        log::warn!("{line}");
    }
    Ok(())
}
