//! The command line and the environment: every option of the program, typed and checked.
//!
//! The only reader of the environment. What leaves this file needs no further checking.

mod caller;
pub mod cors;
mod environment;
mod erasure;
pub mod identity;
mod secret;
mod store;
mod transfer;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;

use self::caller::EXIT_CODES;
pub use self::caller::{Asked, Completions, Hash, Man, Put, ServerOptions};
use self::cors::AllowedOrigins;
pub use self::erasure::ErasureOptions;
use self::identity::IdentityOptions;
pub use self::secret::{Secret, SecretFile};
pub use self::store::{StorageOptions, StoreKind, StoreOptions};
pub use self::transfer::{Copy, Export, Import};
pub use crate::store::RedisOptions;

/// The most bytes of a message that any server may be told to take.
pub const MAX_MESSAGE_BYTES: u32 = 64 << 20;

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
    Healthcheck(Healthcheck),
    /// Write all messages of a store to stdout, as JSON lines: {"hash": "...", "message": "..."}.
    Export(Export),
    /// Store all messages of such lines.
    Import(Import),
    /// Store all messages of one store in another. Run it again where it was interrupted.
    Copy(Copy),
    /// Store messages on a server, and print the hash of each.
    #[command(after_help = EXIT_CODES)]
    Put(Put),
    /// Write the message that has this hash to stdout: its bytes and no more, once they are verified.
    #[command(after_help = EXIT_CODES)]
    Get(Asked),
    /// Ask a server whether it has the message with this hash; the exit code tells.
    #[command(after_help = EXIT_CODES)]
    Exists(Asked),
    /// Print the hash of each file, as sha256sum does. Asks no server.
    #[command(after_help = EXIT_CODES)]
    Hash(Hash),
    /// Print a script that completes the words of this program in a shell.
    Completions(Completions),
    /// Print a page for man.
    Man(Man),
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
    pub admin: AdminAddress,

    /// Proxies whose X-Forwarded-For is believed: addresses or CIDRs, separated by commas. It is what the
    /// access log then shows.
    #[arg(long, env = "MESSAGE_TO_HASH_TRUSTED_PROXIES", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// The store.
    #[command(flatten)]
    pub store: StoreOptions,

    /// Who may.
    #[command(flatten)]
    pub identity: IdentityOptions,

    /// What must not be served any more.
    #[command(flatten)]
    pub erasure: ErasureOptions,

    /// Origins whose pages may use the API from a browser, as in `https://a.example,capacitor://localhost`; `*`
    /// for all.
    #[arg(long, env = "MESSAGE_TO_HASH_CORS_ALLOWED_ORIGINS", value_name = "ORIGINS")]
    pub cors_allowed_origins: Option<AllowedOrigins>,

    /// Bounds on clients.
    #[command(flatten)]
    pub limits: Limits,

    /// How to end.
    #[command(flatten)]
    pub shutdown: Shutdown,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

impl Config {
    /// How long a message that was deleted or blocked may still come from a cache; `None` where neither can be.
    #[must_use]
    pub fn staleness_bound(&self) -> Option<Duration> {
        let can_be = self.identity.issuer().is_some() || self.erasure.blocked_hashes_file.is_some();
        can_be.then_some(self.erasure.delete_within)
    }
}

/// Where the admin listener is.
#[derive(Debug, Clone, Args)]
pub struct AdminAddress {
    /// Address and port of /live, /serving, /ready and /metrics. Keep it off public networks.
    #[arg(long, env = "MESSAGE_TO_HASH_ADMIN_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:9090", value_parser = address)]
    pub admin_listen: SocketAddr,
}

/// Options of `healthcheck`.
#[derive(Debug, Clone, Args)]
pub struct Healthcheck {
    /// The admin listener.
    #[command(flatten)]
    pub admin: AdminAddress,

    /// Ask whether the server should get traffic (/serving), which it should while a store that it has reached
    /// is away, instead of whether everything that it needs works (/ready).
    #[arg(long)]
    pub serving: bool,
}

/// Bounds on what a client can take.
#[derive(Debug, Clone, Args)]
pub struct Limits {
    /// Largest message, in bytes of UTF-8: 64MiB at most; larger ones are refused with 413.
    #[arg(long, env = "MESSAGE_TO_HASH_MAX_MESSAGE_BYTES", value_name = "SIZE", default_value = "1MiB", value_parser = message_size)]
    pub max_message_bytes: ByteSize,

