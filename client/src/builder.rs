//! Configures and builds a client.

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

/// Shorter than the server's idle timeout of 30 s, so the client rarely sends on a connection that the server closes.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// An invalid setting of a [`Builder`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The base URL is malformed, or has a part that is not allowed.
    #[error("the base URL {0}")]
    BaseUrl(&'static str),
    /// The CA certificates are missing or malformed.
    #[error("the CA certificates: {0}")]
    Certificates(String),
    /// The user agent has a character that an HTTP header cannot carry (RFC 9110, section 5.5).
    #[error("the user agent is not a valid header value")]
    UserAgent,
}

/// Configures a [`Client`]. Each method names its default.
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

    /// Adds CA certificates in PEM (one or more) to those of the system. The server's certificate is verified against
    /// all of them.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// Sets the bearer token (RFC 6750) of every request. By default, requests have no token.
    pub fn token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.token_source(move || std::future::ready(Ok::<_, BoxError>(token.clone())))
    }

    /// Sets a function that returns the bearer token, for tokens that expire. It runs before each attempt, so it should
    /// cache a token that is expensive to get.
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

    /// Sets the `User-Agent` header, for example `shop/1.2`. The default is the name and version of this crate.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Sets the timeout of a TCP connection to one address of the server. The default is 5 s. The TLS handshake counts
    /// towards [`attempt_timeout`](Self::attempt_timeout).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout of one attempt, from connecting to the last byte of the response. The default is 20 s.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.retry_policy.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a call, including all attempts and the delays between them. The default is 60 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.retry_policy.total_timeout = timeout;
        self
    }

    /// Sets how many attempts a call may make. The default is 6; 1 disables retries.
    pub fn max_attempts(mut self, max: u32) -> Self {
        self.retry_policy.max_attempts = max;
        self
    }

    /// The former name of [`max_attempts`](Self::max_attempts).
    #[deprecated(note = "renamed to `max_attempts`")]
    pub fn attempts(self, max: u32) -> Self {
        self.max_attempts(max)
    }

    /// Sets the size of the largest message that the client reads, in bytes of UTF-8. The default is 1 MiB, like the
    /// server's own limit. A response may be six times as large, since JSON can escape each byte as six.
    pub fn max_message_bytes(mut self, max: usize) -> Self {
        self.max_message_bytes = max;
        self
    }

    /// Sets how many requests of [`Client::put_all`] or [`Client::get_all`] are in flight at once. The default is 4; 0
    /// counts as 1.
    pub fn concurrency(mut self, max: usize) -> Self {
        self.concurrency = max.max(1);
        self
    }

    /// Builds the client. It opens no connection until the first call.
    ///
    /// # Errors
    /// [`ConfigError`] if the base URL, the CA certificates or the user agent is invalid, or if the base URL is https
    /// and there are no CA certificates at all.
    pub fn build(self) -> Result<Client, ConfigError> {
        let is_https = check_base_url(&self.base_url)?;
        let transport = Transport {
            client: legacy::Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(POOL_IDLE_TIMEOUT)
                .build(self.connector(is_https)?),
            user_agent: HeaderValue::from_str(&self.user_agent).map_err(|_| ConfigError::UserAgent)?,
            // JSON may escape one byte as six (`\u001f`: RFC 8259, section 7); 16 KiB are for the rest of the response.
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
                return Err(ConfigError::Certificates("the text has no certificate in PEM".to_owned()));
            }
            for certificate in certificates {
                roots.add(certificate).map_err(|error| invalid(&error))?;
            }
        }
        if is_https && roots.is_empty() {
            return Err(ConfigError::Certificates("the system has none, and none were added".to_owned()));
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

const NOT_A_URL: &str = "is not a URL such as https://messages.example";

/// Checks the base URL, and returns whether it is https.
fn check_base_url(text: &str) -> Result<bool, ConfigError> {
    let uri: Uri = text.parse().map_err(|_| ConfigError::BaseUrl(NOT_A_URL))?;
    let authority = uri.authority().ok_or(ConfigError::BaseUrl(NOT_A_URL))?;
    if authority.as_str().contains('@') {
        return Err(ConfigError::BaseUrl("must not have a user or a password"));
    }
    if authority.port_u16().is_none() && authority.as_str() != authority.host() {
        return Err(ConfigError::BaseUrl("has an invalid port")); // hyper would ignore the port
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
