//! An issuer of tokens: keys for each algorithm, tokens signed with them, and an HTTP server that publishes the keys.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{ApiClient, Server, client_with};
use crate::support::ports::free_port;

pub const ISSUER: &str = "https://issuer.example/";
pub const AUDIENCE: &str = "messages.example";

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the current Unix time in seconds, plus `more`.
pub fn seconds_from_now(more: i64) -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap() + more
}

/// Returns claims that allow everything for an hour.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "tester", "scope": "messages:read messages:write messages:delete",
        "exp": seconds_from_now(3600),
    })
}

/// A private key.
pub struct SigningKey {
    id: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl SigningKey {
    pub fn rsa(id: &str) -> Self {
        let arguments = ["genpkey", "-algorithm", "RSA", "-outform", "DER"];
        let der = Command::new("openssl").args(arguments).output().expect("openssl is installed").stdout;
        // Some versions of openssl write PKCS #1, others PKCS #8.
        let pair = RsaKeyPair::from_der(&der).or_else(|_| RsaKeyPair::from_pkcs8(&der)).unwrap();
        Self { id: id.to_owned(), pair: Pair::Rsa(pair) }
    }

    pub fn ec(id: &str) -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let der = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self {
            id: id.to_owned(),
            pair: Pair::Ec(EcdsaKeyPair::from_pkcs8(kind, der.as_ref(), &random).unwrap()),
        }
    }

    pub fn ed(id: &str) -> Self {
        let der = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self { id: id.to_owned(), pair: Pair::Ed(Ed25519KeyPair::from_pkcs8(der.as_ref()).unwrap()) }
    }

    fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    /// Returns the public key as a JWK.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": base64(public.n), "e": base64(public.e) })
            }
            Pair::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key()) })
            }
        };
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        jwk
    }

    /// Returns a token with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({ "typ": "JWT", "alg": self.algorithm(), "kid": self.id }), claims)
    }

    /// Returns a token with this header. It is signed with this key's algorithm, even if the header names another one.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", base64(signature))
    }
}

/// Returns a JWK set with these keys.
pub fn jwks(keys: &[&SigningKey]) -> String {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
}

/// An HTTP server that sends the same response to every request. Tests can change the response.
pub struct KeyServer {
    port: u16,
    answers: Arc<KeyServerState>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct KeyServerState {
    response: Mutex<Vec<u8>>,
    requests: AtomicUsize,
    stopped: AtomicBool,
    hangs: AtomicBool,
}

impl KeyServer {
    /// Starts a server that publishes this JWK set.
    pub fn start(jwks: &str) -> Self {
        let mut provider = Self { port: free_port(), answers: Arc::default(), accepting: None };
        provider.publish(jwks);
        provider.start_again();
        provider
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/jwks?v=1", self.port)
    }

    /// Replaces the published JWK set.
    pub fn publish(&self, jwks: &str) {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
        self.answer(format!("{head}\r\nContent-Length: {}\r\n\r\n{jwks}", jwks.len()));
    }

    /// Replaces the response by these bytes. The connection is closed after it.
    pub fn answer(&self, response: impl Into<Vec<u8>>) {
        *self.answers.response.lock().unwrap() = response.into();
    }

    /// Accepts later connections, but never responds.
    pub fn hang(&self) {
        self.answers.hangs.store(true, Ordering::SeqCst);
    }

    /// Returns the number of requests so far.
    pub fn requests(&self) -> usize {
        self.answers.requests.load(Ordering::SeqCst)
    }

    /// Stops listening.
    pub fn stop(&mut self) {
        self.answers.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // so that it notices
        if let Some(accepting) = self.accepting.take() {
            accepting.join().unwrap();
        }
    }

    /// Listens again on the same port.
    pub fn start_again(&mut self) {
        self.answers.stopped.store(false, Ordering::SeqCst);
        self.accept(TcpListener::bind(("127.0.0.1", self.port)).expect("the port is still free"));
    }

    fn accept(&mut self, listener: TcpListener) {
        let answers = Arc::clone(&self.answers);
        self.accepting = Some(thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if answers.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let answers = Arc::clone(&answers);
                thread::spawn(move || answers.answer(stream));
            }
        }));
    }
}

impl KeyServerState {
    fn answer(&self, mut stream: TcpStream) {
        let head = BufReader::new(&stream).lines().map_while(Result::ok);
        if !head.take_while(|line| !line.is_empty()).any(|line| line.starts_with("GET /jwks?v=1 ")) {
            return;
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            let _ = stream.read(&mut [0]); // wait_until the client gives up
            return;
        }
        let response = self.response.lock().unwrap().clone();
        let _ = stream.write_all(&response); // a client may go away
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns the options of a server that trusts this issuer. `location` is the file or URL of its keys.
pub fn trust_options<'a>(jwks_option: &'a str, location: &'a str) -> Vec<&'a str> {
    vec!["--identity-issuer", ISSUER, "--identity-audience", AUDIENCE, jwks_option, location]
}

/// An issuer whose keys are in a file.
pub struct TokenIssuer {
    key: SigningKey,
    jwks: NamedTempFile,
}

impl TokenIssuer {
    pub fn new() -> Self {
        let (key, jwks) = (SigningKey::ec("key"), NamedTempFile::new().unwrap());
        std::fs::write(jwks.path(), self::jwks(&[&key])).unwrap();
        Self { key, jwks }
    }

    /// Returns a token with these scopes.
    pub fn token(&self, scope: &str) -> String {
        let mut claims = claims();
        claims["scope"] = scope.into();
        self.key.token(&claims)
    }

    /// Returns the options of a server that trusts this issuer, followed by `more`.
    pub fn options<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&trust_options("--identity-jwks-file", self.jwks.path().to_str().unwrap())[..], more].concat()
    }

    /// Returns a client with a token that allows everything.
    pub fn client(&self, server: &Server) -> ApiClient {
        client_with(&server.url(), &self.token("messages:read messages:write messages:delete"))
    }
}
