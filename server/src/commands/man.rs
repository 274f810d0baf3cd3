//! `man`: prints a manual page.

use clap::Args;

use super::{ClientError, output};
use crate::config::Command;

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command to describe. The default is the whole program.
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// Prints the page of the program, or of one of its commands.
///
/// # Errors
/// [`ClientError`] if the command is unknown, or stdout cannot be written.
pub fn run(args: &ManArgs) -> Result<(), ClientError> {
    let mut program = Command::definition();
    program.build();
    let subject = match &args.command {
        None => &program,
        Some(name) => program
            .find_subcommand(name)
            .ok_or_else(|| ClientError::Option("COMMAND", format!("there is no {name:?}").into()))?,
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(subject.clone()).render(&mut page);
    rendered.map_err(|error| ClientError::File("the page".to_owned(), error))?;
    output::write(&page)
}
