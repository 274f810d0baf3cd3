//! Options that say whose tokens are believed, and what needs none.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, ValueEnum};
use hyper::Uri;

use crate::parsers::duration;

/// Whose tokens are believed. Without an issuer nobody is asked for one.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("identity_jwks"))]
pub struct IdentityOptions {
    /// Who issues the tokens, as their `iss` says. Clients are asked for one from now on.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_ISSUER", value_name = "ISSUER", value_parser = NonEmptyStringValueParser::new(), requires_all = ["identity_audience", "identity_jwks"])]
    pub identity_issuer: Option<String>,

    /// What this service is called in the `aud` of tokens for it.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_AUDIENCE", value_name = "AUDIENCE", value_parser = NonEmptyStringValueParser::new(), requires = "identity_issuer")]
    pub identity_audience: Option<String>,

    /// File with the issuer's keys, a JWK set.
    #[arg(
        long,
        env = "MESSAGE_TO_HASH_IDENTITY_JWKS_FILE",
        value_name = "FILE",
        group = "identity_jwks",
        requires = "identity_issuer"
    )]
    pub identity_jwks_file: Option<PathBuf>,

    /// Where the issuer publishes its keys: https, or http where the network is trusted.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_JWKS_URL", value_name = "URL", group = "identity_jwks", requires = "identity_issuer", value_parser = jwks_url)]
    pub identity_jwks_url: Option<Uri>,

    /// How often the keys are read again: so long a key that the issuer has withdrawn is still believed.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_JWKS_REFRESH", value_name = "TIME", default_value = "5m", value_parser = refresh)]
    pub identity_jwks_refresh: Duration,

    /// What needs no token: nothing, reading, or everything. All where there is no issuer, else none.
    #[arg(long, env = "MESSAGE_TO_HASH_IDENTITY_ANONYMOUS", value_name = "WHAT", requires_ifs = [("none", "identity_issuer"), ("read", "identity_issuer")])]
    pub identity_anonymous: Option<Anonymous>,
}

/// What a client may do without a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Anonymous {
    /// Nothing.
    None,
    /// Read messages.
    Read,
    /// Everything but to delete.
    All,
}

/// Where the issuer's keys are.
#[derive(Debug, Clone)]
pub enum JwksLocation {
    /// On this machine.
    File(PathBuf),
    /// With the issuer.
    Url(Uri),
}

/// Whose tokens are believed.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Its name, in each of its tokens.
    pub name: String,
    /// The name of this service, in each token for it.
    pub audience: String,
    /// Where its keys are.
    pub jwks: JwksLocation,
    /// How often they are read again.
    pub refresh: Duration,
    /// What needs no token.
    pub anonymous: Anonymous,
}

impl IdentityOptions {
    /// The issuer, if there is one. An issuer without the rest did not pass the command line.
    #[must_use]
    pub fn issuer(&self) -> Option<Issuer> {
        let file = self.identity_jwks_file.clone().map(JwksLocation::File);
        let url = self.identity_jwks_url.clone().map(JwksLocation::Url);
        Some(Issuer {
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
    let is_one = |url: &Uri| {
        matches!(url.scheme_str(), Some("https" | "http"))
            && url.authority().is_some_and(|authority| match authority.port_u16() {
                Some(_) => !authority.as_str().contains('@'),
                None => authority.as_str() == authority.host(), // no user, and no port that is none
            })
    };
    url.filter(is_one)
        .ok_or_else(|| "an address is needed, as in https://host/path, without a user".to_owned())
}

fn refresh(text: &str) -> Result<Duration, String> {
    let refresh = duration(text)?;
    if refresh < Duration::from_secs(1) { Err("at least 1s is needed".to_owned()) } else { Ok(refresh) }
}
