//! Who may do what: a client has a token of the issuer that we trust, or none, and each operation of the
//! contract requires a scope.
//!
//! Knows neither HTTP nor what an operation does. No token leaves this folder, nor any log line with one.

mod claims;
mod issuer;
mod jwk;
mod keys;
mod remembered;
mod signature;
mod source;
mod token;

use std::sync::Arc;

use message_to_hash_api::server::REQUIRED_SCOPES;

use self::claims::Expected;
use self::issuer::Keys;
use self::source::Source;
pub use self::token::{Invalid, Verified};
use crate::config::identity::{Anonymous, Issuer};

const READ: &str = "messages:read";
/// What no client may without a token.
const DELETE: &str = "messages:delete";

/// Who may do what.
#[derive(Default)]
pub struct Access {
    /// Without it anybody may do what the operations allow.
    issuer: Option<TrustedIssuer>,
}

struct TrustedIssuer {
    keys: Keys,
    expected: Expected,
    anonymous: Anonymous,
}

/// What a request brings to say whose it is.
#[derive(Debug, Clone, Copy)]
pub enum Credentials<'a> {
    /// Nothing that we understand.
    None,
    /// A token.
    Bearer(&'a str),
    /// More than one thing.
    Several,
}

/// Why a request may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It needs a token, and has none.
    #[error("A bearer token is required")]
    NoToken,
    /// It is not clear whose it is.
    #[error("A request may have one Authorization header")]
    Several,
    /// Its token is not valid.
    #[error("The bearer token {0}")]
    Invalid(#[from] Invalid),
    /// Its token is not for this operation.
    #[error("The bearer token lacks the scope {0}")]
    LacksScope(&'static str),
    /// There is nothing yet to verify its token by.
    #[error("The issuer's keys are not known yet; repeat the request later")]
    NoKeys,
}

impl Access {
    /// Trusts this issuer; without one, anybody may do anything.
    ///
    /// # Errors
    /// Why its keys cannot be used, in words for the operator.
    pub async fn open(issuer: Option<Issuer>) -> Result<Self, String> {
        let Some(issuer) = issuer else { return Ok(Self::default()) };
        let source = Source::new(&issuer.jwks).map_err(|error| format!("cannot use TLS: {error}"))?;
        let option = source.option();
        let keys = Keys::open(source, issuer.refresh).await.map_err(|error| format!("{option}: {error}"))?;
        let expected = Expected { issuer: issuer.name, audience: issuer.audience };
        Ok(Self { issuer: Some(TrustedIssuer { keys, expected, anonymous: issuer.anonymous }) })
    }

    /// Follows the issuer's keys, for ever.
    pub async fn keep_fresh(&self) {
        match &self.issuer {
            Some(issuer) => issuer.keys.keep_fresh().await,
            None => std::future::pending().await,
        }
    }

    /// Whether what one client has read is not for any other.
    #[must_use]
    pub fn reads_are_private(&self) -> bool {
        self.issuer.as_ref().is_some_and(|issuer| issuer.anonymous == Anonymous::None)
    }

    /// How it stands, for the operator; `Err` where nobody can be served.
    ///
    /// # Errors
    /// The same, in words.
    pub fn ready(&self) -> Result<&'static str, &'static str> {
        const NO_KEYS: &str = "the issuer's keys are not known yet";
        match &self.issuer {
            None => Ok("nobody is asked for a token"),
            Some(issuer) if issuer.keys.current().is_some() => Ok("ok"),
            Some(issuer) if issuer.anonymous == Anonymous::None => Err(NO_KEYS),
            Some(_) => Ok(NO_KEYS),
        }
    }

    /// Whether it matters whose request it is.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.issuer.is_some()
    }

    /// Whose request it is; none where it does not say.
    ///
    /// # Errors
    /// [`Refusal`] where it says so in a way that is wrong.
    pub async fn identify(&self, credentials: Credentials<'_>) -> Result<Option<Arc<Verified>>, Refusal> {
        match (&self.issuer, credentials) {
            (None, _) | (_, Credentials::None) => Ok(None),
            (Some(_), Credentials::Several) => Err(Refusal::Several),
            (Some(issuer), Credentials::Bearer(token)) => issuer.verify(token).await.map(Some),
        }
    }

    /// Whether this client may do this operation.
    ///
    /// # Errors
    /// [`Refusal`] where not.
    pub fn authorize(&self, operation: &str, client: Option<&Verified>) -> Result<(), Refusal> {
        let Some(issuer) = &self.issuer else { return Ok(()) };
        let required = REQUIRED_SCOPES.iter().find(|(id, _)| *id == operation).map(|(_, scope)| *scope);
        let anybody = match issuer.anonymous {
            Anonymous::None => false,
            Anonymous::Read => required == Some(READ),
            Anonymous::All => required != Some(DELETE),
        };
        match (client, required) {
            _ if anybody => Ok(()),
            (None, _) => Err(Refusal::NoToken),
            (Some(client), Some(scope)) if !client.scopes.contains(&scope) => Err(Refusal::LacksScope(scope)),
            (Some(_), _) => Ok(()),
        }
    }
}

impl TrustedIssuer {
    async fn verify(&self, token: &str) -> Result<Arc<Verified>, Refusal> {
        let current = self.keys.current().ok_or(Refusal::NoKeys)?;
        if let Some(verified) = current.verified.recall(token) {
            return if verified.is_current() { Ok(verified) } else { Err(Invalid::Expired.into()) };
        }
        let (current, verified) = match token::verify(token, &current.keys, &self.expected) {
            // Also where its key has another algorithm: keys of different types may share a `kid`.
            Err(unknown @ (Invalid::UnknownKey | Invalid::NoKeyId | Invalid::Algorithm)) => {
                // Boxed, since it is rare, and would make every request's future larger.
                let newer = Box::pin(self.keys.newer_than(&current)).await.ok_or(unknown)?;
                let verified = token::verify(token, &newer.keys, &self.expected);
                (newer, verified)
            }
            verified => (current, verified),
        };
        let verified = Arc::new(verified?);
        current.verified.remember(token, &verified);
        Ok(verified)
    }
}
