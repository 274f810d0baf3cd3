//! `completions`: prints the completion script of a shell.

use clap::Args;
use clap_complete::Shell;

use super::{ClientError, output};
use crate::config::Command;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// [`ClientError`] if stdout cannot be written.
pub fn run(args: &CompletionsArgs) -> Result<(), ClientError> {
    let mut script = Vec::new();
    let mut program = Command::definition();
    let name = program.get_name().to_owned();
    clap_complete::generate(args.shell, &mut program, &name, &mut script);
    if args.shell == Shell::Bash {
        // For a program with a hyphen in its name, the script uses two different prefixes for the functions of
        // subcommands (clap-rs/clap, issue 6421).
        let script = String::from_utf8_lossy(&script);
        return output::write(
            script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__")).as_bytes(),
        );
    }
    output::write(&script)
}
