//! The issuer's keys (a JWK set, RFC 7517), and which of them may have signed a token.
//!
//! The key determines the algorithm, never the token.

use serde::Deserialize;
use serde_json::Value;

use super::jwk::{self, JwkError};
use super::signature::{Algorithm, PublicKey};
use super::token::{Invalid, printable};

/// Keys that the issuer signs with.
pub struct KeySet {
    keys: Vec<Key>,
    /// The keys that cannot be used, each with the reason, for the operator.
    unusable: Vec<String>,
}

struct Key {
    id: Option<String>,
    public: PublicKey,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Value>,
}

impl KeySet {
    /// Parses a JWK set. Unusable keys are skipped and described; keys for other purposes than signatures are
    /// skipped silently.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let jwks: Jwks = serde_json::from_slice(json)?;
        let (mut keys, mut unusable) = (Vec::new(), Vec::new());
        for (index, jwk) in jwks.keys.iter().enumerate() {
            let id = jwk::id(jwk);
            match jwk::public_key(jwk) {
                Ok(public) => keys.push(Key { id: id.map(str::to_owned), public }),
                Err(JwkError::OtherPurpose) => {}
                Err(error) => {
                    let name = id.map_or_else(|| format!("number {}", index + 1), printable);
                    unusable.push(format!("{name} ({})", printable_words(&error.to_string())));
                }
            }
        }
        Ok(Self { keys, unusable })
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no token can be verified by them.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that cannot be used, with the reasons: the first of them, and how many more there are.
    pub fn describe_unusable(&self) -> Option<String> {
        const MAX_NAMED: usize = 10;
        let named = self.unusable.iter().take(MAX_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        match self.unusable.len() {
            0 => None,
            count if count > MAX_NAMED => Some(format!("{named}, and {} more", count - MAX_NAMED)),
            _ => Some(named),
        }
    }

    /// The keys that may have signed a token with this `kid` and `alg`.
    ///
    /// Keys of different types may share a `kid` (RFC 7517, section 4.5), and some issuers give it twice while they
    /// rotate keys of one type. A token without one means the only key, or the only key for its algorithm.
    pub fn candidates(
        &self,
        id: Option<&str>,
        algorithm: Option<Algorithm>,
    ) -> Result<Vec<&PublicKey>, Invalid> {
        let has_id = |key: &&Key| id.is_none() || key.id.as_deref() == id;
        let named: Vec<_> = self.keys.iter().filter(has_id).map(|key| &key.public).collect();
        let fits = |key: &&&PublicKey| Some(key.algorithm()) == algorithm;
        let fitting: Vec<_> = named.iter().filter(fits).copied().collect();
        match (id, named.len(), fitting.len()) {
            (Some(_), 0, _) => Err(Invalid::UnknownKey),
            (Some(_), _, 0) | (None, 1, 0) => Err(Invalid::Algorithm),
            (Some(_), ..) | (None, _, 1) => Ok(fitting),
            (None, ..) => Err(Invalid::NoKeyId),
        }
    }
}

/// Escapes an error text that quotes the issuer's JSON, for a log line.
fn printable_words(text: &str) -> String {
    text.split(' ').map(printable).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    fn ed(id: Option<&str>, byte: u8) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([byte; 32]), "kid": id })
    }

    fn ec(id: Option<&str>) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": "AQ", "y": "Ag", "kid": id })
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn candidates_have_the_kid_and_the_algorithm() {
        let count = |keys: &[Value], id, algorithm| {
            set(keys).candidates(id, algorithm).map(|candidates| candidates.len())
        };
        let (es256, eddsa) = (Some(Algorithm::Es256), Some(Algorithm::EdDsa));
        let shared = [ed(Some("k"), 1), ec(Some("k")), ed(Some("k"), 2), ed(Some("other"), 3)];
        assert_eq!(count(&shared, Some("k"), es256), Ok(1));
        assert_eq!(count(&shared, Some("k"), eddsa), Ok(2));
        assert_eq!(count(&shared, Some("k"), Some(Algorithm::Rs256)), Err(Invalid::Algorithm));
        assert_eq!(count(&shared, Some("k"), None), Err(Invalid::Algorithm));
        assert_eq!(count(&shared, Some("x"), eddsa), Err(Invalid::UnknownKey));
        assert_eq!(count(&shared, None, es256), Ok(1));
        assert_eq!(count(&shared, None, eddsa), Err(Invalid::NoKeyId));
        let one = [ed(None, 1)];
        assert_eq!(count(&one, None, eddsa), Ok(1));
        assert_eq!(count(&one, None, es256), Err(Invalid::Algorithm));
        assert_eq!(count(&one, Some("k"), eddsa), Err(Invalid::UnknownKey));
        assert_eq!(count(&[], None, eddsa), Err(Invalid::NoKeyId));
    }

    #[test]
    fn unusable_keys_are_reported() {
        let mut p384 = ec(Some("big"));
        p384["crv"] = json!("P-384\n");
        let described =
            set(&[p384, json!(7), ec(None), json!({ "kty": "RSA", "use": "enc" })]).describe_unusable();
        let expected = "big (the curve P-384\\u{a} is not supported), number 2 (a member is missing or malformed (RFC 7517))";
        assert_eq!(described.as_deref(), Some(expected));
        assert_eq!(set(&[ec(None)]).describe_unusable(), None);
        let many: Vec<_> = (0..12).map(|_| json!({ "kty": "oct" })).collect();
        assert!(set(&many).describe_unusable().unwrap().ends_with(", and 2 more"));
    }

    #[test]
    fn invalid_key_set_is_an_error() {
        for text in ["", "{}", "[]", r#"{"keys":{}}"#, "<html>"] {
            assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
