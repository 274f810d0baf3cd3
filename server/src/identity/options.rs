//! The options of identities: the trusted issuer, and the permissions without a token.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, ValueEnum};
use hyper::Uri;

use crate::parsers::duration;

/// The trusted issuer. Without an issuer, clients need no token.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("identity_jwks"))]
pub struct IdentityOptions {
    /// Issuer of the tokens, as in their `iss` claim. Clients then need a token, except for --identity-anonymous.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_ISSUER", value_name = "ISSUER", value_parser = NonEmptyStringValueParser::new(), requires_all = ["identity_audience", "identity_jwks"])]
    pub identity_issuer: Option<String>,

    /// Name of this service in the `aud` claim of tokens.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_AUDIENCE", value_name = "AUDIENCE", value_parser = NonEmptyStringValueParser::new(), requires = "identity_issuer")]
    pub identity_audience: Option<String>,

    /// File with the issuer's keys (a JWK set).
    #[arg(
        long,
        env = "MESSAGE_TO_HASH_IDENTITY_JWKS_FILE",
        value_name = "FILE",
        group = "identity_jwks",
        requires = "identity_issuer"
    )]
    pub identity_jwks_file: Option<PathBuf>,

    /// URL of the issuer's keys: https, or http if the network is trusted.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_JWKS_URL", value_name = "URL", group = "identity_jwks", requires = "identity_issuer", value_parser = jwks_url)]
    pub identity_jwks_url: Option<Uri>,

    /// How often the keys are read again. A key that the issuer has withdrawn stays valid until then.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_JWKS_REFRESH", value_name = "TIME", default_value = "5m", value_parser = refresh)]
    pub identity_jwks_refresh: Duration,

    /// Permissions of clients without a token. The default is all without an issuer, and none with an issuer.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_ANONYMOUS", value_name = "WHAT", requires_ifs = [("none", "identity_issuer"), ("read", "identity_issuer")])]
    pub identity_anonymous: Option<Anonymous>,
}

/// The permissions of a client without a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Anonymous {
    /// Nothing.
    None,
    /// Read messages.
    Read,
    /// Everything except delete.
    All,
}

/// The location of the issuer's keys.
#[derive(Debug, Clone)]
pub enum JwksLocation {
    /// A file.
    File(PathBuf),
    /// A URL.
    Url(Uri),
}

/// The trusted issuer.
#[derive(Debug, Clone)]
pub struct IssuerOptions {
    /// Its name: the `iss` claim of its tokens.
    pub name: String,
    /// The name of this service: the `aud` claim of tokens.
    pub audience: String,
    /// The location of its keys.
    pub jwks: JwksLocation,
    /// How often the keys are read again.
    pub refresh: Duration,
    /// The permissions without a token.
    pub anonymous: Anonymous,
}

impl IdentityOptions {
    /// The issuer, if the options name one. The command line requires all of its options together.
    #[must_use]
    pub fn issuer(&self) -> Option<IssuerOptions> {
        let file = self.identity_jwks_file.clone().map(JwksLocation::File);
        let url = self.identity_jwks_url.clone().map(JwksLocation::Url);
        Some(IssuerOptions {
            name: self.identity_issuer.clone()?,
            audience: self.identity_audience.clone()?,
            jwks: file.or(url)?,
            refresh: self.identity_jwks_refresh,
            anonymous: self.identity_anonymous.unwrap_or(Anonymous::None),
        })
    }
}

fn jwks_url(text: &str) -> Result<Uri, String> {
    let url: Option<Uri> = text.parse().ok();
    let is_valid = |url: &Uri| {
        matches!(url.scheme_str(), Some("https" | "http"))
            && url.authority().is_some_and(|authority| match authority.port_u16() {
                Some(_) => !authority.as_str().contains('@'),
                None => authority.as_str() == authority.host(), // neither a user nor an invalid port
            })
    };
    url.filter(is_valid)
        .ok_or_else(|| "an address is needed, as in https://host/path, without a user".to_owned())
}

fn refresh(text: &str) -> Result<Duration, String> {
    let refresh = duration(text)?;
    if refresh < Duration::from_secs(1) { Err("at least 1s is needed".to_owned()) } else { Ok(refresh) }
}
