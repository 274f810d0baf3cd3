//! `put`, `get`, `exists` and `hash`: the program as a client of a server, or of none.
//!
//! stdout has what was asked for and nothing else, so that it can be piped; stderr has the rest. Whoever closes
//! stdout early has what he wanted: that is no failure.

mod files;
mod output;
mod put;
mod shell;

use std::io;
use std::path::Path;

use message_to_hash_client::{BoxError, Builder, Client, ConfigError, Error};

pub use self::put::put;
pub use self::shell::{completions, man};
use crate::config::{Asked, Hash, MAX_MESSAGE_BYTES, ServerOptions, read_text};

/// Why not all of it was done.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// `get` or `exists` of what is not there.
    #[error("no message has this hash")]
    NotFound,
    /// An option cannot be used.
    #[error("{0}: {1} (see --help)")]
    Option(&'static str, String),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// What is on stdin is no message, or none that the server takes.
    #[error("stdin: {0}")]
    Stdin(String),
    /// All else is done.
    #[error("files left out: {0}, see above")]
    LeftOut(u64),
    /// This server did not do it.
    #[error("{0}: {1}")]
    Server(String, Error),
    /// This server does not do it any more.
    #[error("{0}: {1}; run the same again to go on")]
    Stopped(String, Error),
}

impl Failed {
    /// The exit code, as `--help` explains it.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::NotFound => 1,
            Self::Server(_, error) | Self::Stopped(_, error) => match error {
                Error::Token(_) => 2,
                _ => 3,
            },
            Self::Option(..) | Self::File(..) | Self::Stdin(_) | Self::LeftOut(_) => 2,
        }
    }
}

/// Writes the message to stdout.
///
/// # Errors
/// [`Failed`]
pub async fn get(asked: &Asked) -> Result<(), Failed> {
    output::check()?;
    let got = client(&asked.server)?.get(asked.hash).await;
    let message = got.map_err(|error| failed(&asked.server, error))?.ok_or(Failed::NotFound)?;
    output::write(message.as_bytes())
}

/// Whether there is such a message.
///
/// # Errors
/// [`Failed`]
pub async fn exists(asked: &Asked) -> Result<(), Failed> {
    let exists = client(&asked.server)?.exists(asked.hash).await;
    if exists.map_err(|error| failed(&asked.server, error))? { Ok(()) } else { Err(Failed::NotFound) }
}

fn failed(at: &ServerOptions, error: Error) -> Failed {
    Failed::Server(at.server.clone(), error)
}

/// Prints the hash of each file, of any size and any bytes.
///
/// # Errors
/// [`Failed`]
pub fn hash(asked: &Hash) -> Result<(), Failed> {
    output::check()?;
    if files::are_stdin(&asked.files) {
        let hash = files::hash(Path::new("-")).map_err(|error| Failed::File("stdin".to_owned(), error))?;
        return output::write(format!("{hash}\n").as_bytes());
    }
    let mut left_out = 0;
    for file in &asked.files {
        match files::hash(file) {
            Ok(hash) => output::write(&output::line(hash, file))?,
            Err(error) => {
                output::complain("hash", &format!("{}: {error}", output::shown(file)));
                left_out += 1;
            }
        }
    }
    if left_out == 0 { Ok(()) } else { Err(Failed::LeftOut(left_out)) }
}

fn client(options: &ServerOptions) -> Result<Client, Failed> {
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
        ConfigError::Certificates(_) => Failed::Option("--ca-file", error.to_string()),
        ConfigError::BaseUrl(_) | ConfigError::UserAgent => Failed::Option("--server", error.to_string()),
    })
}

fn read_token(path: &Path) -> Result<String, BoxError> {
    Ok(read_text(path)?.trim().to_owned())
}
