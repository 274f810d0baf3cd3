//! The issuer's keys: which of a JWK set (RFC 7517) are used, and for what.
//!
//! A key says which algorithm verifies with it; a token has no say in it.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// Keys that the issuer signs with.
pub struct KeySet {
    keys: Vec<Key>,
}

/// A key and the one algorithm that it is for.
pub struct Key {
    id: Option<String>,
    /// Never one with a shared secret.
    pub algorithm: Algorithm,
    /// The public key.
    pub public: DecodingKey,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Reads a JWK set. Keys that are not for signatures, or for others than ours, are left out.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let jwks: Jwks = serde_json::from_slice(json)?;
        let keys = jwks.keys.into_iter().filter_map(Key::of).collect();
        Ok(Self { keys })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no token can be verified by them.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that a token names; where it names none, the only key there is.
    pub fn find(&self, id: Option<&str>) -> Option<&Key> {
        match (id, &self.keys[..]) {
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Key {
    fn of(jwk: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Algorithm::EdDSA,
            _ => return None,
        };
        let common = &jwk.common;
        let is_for_it = common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(algorithm));
        let is_for_signatures =
            common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
                && common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !is_for_it || !is_for_signatures {
            return None;
        }
        Some(Self { id: common.key_id.clone(), algorithm, public: DecodingKey::from_jwk(&jwk).ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usable(jwk: &str) -> Option<Algorithm> {
        let set = KeySet::parse(format!(r#"{{"keys":[{{"kid":"k",{jwk}}}]}}"#).as_bytes()).unwrap();
        set.find(Some("k")).map(|key| key.algorithm)
    }

    #[test]
    fn a_key_is_for_one_algorithm() {
        let ec = r#""kty":"EC","crv":"P-256","x":"AQ","y":"Ag""#;
        let table = [
            (r#""kty":"RSA","n":"AQAB","e":"AQAB""#.to_owned(), Some(Algorithm::RS256)),
            (
                r#""kty":"RSA","n":"AQAB","e":"AQAB","alg":"RS256","use":"sig""#.to_owned(),
                Some(Algorithm::RS256),
            ),
            (r#""kty":"RSA","n":"AQAB","e":"AQAB","alg":"PS256""#.to_owned(), None),
            (r#""kty":"RSA","n":"AQAB","e":"AQAB","use":"enc""#.to_owned(), None),
            (r#""kty":"RSA","n":"AQAB","e":"AQAB","alg":"RSA-OAEP""#.to_owned(), None),
            (ec.to_owned(), Some(Algorithm::ES256)),
            (format!(r#"{ec},"key_ops":["verify"]"#), Some(Algorithm::ES256)),
            (format!(r#"{ec},"key_ops":["deriveKey"]"#), None),
            (format!(r#"{ec},"alg":"HS256""#), None),
            (ec.replace("P-256", "P-384"), None),
            (r#""kty":"OKP","crv":"Ed25519","x":"AQ""#.to_owned(), Some(Algorithm::EdDSA)),
            (r#""kty":"OKP","crv":"X25519","x":"AQ""#.to_owned(), None),
            (r#""kty":"oct","k":"AQ""#.to_owned(), None),
            (r#""kty":"oct","k":"AQ","alg":"HS256""#.to_owned(), None),
            (r#""kty":"AKP","alg":"ML-DSA-44","pub":"AQ""#.to_owned(), None),
            (r#""kty":7"#.to_owned(), None),
        ];
        for (jwk, algorithm) in table {
            assert_eq!(usable(&jwk), algorithm, "{jwk}");
        }
    }

    #[test]
    fn a_token_without_a_key_id_means_the_only_key() {
        let key = r#"{"kty":"OKP","crv":"Ed25519","x":"AQ"}"#;
        let one = KeySet::parse(format!(r#"{{"keys":[{key}]}}"#).as_bytes()).unwrap();
        let two = KeySet::parse(format!(r#"{{"keys":[{key},{key}]}}"#).as_bytes()).unwrap();
        assert!(one.find(None).is_some() && two.find(None).is_none());
        assert!(one.find(Some("k")).is_none());
    }

    #[test]
    fn what_is_no_key_set_is_an_error() {
        for text in ["", "{}", "[]", r#"{"keys":{}}"#, "<html>"] {
            assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
