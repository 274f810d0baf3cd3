//! Whether a token (JWT, RFC 7519) is one of the issuer's, for us, and of now; and what it says.
//!
//! Never any part of a token in an error or a log line, but for who its bearer is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::claims::{Claims, Expected, has_passed};
use super::keys::KeySet;
use super::signature::Algorithm;

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
    /// And the issuer has several keys for its algorithm, or none.
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

/// The header's members that decide how the token is verified.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that a recipient must understand. None is known here.
    crit: Option<IgnoredAny>,
}

/// What the token says, if it is valid by these keys.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected) -> Result<Verified, Invalid> {
    if token.len() > TOKEN_BYTES {
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
    /// Whether the token's time is not over.
    pub(super) fn is_current(&self) -> bool {
        !has_passed(self.expires)
    }
}

/// A subject is any text; what is not visible ASCII is escaped, so that it is one word of a log line.
pub(super) fn printable(subject: &str) -> String {
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
}
