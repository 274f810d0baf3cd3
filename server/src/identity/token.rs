//! Verification of a token (JWT, RFC 7519): signature, issuer, audience and times.
//!
//! No part of a token may appear in an error or a log line, except the subject.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::claims::{Claims, Expected, has_passed};
use super::keys::KeySet;
use super::signature::Algorithm;

/// Most servers accept no longer request heads.
const MAX_TOKEN_BYTES: usize = 16 << 10;
const MAX_SUBJECT_CHARS: usize = 128;

/// The claims of a valid token.
#[derive(Debug)]
pub struct Verified {
    /// The subject (`sub`), escaped for log lines.
    pub subject: Option<String>,
    /// The scopes that the token grants, out of those that the contract uses.
    pub scopes: Vec<&'static str>,
    expires: f64,
}

/// The token is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not a JWT with a supported signature.
    #[error("is not a JWT signed with RS256, ES256 or EdDSA")]
    Malformed,
    /// Longer than the limit.
    #[error("is too long")]
    TooLong,
    /// The issuer does not have its key, or no longer.
    #[error("is signed with a key that is not known")]
    UnknownKey,
    /// No `kid`, and the issuer does not have exactly one key for the algorithm.
    #[error("does not name its key (kid)")]
    NoKeyId,
    /// Its `alg` does not fit the key that it names.
    #[error("has another algorithm (alg) than its key")]
    Algorithm,
    /// The signature was not made with the key that it names.
    #[error("has a signature that is wrong")]
    Signature,
    /// Its `exp` has passed.
    #[error("has expired")]
    Expired,
    /// Its `nbf` has not been reached.
    #[error("is not valid yet")]
    NotYet,
    /// Another issuer (`iss`).
    #[error("is of another issuer")]
    Issuer,
    /// Another audience (`aud`).
    #[error("is for another audience")]
    Audience,
    /// A claim is missing or malformed.
    #[error("has no iss, aud or exp, or a claim of a wrong form")]
    Claim,
}

/// The header's members that decide how the token is verified.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that a recipient must understand. None is known here.
    crit: Option<IgnoredAny>,
}

/// Verifies a token and returns its claims.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected) -> Result<Verified, Invalid> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Invalid::TooLong);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Invalid::Malformed)?;
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| Invalid::Malformed)?;
    if header.crit.is_some() || header.alg == "none" {
        return Err(Invalid::Malformed);
    }
    let candidates = keys.candidates(header.kid.as_deref(), Algorithm::parse(&header.alg))?;
    let (claims, signature) = (decode(claims)?, decode(signature)?);
    if !candidates.iter().any(|key| key.has_signed(signed.as_bytes(), &signature)) {
        return Err(Invalid::Signature);
    }
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| Invalid::Claim)?;
    claims.check(expected)?;
    Ok(Verified {
        subject: claims.sub.as_deref().map(printable),
        scopes: claims.scopes(),
        expires: claims.exp,
    })
}

/// Reads base64url without padding, in its one canonical form (RFC 7515, section 2).
fn decode(part: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Malformed)
}

impl Verified {
    /// Whether the token has not expired.
    pub(super) fn is_current(&self) -> bool {
        !has_passed(self.expires)
    }
}

/// Truncates a text and escapes all but visible ASCII, to get one word of a log line.
pub(super) fn printable(subject: &str) -> String {
    let mut printable = String::new();
    for character in subject.chars().take(MAX_SUBJECT_CHARS) {
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
    fn subject_is_shortened_and_escaped() {
        assert_eq!(printable("auth0|me@x.org"), "auth0|me@x.org");
        assert_eq!(printable("a b\n\u{1b}[31mé"), "a\\u{20}b\\u{a}\\u{1b}[31m\\u{e9}");
        assert_eq!(printable(&"x".repeat(5000)).len(), MAX_SUBJECT_CHARS);
        assert!(printable(&"\u{10ffff}".repeat(5000)).len() <= MAX_SUBJECT_CHARS * 10);
    }
}
