//! The command line and the environment: every option of the program, typed and checked.
//!
//! Components own their options and never import this module. Only this module reads the environment.

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

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API. This is the default command.
    #[command(args_override_self = true)]
    Serve(Box<Config>),
    /// Ask the admin listener whether the server is ready. The exit code is 0 if it is ready, else 1.
    Healthcheck(HealthcheckArgs),
    /// Write all messages of a store to stdout, as JSON lines: {"hash": "...", "message": "..."}.
    Export(ExportArgs),
    /// Store all messages of a file that export wrote.
    Import(ImportArgs),
    /// Copy all messages of one store to another. If the copy is interrupted, run it again.
    Copy(CopyArgs),
    /// Store messages on a server, and print their hashes.
    #[command(after_help = EXIT_CODES)]
    Put(PutArgs),
    /// Write the message with this hash to stdout: its verified bytes and nothing else.
    #[command(after_help = EXIT_CODES)]
    Get(LookupArgs),
    /// Ask a server whether it has the message with this hash. The exit code is the answer.
    #[command(after_help = EXIT_CODES)]
    Exists(LookupArgs),
    /// Print the hash of each file in the format of sha256sum. This needs no server.
    #[command(after_help = EXIT_CODES)]
    Hash(HashArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print a manual page.
    Man(ManArgs),
}

impl Command {
    /// Finds the name of the command in the arguments without parsing them. The first argument is the program.
    #[must_use]
    pub fn name_in(arguments: &[OsString]) -> Option<String> {
        if is_without_command(arguments) {
            return Some(SERVE.to_owned());
        }
        arguments.get(1)?.to_str().map(str::to_owned)
    }

    /// Parses the arguments and the environment. The first argument is the program. Without a command, also with
    /// options alone, the command is `serve`.
    ///
    /// # Errors
    /// An error of the parser, or a request for help.
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
            // The help also lists empty variables.
            ErrorKind::DisplayHelp => parse(Self::definition()),
            _ => Err(error),
        });
        Ok(parsed?.command)
    }

    /// Variables of the environment that have this program's prefix and are unknown: a line for each, without values.
    #[must_use]
    pub fn unknown_variables() -> Vec<String> {
        environment::unknown(&Self::definition())
    }

    /// The variable of the environment that sets an option. clap names options as in `--listen <ADDR>`.
    #[must_use]
    pub fn variable_for(option: &str) -> Option<String> {
        let mut program = Self::definition();
        program.build();
        let mut options = program.get_subcommands().flat_map(clap::Command::get_arguments);
        let variable = options.find(|argument| argument.to_string() == option)?.get_env()?;
        std::env::var_os(variable).map(|_| variable.to_string_lossy().into_owned())
    }

    /// The definition of the command line, for completions and manual pages.
    #[must_use]
    pub fn definition() -> clap::Command {
        environment::hide_values(CommandLine::command())
    }
}

const SERVE: &str = "serve";

/// Whether the arguments are empty or begin with an option.
fn is_without_command(arguments: &[OsString]) -> bool {
    let is_option = |first: &OsString| first.as_encoded_bytes().starts_with(b"-");
    let is_help = |first: &OsString| ["-h", "--help", "-V", "--version"].iter().any(|help| first == help);
    arguments.get(1).is_none_or(|first| is_option(first) && !is_help(first))
}

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Address and port of the API. Port 0 chooses a free port.
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

    /// Identities of clients.
    #[command(flatten)]
    pub identity: IdentityOptions,

    /// Deleted and blocked messages.
    #[command(flatten)]
    pub erasure: ErasureOptions,

    /// Pages of other origins.
    #[command(flatten)]
    pub cors: CorsOptions,

    /// Limits for clients.
    #[command(flatten)]
    pub limits: Limits,

    /// Shutdown.
    #[command(flatten)]
    pub shutdown: ShutdownOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

/// The graceful shutdown after SIGTERM, SIGHUP or Ctrl-C. A second signal ends the server at once.
#[derive(Debug, Clone, Args)]
pub struct ShutdownOptions {
    /// How long the server still accepts connections after it reports that it is not ready, so that load
    /// balancers notice.
    #[arg(long, env = "MESSAGE_TO_HASH_SHUTDOWN_DELAY", value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub shutdown_delay: Duration,

    /// How long requests in progress may then take to finish.
    #[arg(long, env = "MESSAGE_TO_HASH_SHUTDOWN_GRACE", value_name = "TIME", default_value = "8s", value_parser = duration)]
    pub shutdown_grace: Duration,
}
