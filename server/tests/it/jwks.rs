//! JWK sets of real issuers: shared key ids, both names of `EdDSA`, leading zeros, and unusable keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::issuer::{SigningKey, base64, claims, trust_options};
use crate::support::{Server, ask};

/// Starts a server that trusts these JWKs. The returned file must live as long as the server.
fn server_for(keys: &[Value]) -> (Server, NamedTempFile) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({ "keys": keys }).to_string()).unwrap();
    (Server::start(&trust_options("--identity-jwks-file", file.path().to_str().unwrap())), file)
}

/// Returns the status of a GET with this token. A valid token gets 404, because no message is stored.
async fn status(server: &Server, token: &str) -> u16 {
    ask(server.api, &format!("GET /messages/aa HTTP/1.1\r\nAuthorization: Bearer {token}"), "").await.status
}

/// Returns this JWK with one member replaced.
fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

#[tokio::test]
async fn keys_that_share_a_kid_are_all_tried() {
    let keys = [SigningKey::rsa("k"), SigningKey::ec("k"), SigningKey::ed("k"), SigningKey::ed("k")];
    let (server, _file) = server_for(&keys.each_ref().map(SigningKey::jwk));
    for key in &keys {
        assert_eq!(status(&server, &key.token(&claims())).await, 404);
    }
    assert_eq!(status(&server, &SigningKey::ed("k").token(&claims())).await, 401);
}

#[tokio::test]
async fn token_without_kid_means_the_only_key_of_its_algorithm() {
    let (rsa, ec, other_ec) = (SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ec("other"));
    let (server, _file) = server_for(&[rsa.jwk(), ec.jwk(), other_ec.jwk()]);
    assert_eq!(status(&server, &rsa.token_with(&json!({ "alg": "RS256" }), &claims())).await, 404);
    assert_eq!(status(&server, &ec.token_with(&json!({ "alg": "ES256" }), &claims())).await, 401);
}

#[tokio::test]
async fn ed25519_is_accepted_as_eddsa() {
    let key = SigningKey::ed("ed");
    for jwk in [key.jwk(), with(key.jwk(), "alg", json!("Ed25519")), with(key.jwk(), "alg", Value::Null)] {
        let (server, _file) = server_for(&[jwk]);
        for alg in ["EdDSA", "Ed25519"] {
            assert_eq!(
                status(&server, &key.token_with(&json!({ "alg": alg, "kid": "ed" }), &claims())).await,
                404
            );
        }
        for alg in ["Ed448", "ed25519", "RS256"] {
            assert_eq!(
                status(&server, &key.token_with(&json!({ "alg": alg, "kid": "ed" }), &claims())).await,
                401
            );
        }
    }
}

#[tokio::test]
async fn leading_zeros_and_padding_are_ignored() {
    let (rsa, ec) = (SigningKey::rsa("rsa"), SigningKey::ec("ec"));
    let zero = |jwk: Value, member: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(jwk[member].as_str().unwrap()).unwrap();
        with(jwk, member, json!(base64([&[0][..], &bytes].concat())))
    };
    let rsa_jwk = zero(zero(rsa.jwk(), "n"), "e");
    let padded = format!("{}=", ec.jwk()["x"].as_str().unwrap());
    let (server, _file) = server_for(&[rsa_jwk, with(ec.jwk(), "x", json!(padded))]);
    for key in [&rsa, &ec] {
        assert_eq!(status(&server, &key.token(&claims())).await, 404);
    }
}

#[tokio::test]
async fn unusable_keys_are_logged_and_ignored() {
    let key = SigningKey::ec("good");
    let rsa = SigningKey::rsa("rsa").jwk();
    let (server, _file) = server_for(&[
        json!({ "kty": "EC", "crv": "P-384", "alg": "ES384", "kid": "p384", "x": "AQ", "y": "AQ" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "future", "pub": "AQ" }),
        with(with(rsa.clone(), "n", json!(base64([0xff; 128]))), "kid", json!("short")),
        with(with(rsa.clone(), "alg", json!("PS256")), "kid", json!("pss")),
        with(with(rsa, "use", json!("enc")), "kid", json!("encrypts")),
        json!("no key"),
        key.jwk(),
    ]);
    assert_eq!(status(&server, &key.token(&claims())).await, 404);
    let line = server.stderr.wait_for(&["--identity-jwks-file: keys that cannot be used"]);
    for named in [
        "p384 (the curve P-384 is not supported)",
        "future (the type AKP is not supported)",
        "short (RSA keys need 2048 to 8192 bits, and this one has 1024)",
        "pss (the algorithm PS256 is not supported for this key)",
        "number 6 (",
    ] {
        assert!(line.contains(named), "no {named:?}: {line}");
    }
    assert!(!line.contains("encrypts") && !line.contains("good"), "{line}");
}
