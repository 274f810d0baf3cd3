//! Where the issuer's keys come from: a file, or an address of the issuer. Bounded in size and in time.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::header::{ACCEPT, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};

use crate::config::identity::JwksLocation;

const MOST_BYTES: usize = 256 << 10;
const MOST_TIME: Duration = Duration::from_secs(5);

/// A JWK set that can be read again.
pub enum Source {
    File(PathBuf),
    Url(Box<Remote>),
}

/// An address, and a client without a memory: no cookies, no redirects, no connection kept.
pub struct Remote {
    url: Uri,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// Why it could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read {}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("no answer within {MOST_TIME:?}")]
    TooSlow,
    #[error("it has more than {MOST_BYTES} bytes")]
    TooLarge,
    #[error("no connection: {0}")]
    NoConnection(String),
    #[error("it did not arrive whole")]
    Broken,
    #[error("the answer is {0}")]
    Status(StatusCode),
}

impl Source {
    /// Reads nothing yet.
    pub fn new(location: &JwksLocation) -> Result<Self, rustls::Error> {
        match location {
            JwksLocation::File(path) => Ok(Self::File(path.clone())),
            JwksLocation::Url(url) => {
                if url.scheme_str() == Some("http") {
                    log::warn!("{}: whoever can change an answer over http can make tokens", Self::URL);
                }
                let client =
                    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector()?);
                Ok(Self::Url(Box::new(Remote { url: url.clone(), client })))
            }
        }
    }

    const URL: &str = "--identity-jwks-url";

    /// The option that names it.
    pub fn option(&self) -> &'static str {
        match self {
            Self::File(_) => "--identity-jwks-file",
            Self::Url(_) => Self::URL,
        }
    }

    /// The JWK set as it is now.
    pub async fn read(&self) -> Result<Bytes, ReadError> {
        let read = async {
            match self {
                Self::File(path) => {
                    let path = path.clone();
                    tokio::task::spawn_blocking(move || read_file(&path))
                        .await
                        .map_err(|_| ReadError::Broken)?
                }
                Self::Url(remote) => remote.get().await,
            }
        };
        tokio::time::timeout(MOST_TIME, read).await.unwrap_or(Err(ReadError::TooSlow))
    }
}

fn read_file(path: &Path) -> Result<Bytes, ReadError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| ReadError::File(path.to_owned(), error))?;
    if bytes.len() > MOST_BYTES { Err(ReadError::TooLarge) } else { Ok(bytes.into()) }
}

impl Remote {
    async fn get(&self) -> Result<Bytes, ReadError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.url.clone();
        let agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
        request.headers_mut().insert(USER_AGENT, agent.parse().map_err(|_| ReadError::Broken)?);
        request.headers_mut().insert(ACCEPT, "application/json".parse().map_err(|_| ReadError::Broken)?);
        let response = self.client.request(request).await.map_err(|error| no_connection(&error))?;
        if response.status() != StatusCode::OK {
            return Err(ReadError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        body.map(http_body_util::Collected::to_bytes).map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                ReadError::TooLarge
            } else {
                ReadError::Broken
            }
        })
    }
}

/// The innermost cause, which says most.
fn no_connection(error: &dyn std::error::Error) -> ReadError {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ReadError::NoConnection(cause.to_string())
}

/// Trusts the system's certificates. Where there are none, no https works, and the reason will be said.
fn connector() -> Result<HttpsConnector<HttpConnector>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build())
}
