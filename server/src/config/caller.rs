//! Options of the commands that ask a server: `put`, `get` and `exists`; and of those that need none.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;
use message_to_hash_client::MessageHash;

use super::{text_file, token_file};

/// What the exit codes say, for the help.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  done; for get and exists, the message is there
  1  get and exists: no message has this hash
  2  the command line is wrong, a file cannot be read or written, or is no message:
     not UTF-8, or one that the server does not take (too large, or blocked)
  3  the server cannot be reached, refuses (the token, or to give what is blocked), or
     answers wrongly";

/// Which server is asked, and how.
#[derive(Debug, Args)]
pub struct ServerOptions {
    /// The server: http or https, perhaps with a path.
    #[arg(long, env = "MESSAGE_TO_HASH_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,

    /// File with the bearer token to send. It is read again for each request.
    #[arg(long, env = "MESSAGE_TO_HASH_TOKEN_FILE", value_name = "FILE", value_parser = token_file)]
    pub token_file: Option<PathBuf>,

    /// File with certificates, in PEM, that the server's own may be verified by, beside the system's.
    #[arg(long, env = "MESSAGE_TO_HASH_CA_FILE", value_name = "FILE", value_parser = text_file)]
    pub ca_file: Option<String>,
}

/// Options of `put`.
#[derive(Debug, Args)]
pub struct Put {
    /// Files, each of them a message; - is stdin, which is also read where there is none. For a folder:
    /// find FOLDER -type f -print0 | xargs -0 message-to-hash put
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// The server.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Options of `get` and `exists`.
#[derive(Debug, Args)]
pub struct Asked {
    /// The hash of the message: 64 hexadecimal digits.
    #[arg(value_name = "HASH")]
    pub hash: MessageHash,

    /// The server.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Options of `hash`.
#[derive(Debug, Args)]
pub struct Hash {
    /// Files; - is stdin, which is also read where there is none.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// Options of `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// The command it is about, instead of the whole program.
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}
