//! Authentication and authorization: verifies bearer tokens of the trusted issuer, and checks that they grant the
//! scope of an operation.
//!
//! This module knows neither HTTP nor the operations' code. Tokens must never be logged.

mod claims;
mod issuer;
mod jwk;
mod keys;
mod options;
mod signature;
mod source;
mod token;
mod verified_tokens;

use std::sync::Arc;

use message_to_hash_api::server::Operation;
use message_to_hash_api_runtime::OperationSet as _;

use self::claims::Expected;
use self::issuer::Keys;
pub use self::issuer::LoadError;
pub use self::options::{Anonymous, IdentityOptions, IssuerOptions, JwksLocation};
use self::source::JwksSource;
pub use self::token::{Invalid, Verified};

const READ: &str = "messages:read";
/// Never granted without a token.
const DELETE: &str = "messages:delete";

/// Decides which client may call which operation.
#[derive(Default)]
pub struct Access {
    /// `None` if the deployment does not use identities.
    issuer: Option<TrustedIssuer>,
}

struct TrustedIssuer {
    keys: Keys,
    expected: Expected,
    anonymous: Anonymous,
}

/// The credentials of a request.
#[derive(Debug, Clone, Copy)]
pub enum Credentials<'a> {
    /// No credentials, or only of unsupported schemes.
    None,
    /// A bearer token (RFC 6750).
    Bearer(&'a str),
    /// More than one `Authorization` header.
    Several,
}

/// The issuer's keys cannot be used. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// TLS cannot be used for the URL of the keys.
    #[error("cannot use TLS")]
    Tls(#[source] rustls::Error),
    /// The keys cannot be loaded.
    #[error("{option}")]
    Keys {
        /// The option with the location of the keys.
        option: &'static str,
        /// The error of the location.
        source: LoadError,
    },
}

/// The request is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// The operation needs a token, and the request has none.
    #[error("A bearer token is required")]
    NoToken,
    /// The request has more than one `Authorization` header.
    #[error("A request may have one Authorization header")]
    Several,
    /// The token is not valid.
    #[error("The bearer token {0}")]
    Invalid(#[from] Invalid),
    /// The token does not grant the operation's scope.
    #[error("The bearer token lacks the scope {0}")]
    LacksScope(&'static str),
    /// The issuer's keys have not been read yet, so no token can be verified.
    #[error("The issuer's keys are not known yet; repeat the request later")]
    NoKeys,
}

impl Access {
    /// Trusts this issuer. Without an issuer every client may do everything except delete.
    ///
    /// # Errors
    /// [`IdentityError`] if the keys cannot be used.
    pub async fn open(issuer: Option<IssuerOptions>) -> Result<Self, IdentityError> {
        let Some(issuer) = issuer else { return Ok(Self::default()) };
        let source = JwksSource::new(&issuer.jwks).map_err(IdentityError::Tls)?;
        let option = source.option();
        let keys = Keys::open(source, issuer.refresh)
            .await
            .map_err(|source| IdentityError::Keys { option, source })?;
        let expected = Expected { issuer: issuer.name, audience: issuer.audience };
        Ok(Self { issuer: Some(TrustedIssuer { keys, expected, anonymous: issuer.anonymous }) })
    }

    /// Keeps the issuer's keys up to date; never returns.
    pub async fn keep_fresh(&self) {
        match &self.issuer {
            Some(issuer) => issuer.keys.keep_fresh().await,
            None => std::future::pending().await,
        }
    }

    /// Whether reading needs a token, so that shared caches must not store responses.
    #[must_use]
    pub fn reads_are_private(&self) -> bool {
        self.issuer.as_ref().is_some_and(|issuer| issuer.anonymous == Anonymous::None)
    }

    /// Describes the state of the keys for the readiness check.
    ///
    /// # Errors
    /// A description, if no request can be authorized.
    pub fn ready(&self) -> Result<&'static str, &'static str> {
        const NO_KEYS: &str = "the issuer's keys are not known yet";
        match &self.issuer {
            None => Ok("nobody is asked for a token"),
            Some(issuer) if issuer.keys.current().is_some() => Ok("ok"),
            Some(issuer) if issuer.anonymous == Anonymous::None => Err(NO_KEYS),
            Some(_) => Ok(NO_KEYS),
        }
    }

    /// Whether the deployment uses identities.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.issuer.is_some()
    }

    /// Verifies the credentials of a request; `None` for a request without any.
    ///
    /// # Errors
    /// [`AccessError`] if the credentials are invalid.
    pub async fn identify(&self, credentials: Credentials<'_>) -> Result<Option<Arc<Verified>>, AccessError> {
        match (&self.issuer, credentials) {
            (None, _) | (_, Credentials::None) => Ok(None),
            (Some(_), Credentials::Several) => Err(AccessError::Several),
            (Some(issuer), Credentials::Bearer(token)) => issuer.verify(token).await.map(Some),
        }
    }

    /// Checks that this client may call this operation.
    ///
    /// # Errors
    /// [`AccessError`] if it may not.
    pub fn authorize(&self, operation: Operation, client: Option<&Verified>) -> Result<(), AccessError> {
        let Some(issuer) = &self.issuer else { return Ok(()) };
        let required = operation.info().scope;
        let anybody = match issuer.anonymous {
            Anonymous::None => false,
            Anonymous::Read => required == Some(READ),
            Anonymous::All => required != Some(DELETE),
        };
        match (client, required) {
            _ if anybody => Ok(()),
            (None, _) => Err(AccessError::NoToken),
            (Some(client), Some(scope)) if !client.scopes.contains(&scope) => {
                Err(AccessError::LacksScope(scope))
            }
            (Some(_), _) => Ok(()),
        }
    }
}

impl TrustedIssuer {
    async fn verify(&self, token: &str) -> Result<Arc<Verified>, AccessError> {
        let current = self.keys.current().ok_or(AccessError::NoKeys)?;
        if let Some(verified) = current.verified.get(token) {
            return if verified.is_current() { Ok(verified) } else { Err(Invalid::Expired.into()) };
        }
        let (current, verified) = match token::verify(token, &current.keys, &self.expected) {
            // A key of another algorithm counts as unknown, since keys of different types may share a `kid`.
            Err(unknown @ (Invalid::UnknownKey | Invalid::NoKeyId | Invalid::Algorithm)) => {
                // Boxed, since this is rare and would otherwise enlarge the future of every request.
                let newer = Box::pin(self.keys.newer_than(&current)).await.ok_or(unknown)?;
                let verified = token::verify(token, &newer.keys, &self.expected);
                (newer, verified)
            }
            verified => (current, verified),
        };
        let verified = Arc::new(verified?);
        current.verified.insert(token, &verified);
        Ok(verified)
    }
}
