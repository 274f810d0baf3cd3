//! The command line and the environment: every option of the program, typed and checked.
//!
//! Each component owns its options, and never imports this module. Only this module reads the environment.

mod environment;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::admin::AdminOptions;
use crate::api::ErasureOptions;
use crate::commands::completions::CompletionsArgs;
use crate::commands::copy::CopyArgs;
use crate::commands::export::ExportArgs;
use crate::commands::hash::HashArgs;
use crate::commands::healthcheck::HealthcheckArgs;
use crate::commands::import::ImportArgs;
use crate::commands::man::ManArgs;
use crate::commands::put::PutArgs;
use crate::commands::{EXIT_CODES, LookupArgs};
use crate::http::{CorsOptions, Limits, ProxyOptions};
use crate::identity::IdentityOptions;
use crate::logging::LogOptions;
use crate::parsers::{address, duration};
use crate::store::StoreOptions;

/// Gives a message its SHA-256 digest and, later, the message back for the digest.
#[derive(Debug, Parser)]
#[command(name = "message-to-hash", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// What the program is asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API. This is what happens without any command, too.
    #[command(args_override_self = true)]
    Serve(Box<Config>),
    /// Ask the admin listener whether the server is ready: exit code 0 if it is, else 1.
    Healthcheck(HealthcheckArgs),
    /// Write all messages of a store to stdout, as JSON lines: {"hash": "...", "message": "..."}.
    Export(ExportArgs),
    /// Store all messages of such lines.
    Import(ImportArgs),
    /// Store all messages of one store in another. Run it again where it was interrupted.
    Copy(CopyArgs),
    /// Store messages on a server, and print the hash of each.
    #[command(after_help = EXIT_CODES)]
    Put(PutArgs),
    /// Write the message that has this hash to stdout: its bytes and no more, once they are verified.
    #[command(after_help = EXIT_CODES)]
    Get(LookupArgs),
    /// Ask a server whether it has the message with this hash; the exit code tells.
    #[command(after_help = EXIT_CODES)]
    Exists(LookupArgs),
    /// Print the hash of each file, as sha256sum does. Asks no server.
    #[command(after_help = EXIT_CODES)]
    Hash(HashArgs),
    /// Print a script that completes the words of this program in a shell.
    Completions(CompletionsArgs),
    /// Print a page for man.
    Man(ManArgs),
}

impl Command {
    /// Which command these arguments are for, the program's name being the first, without reading them any further.
    #[must_use]
    pub fn name_in(arguments: &[OsString]) -> Option<String> {
        if is_without_command(arguments) {
            return Some(SERVE.to_owned());
        }
        arguments.get(1)?.to_str().map(str::to_owned)
    }

    /// Reads the arguments, the program's name first, and the environment. Without a command, as for
    /// options alone, it is `serve`.
    ///
    /// # Errors
    /// What clap finds wrong, or a request for help.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut arguments: Vec<_> = arguments.into_iter().collect();
        if is_without_command(&arguments) {
            arguments.insert(arguments.len().min(1), SERVE.into());
        }
        let parse = |mut program: clap::Command| {
            let mut matches = program.try_get_matches_from_mut(&arguments)?;
            CommandLine::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut program))
        };
        let parsed = parse(environment::ignore_empty(Self::definition()));
        let parsed = parsed.or_else(|error| match error.kind() {
            // The help names empty variables, too.
            ErrorKind::DisplayHelp => parse(Self::definition()),
            _ => Err(error),
        });
        Ok(parsed?.command)
    }

    /// Variables of the environment that look like this program's and are not: a line for each, without its value.
    #[must_use]
    pub fn unknown_variables() -> Vec<String> {
        environment::unknown(&Self::definition())
    }

    /// The variable of the environment that is set for an option, which clap names as in `--listen <ADDR>`.
    #[must_use]
    pub fn variable_for(option: &str) -> Option<String> {
        let mut program = Self::definition();
        program.build();
        let mut options = program.get_subcommands().flat_map(clap::Command::get_arguments);
        let variable = options.find(|argument| argument.to_string() == option)?.get_env()?;
        std::env::var_os(variable).map(|_| variable.to_string_lossy().into_owned())
    }

    /// What clap knows of the whole command line.
    #[must_use]
    pub fn definition() -> clap::Command {
        environment::hide_values(CommandLine::command())
    }
}

const SERVE: &str = "serve";

/// Whether there are options alone, or nothing.
fn is_without_command(arguments: &[OsString]) -> bool {
    let is_option = |first: &OsString| first.as_encoded_bytes().starts_with(b"-");
    let asks_for_help =
        |first: &OsString| ["-h", "--help", "-V", "--version"].iter().any(|help| first == help);
    arguments.get(1).is_none_or(|first| is_option(first) && !asks_for_help(first))
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Address and port of the API. Port 0 takes a free one.
    #[arg(long, env = "MESSAGE_TO_HASH_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// The admin listener.
    #[command(flatten)]
    pub admin: AdminOptions,

    /// The proxies.
    #[command(flatten)]
    pub proxies: ProxyOptions,

    /// The store.
    #[command(flatten)]
    pub store: StoreOptions,

    /// Who may.
    #[command(flatten)]
    pub identity: IdentityOptions,

    /// What must not be served any more.
    #[command(flatten)]
    pub erasure: ErasureOptions,

    /// Pages of other origins.
    #[command(flatten)]
    pub cors: CorsOptions,

    /// Bounds on clients.
    #[command(flatten)]
    pub limits: Limits,

    /// How to end.
    #[command(flatten)]
    pub shutdown: ShutdownOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

/// How the server ends after SIGTERM, SIGHUP or Ctrl-C; a second signal ends it at once.
#[derive(Debug, Clone, Args)]
pub struct ShutdownOptions {
    /// How long it still accepts after it says that it is not ready, so that balancers notice.
    #[arg(long, env = "MESSAGE_TO_HASH_SHUTDOWN_DELAY", value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub shutdown_delay: Duration,

    /// How long requests under way may then take to finish.
    #[arg(long, env = "MESSAGE_TO_HASH_SHUTDOWN_GRACE", value_name = "TIME", default_value = "8s", value_parser = duration)]
    pub shutdown_grace: Duration,
}
