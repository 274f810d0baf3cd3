//! The options of the client commands.

use std::path::PathBuf;

use clap::Args;
use message_to_hash_client::MessageHash;

use crate::parsers::text_file;

/// The exit codes, for the help.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done; for get and exists, the message was found
  1  get and exists: no message has this hash
  2  the command line is wrong, a file cannot be read or written, or a file is not a
     message that the server accepts (not UTF-8, too large, or blocked)
  3  the server cannot be reached, refuses the token or a blocked message, or sends an
     invalid response";

/// The server that the command uses, and its credentials.
#[derive(Debug, Args)]
pub struct ClientOptions {
    /// URL of the server: http or https, with or without a path.
    #[arg(long, env = "MESSAGE_TO_HASH_SERVER", value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub server: String,

    /// File with the bearer token to send. It is read again for each request.
    #[arg(long, env = "MESSAGE_TO_HASH_TOKEN_FILE", value_name = "FILE", value_parser = token_file)]
    pub token_file: Option<PathBuf>,

    /// File with certificates (PEM) that may verify the server's certificate, in addition to the system's.
    #[arg(long, env = "MESSAGE_TO_HASH_CA_FILE", value_name = "FILE", value_parser = text_file)]
    pub ca_file: Option<String>,
}

/// Arguments of `get` and `exists`.
#[derive(Debug, Args)]
pub struct LookupArgs {
    /// The hash of the message: 64 hexadecimal digits.
    #[arg(value_name = "HASH")]
    pub hash: MessageHash,

    /// The server.
    #[command(flatten)]
    pub server: ClientOptions,
}

/// Checks that the token file exists. It is not read here, since a pipe can be read only once.
fn token_file(path: &str) -> Result<PathBuf, String> {
    std::fs::metadata(path).map_err(|error| format!("cannot read {path}: {error}"))?;
    Ok(path.into())
}
