//! The public key of a JSON Web Key (RFC 7517, RFC 7518, RFC 8037), or the reason why it is unusable.
//!
//! Some issuers pad base64url, or write numbers with leading zeros. Both are accepted, since they do not change the
//! number. Any other deviation makes the key unusable.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::Value;

use super::signature::{Algorithm, PublicKey};

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes of a coordinate of P-256, and of a public key of Ed25519.
const COORDINATE_BYTES: usize = 32;
/// The range that ring supports.
const MIN_RSA_BITS: usize = 2048;
const MAX_RSA_BITS: usize = 8192;
const MAX_RSA_EXPONENT: u64 = (1 << 33) - 1;

/// The key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// The key is meant for encryption, for example. This is not a mistake of the issuer.
    #[error("it is not for signatures")]
    OtherPurpose,
    #[error("{0} is missing or malformed (RFC 7517)")]
    Member(&'static str),
    #[error("the type {0} is not supported")]
    Type(String),
    #[error("the curve {0} is not supported")]
    Curve(String),
    #[error("the algorithm {0} is not supported for this key")]
    Algorithm(String),
    #[error("{0} is not base64url")]
    Base64(&'static str),
    #[error("{0} does not have {COORDINATE_BYTES} bytes")]
    Length(&'static str),
    #[error("RSA keys need {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, and this one has {0}")]
    RsaBits(usize),
    #[error("the RSA modulus or exponent is not an odd number of a size that is used")]
    RsaNumbers,
}

/// The members that are read. Unknown ones are ignored (RFC 7517, section 4).
#[derive(Deserialize)]
struct JwkMembers {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The key's name (`kid`), where it has one that is text.
pub fn id(jwk: &Value) -> Option<&str> {
    jwk.get("kid")?.as_str()
}

/// Reads the public key of a JWK.
pub fn public_key(jwk: &Value) -> Result<PublicKey, JwkError> {
    if !matches!(jwk.get("kid"), None | Some(Value::Null | Value::String(_))) {
        return Err(JwkError::Member("kid"));
    }
    let members = JwkMembers::deserialize(jwk).map_err(|_| JwkError::Member("a member"))?;
    let is_for_signatures = members.purpose.as_ref().is_none_or(|purpose| purpose == "sig")
        && members.key_ops.as_ref().is_none_or(|all| all.iter().any(|operation| operation == "verify"));
    if !is_for_signatures {
        return Err(JwkError::OtherPurpose);
    }
    let key = match members.kty.as_str() {
        "RSA" => rsa(&members)?,
        "EC" => p256(&members)?,
        "OKP" => ed25519(&members)?,
        other => return Err(JwkError::Type(other.to_owned())),
    };
    match members.alg {
        Some(alg) if Algorithm::parse(&alg) != Some(key.algorithm()) => Err(JwkError::Algorithm(alg)),
        _ => Ok(key),
    }
}

fn rsa(members: &JwkMembers) -> Result<PublicKey, JwkError> {
    let n = number("n", members.n.as_deref())?;
    let e = number("e", members.e.as_deref())?;
    let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
        return Err(JwkError::RsaBits(bits));
    }
    let exponent = e.iter().try_fold(0u64, |sum, byte| Some(sum.checked_mul(256)? + u64::from(*byte)));
    let is_odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last % 2 == 1);
    if !is_odd(&n) || !is_odd(&e) || exponent.is_none_or(|e| !(3..=MAX_RSA_EXPONENT).contains(&e)) {
        return Err(JwkError::RsaNumbers);
    }
    Ok(PublicKey::Rsa { n, e })
}

fn p256(members: &JwkMembers) -> Result<PublicKey, JwkError> {
    check_curve(members, "P-256")?;
    let mut point = vec![4]; // uncompressed (SEC 1)
    for (name, value) in [("x", &members.x), ("y", &members.y)] {
        let coordinate = number(name, value.as_deref())?;
        let padding = COORDINATE_BYTES.checked_sub(coordinate.len()).ok_or(JwkError::Length(name))?;
        point.extend(std::iter::repeat_n(0, padding));
        point.extend(coordinate);
    }
    Ok(PublicKey::P256(point))
}

fn ed25519(members: &JwkMembers) -> Result<PublicKey, JwkError> {
    check_curve(members, "Ed25519")?;
    let x = bytes("x", members.x.as_deref())?; // a byte string: its leading zeros are significant
    if x.len() == COORDINATE_BYTES { Ok(PublicKey::Ed25519(x)) } else { Err(JwkError::Length("x")) }
}

fn check_curve(members: &JwkMembers, supported: &str) -> Result<(), JwkError> {
    let curve = members.crv.as_deref().ok_or(JwkError::Member("crv"))?;
    if curve == supported { Ok(()) } else { Err(JwkError::Curve(curve.to_owned())) }
}

fn bytes(name: &'static str, text: Option<&str>) -> Result<Vec<u8>, JwkError> {
    BASE64URL.decode(text.ok_or(JwkError::Member(name))?).map_err(|_| JwkError::Base64(name))
}

/// Decodes a number, without leading zeros.
fn number(name: &'static str, text: Option<&str>) -> Result<Vec<u8>, JwkError> {
    let mut bytes = bytes(name, text)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE as PADDED, URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    fn algorithm(jwk: &Value, changes: &Value) -> Result<Algorithm, JwkError> {
        let mut jwk = jwk.clone();
        jwk.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        public_key(&jwk).map(|key| key.algorithm())
    }

    #[test]
    fn jwk_is_for_one_algorithm() {
        let rsa = json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([0xff; 256]), "e": "AQAB" });
        let ec = json!({ "kty": "EC", "crv": "P-256", "x": "AQ", "y": "Ag" });
        let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([0; 32]) });
        let unsupported = |name: &str| Err(JwkError::Algorithm(name.to_owned()));
        for (jwk, changes, expected) in [
            (&rsa, json!({}), Ok(Algorithm::Rs256)),
            (&rsa, json!({ "alg": "RS256", "use": "sig", "x5c": 7 }), Ok(Algorithm::Rs256)),
            (&rsa, json!({ "alg": "PS256" }), unsupported("PS256")),
            (&rsa, json!({ "alg": "ES256" }), unsupported("ES256")),
            (&rsa, json!({ "use": "enc", "alg": "RSA-OAEP" }), Err(JwkError::OtherPurpose)),
            (&rsa, json!({ "use": 7 }), Err(JwkError::Member("a member"))),
            (&rsa, json!({ "kid": 7 }), Err(JwkError::Member("kid"))),
            (&ec, json!({}), Ok(Algorithm::Es256)),
            (&ec, json!({ "key_ops": ["verify"] }), Ok(Algorithm::Es256)),
            (&ec, json!({ "key_ops": ["deriveKey"] }), Err(JwkError::OtherPurpose)),
            (&ec, json!({ "alg": "HS256" }), unsupported("HS256")),
            (&ec, json!({ "crv": "P-384", "alg": "ES384" }), Err(JwkError::Curve("P-384".to_owned()))),
            (&ec, json!({ "crv": null }), Err(JwkError::Member("crv"))),
            (&ed, json!({}), Ok(Algorithm::EdDsa)),
            (&ed, json!({ "alg": "EdDSA" }), Ok(Algorithm::EdDsa)),
            (&ed, json!({ "alg": "Ed25519" }), Ok(Algorithm::EdDsa)),
            (&ed, json!({ "alg": "Ed448" }), unsupported("Ed448")),
            (&ed, json!({ "crv": "X25519" }), Err(JwkError::Curve("X25519".to_owned()))),
            (&ed, json!({ "x": "AQ" }), Err(JwkError::Length("x"))),
            (&ed, json!({ "kty": "oct", "k": "AQ" }), Err(JwkError::Type("oct".to_owned()))),
            (&ed, json!({ "kty": "AKP" }), Err(JwkError::Type("AKP".to_owned()))),
            (&ed, json!({ "kty": 7 }), Err(JwkError::Member("a member"))),
        ] {
            assert_eq!(algorithm(jwk, &changes), expected, "{jwk} {changes}");
        }
    }

    #[test]
    fn numbers_are_read_without_leading_zeros_and_padding() {
        let modulus = [0xfb; 256];
        let with_zeros = [&[0, 0][..], &modulus].concat();
        let expected = Ok((modulus.to_vec(), vec![1, 0, 1]));
        let read = |n: String, e: &str| match public_key(&json!({ "kty": "RSA", "n": n, "e": e })) {
            Ok(PublicKey::Rsa { n, e }) => Ok((n, e)),
            Ok(key) => panic!("{key:?}"),
            Err(error) => Err(error),
        };
        assert_eq!(read(URL_SAFE_NO_PAD.encode(&with_zeros), "AAEAAQ"), expected);
        assert_eq!(read(PADDED.encode(&with_zeros), "AAEAAQ=="), expected);
        assert_eq!(read(STANDARD.encode(modulus), "AQAB"), Err(JwkError::Base64("n")));
        assert_eq!(read(URL_SAFE_NO_PAD.encode([0xfb; 128]), "AQAB"), Err(JwkError::RsaBits(1024)));
        assert_eq!(read(String::new(), "AQAB"), Err(JwkError::RsaBits(0)));
        for e in ["AQ", "AA", "", "Ag", "________", "BAAAAAAB"] {
            assert_eq!(read(URL_SAFE_NO_PAD.encode(modulus), e), Err(JwkError::RsaNumbers), "{e}");
        }

        let x = [&[0][..], &[7; 31]].concat();
        for written in [&x[..], &x[1..], &[&[0, 0][..], &x].concat()] {
            let jwk = json!({ "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(written), "y": "AQ" });
            let Ok(PublicKey::P256(point)) = public_key(&jwk) else { panic!("{jwk}") };
            assert!(point.len() == 65 && point[1..33] == x && point[64] == 1, "{point:?}");
        }
    }
}
