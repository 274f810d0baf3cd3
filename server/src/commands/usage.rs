//! Prints the help, or one line about a wrong command line.

use std::error::Error as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};

use super::print_error;
use crate::config::Command;
use crate::streams;

/// Prints the help that was asked for, or the error in one line.
#[must_use]
pub fn print(error: &clap::Error) -> ExitCode {
    if !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        print_error(&format!("{} (see --help)", one_line(error)));
        return ExitCode::from(2);
    }
    let mut stdout = match streams::stdout() {
        Ok(stdout) => stdout,
        Err(error) => return cannot_write(&error),
    };
    match error.print().and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => cannot_write(&error),
        _ => ExitCode::SUCCESS, // a reader that closes the pipe early is not a failure
    }
}

fn cannot_write(error: &io::Error) -> ExitCode {
    print_error(&format!("stdout: {error}"));
    ExitCode::from(2)
}

fn one_line(error: &clap::Error) -> String {
    let text = match (error.kind(), error.get(ContextKind::InvalidArg), error.source()) {
        // Without the value, which may hold a password.
        (ErrorKind::ValueValidation, Some(option), Some(reason)) => {
            let option = option.to_string();
            let variable = Command::variable_for(&option).map(|name| format!(" or {name}"));
            format!("invalid value for '{option}'{}: {reason}", variable.unwrap_or_default())
        }
        _ => error.to_string(),
    };
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("For more"));
    let lines: Vec<_> = lines.map(hide_user).collect();
    let line = lines.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// Hides the rest of a URL with a user, and so maybe with a password, from its scheme to the last quote.
fn hide_user(line: &str) -> String {
    match line.split_once("://") {
        Some((before, rest)) if rest.contains('@') => {
            let after = rest.rsplit_once('\'').map_or("", |(_, after)| after);
            format!("{before}://...'{after}")
        }
        _ => line.to_owned(),
    }
}
