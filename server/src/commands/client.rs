//! The client of `put`, `get` and `exists`, and the errors and exit codes of all client commands.

use std::io;
use std::path::Path;

use message_to_hash_client::{BoxError, Builder, Client, ConfigError, Error};

use super::client_options::ClientOptions;
use super::{CommandError, check_clock, print_error, runtime};
use crate::config::Command;
use crate::message::MAX_MESSAGE_BYTES;
use crate::parsers::read_text;

/// A client command failed or is incomplete.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// `get` or `exists`: the server has no such message.
    #[error("no message has this hash")]
    NotFound,
    /// The command cannot start.
    #[error(transparent)]
    Start(#[from] CommandError),
    /// The value of an option cannot be used.
    #[error("{0}: {1} (see --help)")]
    Option(&'static str, #[source] BoxError),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, #[source] io::Error),
    /// stdin has no message, or one that the server rejects.
    #[error("stdin: {0}")]
    Stdin(#[source] BoxError),
    /// Some files were skipped, and all others were processed.
    #[error("files left out: {0}, see above")]
    Skipped(u64),
    /// The request to this server failed.
    #[error("{0}: {1}")]
    Server(String, #[source] Error),
    /// A request to this server failed, and the remaining files were not sent.
    #[error("{0}: {1}; run the same again to go on")]
    Stopped(String, #[source] Error),
}

impl ClientError {
    /// The exit code, as `--help` documents it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound => 1,
            Self::Server(_, error) | Self::Stopped(_, error) => match error {
                Error::Token(_) => 2,
                _ => 3,
            },
            Self::Start(_) | Self::Option(..) | Self::File(..) | Self::Stdin(_) | Self::Skipped(_) => 2,
        }
    }

    pub(super) fn stdout(error: io::Error) -> Self {
        Self::File("stdout".to_owned(), error)
    }

    pub(super) fn server(options: &ClientOptions, error: Error) -> Self {
        Self::Server(options.server.clone(), error)
    }
}

/// Runs the work of a client command.
pub(super) fn block_on(work: impl Future<Output = Result<(), ClientError>>) -> Result<(), ClientError> {
    for line in Command::unknown_variables() {
        print_error(&line);
    }
    check_clock()?;
    runtime::block_on(work)?
}

/// Makes a client for the server that the options name.
pub(super) fn build(options: &ClientOptions) -> Result<Client, ClientError> {
    let agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let mut builder =
        Client::builder(&options.server).user_agent(agent).max_message_bytes(MAX_MESSAGE_BYTES as usize);
    if let Some(pem) = &options.ca_file {
        builder = builder.ca_pem(pem.clone());
    }
    if let Some(path) = options.token_file.clone() {
        builder = builder.token_source(move || std::future::ready(read_token(&path)));
    }
    Builder::build(builder).map_err(|error| match error {
        ConfigError::Certificates(_) => ClientError::Option("--ca-file", error.into()),
        ConfigError::BaseUrl(_) | ConfigError::UserAgent => ClientError::Option("--server", error.into()),
    })
}

fn read_token(path: &Path) -> Result<String, BoxError> {
    Ok(read_text(path)?.trim().to_owned())
}
