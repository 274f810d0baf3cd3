//! Whether a token (JWT, RFC 7519) is one of the issuer's, for us, and of now; and what it says.
//!
//! Never any part of a token in an error or a log line, but for who its bearer is.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use message_to_hash_api::server::REQUIRED_SCOPES;
use serde::Deserialize;

use super::keys::KeySet;

/// Clocks may differ by so much.
const LEEWAY: Duration = Duration::from_secs(30);
/// More than a request's head has room for in most servers.
const TOKEN_BYTES: usize = 16 << 10;
const SUBJECT_CHARS: usize = 128;

/// What a token says that is valid.
#[derive(Debug)]
pub struct Verified {
    /// Who its bearer is, fit for a log line.
    pub subject: Option<String>,
    /// What its bearer may do, of all that the contract asks for.
    pub scopes: Vec<&'static str>,
    expires: f64,
}

/// Why a token is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is not a signed JWT that we read.
    #[error("is not a JWT signed with RS256, ES256 or EdDSA")]
    Malformed,
    /// It is longer than we read.
    #[error("is too long")]
    TooLong,
    /// Its key is not, or no longer, the issuer's.
    #[error("is signed with a key that is not known")]
    UnknownKey,
    /// And the issuer has several, or none.
    #[error("does not name its key (kid)")]
    NoKeyId,
    /// It was not signed in the way of the key that it names.
    #[error("has another algorithm (alg) than its key")]
    Algorithm,
    /// It was not signed with the key that it names.
    #[error("has a signature that is wrong")]
    Signature,
    /// It is too late.
    #[error("has expired")]
    Expired,
    /// It is too early.
    #[error("is not valid yet")]
    NotYet,
    /// Someone else has issued it.
    #[error("is of another issuer")]
    Issuer,
    /// It is for another service.
    #[error("is for another audience")]
    Audience,
    /// A claim is not there, or is not what it has to be.
    #[error("has no iss, aud or exp, or a claim of a wrong form")]
    Claim,
}

#[derive(Deserialize)]
struct Claims {
    exp: f64,
    sub: Option<String>,
    scope: Option<Scopes>,
    scp: Option<Scopes>,
}

/// As RFC 8693 has it, or as a list, which is common, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    Words(String),
    List(Vec<String>),
}

/// What a token has to say.
pub fn expectation(issuer: &str, audience: &str) -> Validation {
    let mut expected = Validation::new(Algorithm::RS256);
    expected.algorithms.clear(); // the key brings its own
    expected.set_issuer(&[issuer]);
    expected.set_audience(&[audience]);
    expected.set_required_spec_claims(&["exp", "iss", "aud"]);
    expected.validate_nbf = true;
    expected.leeway = LEEWAY.as_secs();
    expected
}

/// What the token says, if it is valid by these keys.
pub fn verify(token: &str, keys: &KeySet, expected: &Validation) -> Result<Verified, Invalid> {
    if token.len() > TOKEN_BYTES {
        return Err(Invalid::TooLong);
    }
    let header = decode_header(token).map_err(|_| Invalid::Malformed)?;
    if header.crit.is_some() {
        return Err(Invalid::Malformed); // it is to be refused by who does not know what it asks for
    }
    let id = header.kid.as_deref();
    let key = keys.find(id).ok_or(if id.is_some() { Invalid::UnknownKey } else { Invalid::NoKeyId })?;
    let expected = Validation { algorithms: vec![key.algorithm], ..expected.clone() };
    let claims = decode::<Claims>(token, &key.public, &expected).map_err(|error| why(error.kind()))?.claims;
    Ok(Verified {
        subject: claims.sub.as_deref().map(printable),
        scopes: known_scopes([claims.scope, claims.scp].into_iter().flatten()),
        expires: claims.exp,
    })
}

impl Verified {
    /// Whether the token's time is not over.
    pub(super) fn is_current(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.saturating_sub(LEEWAY).as_secs_f64() <= self.expires
    }
}

fn why(error: &ErrorKind) -> Invalid {
    match error {
        ErrorKind::InvalidAlgorithm => Invalid::Algorithm,
        ErrorKind::InvalidSignature => Invalid::Signature,
        ErrorKind::ExpiredSignature => Invalid::Expired,
        ErrorKind::ImmatureSignature => Invalid::NotYet,
        ErrorKind::InvalidIssuer => Invalid::Issuer,
        ErrorKind::InvalidAudience => Invalid::Audience,
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::InvalidClaimFormat(_) | ErrorKind::Json(_) => {
            Invalid::Claim
        }
        _ => Invalid::Malformed,
    }
}

fn known_scopes(claims: impl Iterator<Item = Scopes>) -> Vec<&'static str> {
    let mut claimed = HashSet::new();
    for claim in claims {
        match claim {
            Scopes::Words(words) => claimed.extend(words.split(' ').map(str::to_owned)),
            Scopes::List(list) => claimed.extend(list),
        }
    }
    // Each once, however many operations require it.
    REQUIRED_SCOPES.iter().map(|(_, scope)| *scope).filter(|scope| claimed.remove(*scope)).collect()
}

/// A subject is any text; what is not visible ASCII is escaped, so that it is one word of a log line.
fn printable(subject: &str) -> String {
    let mut printable = String::new();
    for character in subject.chars().take(SUBJECT_CHARS) {
        if character.is_ascii_graphic() {
            printable.push(character);
        } else {
            printable.extend(character.escape_unicode());
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_short_word() {
        assert_eq!(printable("auth0|me@x.org"), "auth0|me@x.org");
        assert_eq!(printable("a b\n\u{1b}[31mé"), "a\\u{20}b\\u{a}\\u{1b}[31m\\u{e9}");
        assert_eq!(printable(&"x".repeat(5000)).len(), SUBJECT_CHARS);
        assert!(printable(&"\u{10ffff}".repeat(5000)).len() <= SUBJECT_CHARS * 10);
    }

    #[test]
    fn scopes_are_words_or_a_list_and_only_whole_ones_count() {
        let of = |json: &str| known_scopes(std::iter::once(serde_json::from_str(json).unwrap()));
        assert_eq!(of(r#""openid messages:read""#), ["messages:read"]);
        assert_eq!(of(r#"["messages:write", "messages:read"]"#), ["messages:write", "messages:read"]);
        assert_eq!(of(r#""messages:readonly xmessages:read""#), [""; 0]);
    }
}
