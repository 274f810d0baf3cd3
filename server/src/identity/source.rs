//! The source of the issuer's keys: a file or a URL. Reads are bounded in size and time.

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

use super::JwksLocation;

const MAX_BYTES: usize = 256 << 10;
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// A file or URL with a JWK set.
pub enum JwksSource {
    File(PathBuf),
    Url(Box<Remote>),
}

/// A URL, and a client that follows no redirects and keeps neither cookies nor connections.
pub struct Remote {
    url: Uri,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

/// The JWK set could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read {}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    #[error("no answer within {READ_TIMEOUT:?}")]
    TooSlow,
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("no connection: {0}")]
    NoConnection(String),
    #[error("the answer was cut off")]
    Truncated,
    #[error("the answer is {0}")]
    Status(StatusCode),
}

impl JwksSource {
    /// Does not read yet.
    pub fn new(location: &JwksLocation) -> Result<Self, rustls::Error> {
        match location {
            JwksLocation::File(path) => Ok(Self::File(path.clone())),
            JwksLocation::Url(url) => {
                if url.scheme_str() == Some("http") {
                    log::warn!(
                        "{}: over http, an attacker in the network can replace the keys and forge tokens",
                        Self::URL
                    );
                }
                let client =
                    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector()?);
                Ok(Self::Url(Box::new(Remote { url: url.clone(), client })))
            }
        }
    }

    const URL: &str = "--identity-jwks-url";

    /// The option that configures this source, for log lines.
    pub fn option(&self) -> &'static str {
        match self {
            Self::File(_) => "--identity-jwks-file",
            Self::Url(_) => Self::URL,
        }
    }

    /// Reads the JWK set.
    pub async fn read(&self) -> Result<Bytes, ReadError> {
        let read = async {
            match self {
                Self::File(path) => {
                    let path = path.clone();
                    tokio::task::spawn_blocking(move || read_file(&path))
                        .await
                        .map_err(|_| ReadError::Truncated)?
                }
                Self::Url(remote) => remote.get().await,
            }
        };
        tokio::time::timeout(READ_TIMEOUT, read).await.unwrap_or(Err(ReadError::TooSlow))
    }
}

fn read_file(path: &Path) -> Result<Bytes, ReadError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| ReadError::File(path.to_owned(), error))?;
    if bytes.len() > MAX_BYTES { Err(ReadError::TooLarge) } else { Ok(bytes.into()) }
}

impl Remote {
    async fn get(&self) -> Result<Bytes, ReadError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.url.clone();
        let agent = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
        request.headers_mut().insert(USER_AGENT, agent.parse().map_err(|_| ReadError::Truncated)?);
        request.headers_mut().insert(ACCEPT, "application/json".parse().map_err(|_| ReadError::Truncated)?);
        let response = self.client.request(request).await.map_err(|error| no_connection(&error))?;
        if response.status() != StatusCode::OK {
            return Err(ReadError::Status(response.status()));
        }
        let body = Limited::new(response.into_body(), MAX_BYTES).collect().await;
        body.map(http_body_util::Collected::to_bytes).map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                ReadError::TooLarge
            } else {
                ReadError::Truncated
            }
        })
    }
}

/// Keeps the innermost cause, which is the most specific.
fn no_connection(error: &dyn std::error::Error) -> ReadError {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ReadError::NoConnection(cause.to_string())
}

/// Makes a connector that trusts the system's certificates. Without any, each https read fails with the reason.
fn connector() -> Result<HttpsConnector<HttpConnector>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build())
}
