//! What shells and `man` show of the command line.

use std::io;

use clap_complete::Shell;

use super::{Failed, output};
use crate::config::{Command, Completions, Man};

/// Prints the script of a shell.
///
/// # Errors
/// [`Failed`]
pub fn completions(asked: &Completions) -> Result<(), Failed> {
    let mut script = Vec::new();
    let mut program = Command::definition();
    let name = program.get_name().to_owned();
    clap_complete::generate(asked.shell, &mut program, &name, &mut script);
    if asked.shell == Shell::Bash {
        // It looks for the commands of a program with a hyphen in its name where it did not put them
        // (clap-rs/clap, issue 6421).
        let script = String::from_utf8_lossy(&script);
        return output::write(
            script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__")).as_bytes(),
        );
    }
    output::write(&script)
}

/// Prints the page of the program, or of one of its commands.
///
/// # Errors
/// [`Failed`]
pub fn man(asked: &Man) -> Result<(), Failed> {
    let mut program = Command::definition();
    program.build();
    let about = match &asked.command {
        None => &program,
        Some(name) => program
            .find_subcommand(name)
            .ok_or_else(|| Failed::Option("COMMAND", format!("there is no {name:?}")))?,
    };
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(about.clone()).render(&mut page);
    rendered.map_err(|error: io::Error| Failed::File("the page".to_owned(), error))?;
    output::write(&page)
}