    /// Most connections at a time; further ones wait to be accepted.
    #[arg(long, env = "MESSAGE_TO_HASH_MAX_CONNECTIONS", value_name = "N", default_value = "10000", value_parser = connections)]
    pub max_connections: usize,

    /// Longest time for a request's head to arrive, and for a connection to stay idle.
    #[arg(long, env = "MESSAGE_TO_HASH_HEADER_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time_limit)]
    pub header_timeout: Duration,

    /// Longest time for a request's body to arrive, and for a client to take any of a response.
    #[arg(long, env = "MESSAGE_TO_HASH_BODY_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time_limit)]
    pub body_timeout: Duration,
}

/// How the server ends after SIGTERM, SIGHUP or Ctrl-C; a second signal ends it at once.
#[derive(Debug, Clone, Args)]
pub struct Shutdown {
    /// How long it still accepts after it says that it is not ready, so that balancers notice.
    #[arg(long, env = "MESSAGE_TO_HASH_SHUTDOWN_DELAY", value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub shutdown_delay: Duration,

    /// How long requests under way may then take to finish.
    #[arg(long, env = "MESSAGE_TO_HASH_SHUTDOWN_GRACE", value_name = "TIME", default_value = "8s", value_parser = duration)]
    pub shutdown_grace: Duration,
}

/// What is logged, and how. Requests go to stdout, all else to stderr.
#[derive(Debug, Clone, Args)]
pub struct LogOptions {
    /// text for people, json for programs: one object a line.
    #[arg(long, env = "MESSAGE_TO_HASH_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// What to log: a level, or a filter as `env_logger` reads it. `access=off` silences the access log.
    #[arg(long, env = "RUST_LOG", value_name = "FILTER", default_value = "info,fjall=error,lsm_tree=error", value_parser = log_filter)]
    pub log_filter: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "an IP address and a port are needed, as in 127.0.0.1:8080 or [::1]:8080".to_owned())
}

fn network(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "an address or a CIDR is needed, as in 10.0.0.7 or 10.0.0.0/8".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| format!("{error}; write 500ms, 10s or 2m"))
}

/// A filter that is none would silence everything.
fn log_filter(text: &str) -> Result<String, String> {
    env_filter::Builder::new()
        .try_parse(text)
        .map(|_| text.to_owned())
        .map_err(|_| "a level or a filter is needed, as in debug or info,access=off".to_owned())
}

/// A time that something may take. Sums of a few such times are a time, too.
pub(crate) fn time_limit(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_hours(365 * 24);
    match duration(text)? {
        Duration::ZERO => Err("it must be longer than nothing".to_owned()),
        time if time > LONGEST => Err("it may be at most 365d".to_owned()),
        time => Ok(time),
    }
}

fn byte_size(text: &str) -> Result<ByteSize, String> {
    text.parse().map_err(|_| "a number of bytes is needed, as in 4096, 500kB or 64MiB".to_owned())
}

/// The text of a small file.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    const MOST_BYTES: u64 = 1 << 20;
    let name = path.display();
    let cannot_read = |error: io::Error| format!("cannot read {name}: {error}");
    let mut text = String::new();
    let mut file = File::open(path).map_err(cannot_read)?.take(MOST_BYTES + 1);
    match file.read_to_string(&mut text).map_err(cannot_read)? as u64 {
        0..=MOST_BYTES => Ok(text),
        _ => Err(format!("{name} has more than {MOST_BYTES} bytes")),
    }
}

pub(crate) fn text_file(path: &str) -> Result<String, String> {
    read_text(Path::new(path))
}

/// The path of a file that is there. It is not read yet: of a pipe there would be nothing left.
fn token_file(path: &str) -> Result<PathBuf, String> {
    std::fs::metadata(path).map_err(|error| format!("cannot read {path}: {error}"))?;
    Ok(path.into())
}

/// Bounds what one body takes of the memory for bodies.
fn message_size(text: &str) -> Result<ByteSize, String> {
    let size = byte_size(text)?;
    if size < ByteSize::b(1) || size > ByteSize::b(MAX_MESSAGE_BYTES.into()) {
        return Err("a message may have 1 byte to 64MiB".to_owned());
    }
    Ok(size)
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err("a number from 1 to 1000000 is needed".to_owned()),
    }
}
