//! How a client is set up.

use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use message_to_hash_api::Client as Generated;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::attempts::RetryPolicy;
use crate::client::Client;
use crate::error::BoxError;
use crate::token::TokenSource;
use crate::transport::Transport;

/// Shorter than the half minute after which the server closes an idle connection.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What a client cannot be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The base URL.
    #[error("the base URL {0}")]
    BaseUrl(&'static str),
    /// The certificates.
    #[error("the certificates {0}")]
    Certificates(String),
    /// The name of the program.
    #[error("the User-Agent is no header's value")]
    UserAgent,
}

/// Sets up a [`Client`]. Whatever is not said has the default that its method names.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    base_url: String,
    ca_pem: Option<Vec<u8>>,
    token_source: TokenSource,
    user_agent: String,
    connect_timeout: Duration,
    max_message_bytes: usize,
    retry_policy: RetryPolicy,
    concurrency: usize,
}

impl Builder {
    pub(crate) fn new(base_url: String) -> Self {
        Self {
            base_url,
            ca_pem: None,
            token_source: TokenSource::default(),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            max_message_bytes: 1 << 20,
            retry_policy: RetryPolicy {
                max_attempts: 6,
                attempt_timeout: Duration::from_secs(20),
                total_timeout: Duration::from_mins(1),
            },
            concurrency: 4,
        }
    }

    /// Certificates, in PEM, that the server's own may be verified by, beside the system's.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// The bearer token that each request has; none by default.
    pub fn token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.token_source(move || std::future::ready(Ok::<_, BoxError>(token.clone())))
    }

    /// As [`token`](Self::token), for tokens that end: asked before each attempt, so it had better remember.
    ///
    /// ```
    /// # use message_to_hash_client::Client;
    /// let client = Client::builder("https://messages.example")
    ///     .token_source(|| async { std::fs::read_to_string("/run/secrets/token").map(|token| token.trim().to_owned()) })
    ///     .build()?;
    /// # Ok::<_, message_to_hash_client::ConfigError>(())
    /// ```
    pub fn token_source<F, T, E>(mut self, source: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.token_source = TokenSource::new(source);
        self
    }

    /// What the program calls itself, as in `shop/1.2`; by default, this crate's name and version.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// The longest time to connect to one address of the server, without TLS; 5 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest time for one attempt, from the connection to the last byte; 20 s by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.retry_policy.attempt_timeout = timeout;
        self
    }

    /// The longest time for a call, with all of its attempts and the waits between; 60 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.retry_policy.total_timeout = timeout;
        self
    }

    /// The most attempts of a call; 6 by default, and 1 does not repeat anything.
    pub fn max_attempts(mut self, max: u32) -> Self {
        self.retry_policy.max_attempts = max;
        self
    }

    /// The former name of [`max_attempts`](Self::max_attempts).
    #[deprecated(note = "renamed to `max_attempts`")]
    pub fn attempts(self, max: u32) -> Self {
        self.max_attempts(max)
    }

    /// The largest message that is read, in bytes of UTF-8; 1 MiB by default, as the server's.
    pub fn max_message_bytes(mut self, max: usize) -> Self {
        self.max_message_bytes = max;
        self
    }

    /// How many requests of a stream of messages are under way at a time; 4 by default.
    pub fn concurrency(mut self, max: usize) -> Self {
        self.concurrency = max.max(1);
        self
    }

    /// Connects to nothing yet.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub fn build(self) -> Result<Client, ConfigError> {
        let is_https = check_base_url(&self.base_url)?;
        let transport = Transport {
            client: legacy::Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(POOL_IDLE_TIMEOUT)
                .build(self.connector(is_https)?),
            user_agent: HeaderValue::from_str(&self.user_agent).map_err(|_| ConfigError::UserAgent)?,
            // JSON may write one byte as six.
            max_response_bytes: self.max_message_bytes.saturating_mul(6).saturating_add(16 << 10),
        };
        let generated = Generated::try_new_with_client_service(transport, &self.base_url)
            .map_err(|_| ConfigError::BaseUrl(NOT_A_URL))?;
        Ok(Client::from_parts(generated, self.token_source, self.retry_policy, self.concurrency))
    }

    fn connector(&self, is_https: bool) -> Result<HttpsConnector<HttpConnector>, ConfigError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(self.connect_timeout));
        let mut roots = RootCertStore::empty();
        if is_https {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let invalid = |error: &dyn std::error::Error| ConfigError::Certificates(error.to_string());
        if let Some(pem) = &self.ca_pem {
            let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
            let certificates = certificates.map_err(|error| invalid(&error))?;
            if certificates.is_empty() {
                return Err(ConfigError::Certificates("that are given are none in PEM".to_owned()));
            }
            for certificate in certificates {
                roots.add(certificate).map_err(|error| invalid(&error))?;
            }
        }
        if is_https && roots.is_empty() {
            return Err(ConfigError::Certificates(
                "of the system are none, and no others are given".to_owned(),
            ));
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http))
    }
}

const NOT_A_URL: &str = "has to be one, as in https://messages.example";

/// Whether it is https.
fn check_base_url(text: &str) -> Result<bool, ConfigError> {
    let uri: Uri = text.parse().map_err(|_| ConfigError::BaseUrl(NOT_A_URL))?;
    let authority = uri.authority().ok_or(ConfigError::BaseUrl(NOT_A_URL))?;
    if authority.as_str().contains('@') {
        return Err(ConfigError::BaseUrl("must not have a user or a password"));
    }
    if authority.port_u16().is_none() && authority.as_str() != authority.host() {
        return Err(ConfigError::BaseUrl("has a port that is none")); // it would be left out
    }
    if uri.query().is_some() || text.contains('#') {
        return Err(ConfigError::BaseUrl("must not have a query or a fragment"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(true),
        Some("http") => Ok(false),
        _ => Err(ConfigError::BaseUrl("must begin with http:// or https://")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(base_url: &str) -> Result<(), ConfigError> {
        Client::builder(base_url).build().map(drop)
    }

    #[test]
    fn invalid_base_url_is_rejected() {
        for url in ["http://h", "http://h/", "https://h:1/path/", "http://127.0.0.1:8080", "http://[::1]:1"] {
            assert_eq!(build(url), Ok(()), "{url}");
        }
        let ports = ["http://h:99999", "http://h:", "https://[::1]:x/path"];
        let others =
            ["", "h", "h:80", "/path", "ftp://h", "http://", "http://a@h", "http://h?q", "http://h/#f"];
        for url in ports.into_iter().chain(others) {
            assert!(matches!(build(url), Err(ConfigError::BaseUrl(_))), "{url}");
        }
    }

    #[test]
    fn invalid_ca_pem_is_rejected() {
        for pem in ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let built = Client::builder("https://h").ca_pem(pem).build();
            assert!(matches!(built, Err(ConfigError::Certificates(_))), "{pem}");
        }
    }

    #[test]
    fn debug_output_hides_the_token() {
        let client = Client::builder("http://h").token("hunter2");
        assert!(!format!("{client:?}").contains("hunter2"));
    }
}
