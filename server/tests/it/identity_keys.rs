//! The issuer's keys change: rotation, an unreachable or broken issuer, and a replaced key file.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use tempfile::{NamedTempFile, TempDir};
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::support::certificates::make_certificates;
use crate::support::issuer::{KeyServer, SigningKey, claims, jwks, trust_options};
use crate::support::ports::free_port;
use crate::support::wait::eventually;
use crate::support::{Server, TIMEOUT, TextResponse, ask, command};

/// A refresh interval longer than any test.
const NEVER: [&str; 2] = ["--identity-jwks-refresh", "1h"];
const OFTEN: [&str; 2] = ["--identity-jwks-refresh", "1s"];
const UNKNOWN: &str = "The bearer token is signed with a key that is not known";

fn server_for(provider: &KeyServer, refresh: [&str; 2]) -> Server {
    Server::start(&[&trust_options("--identity-jwks-url", &provider.url())[..], &refresh].concat())
}

async fn get(server: &Server, key: &SigningKey) -> TextResponse {
    get_with(server, &key.token(&claims())).await
}

async fn get_with(server: &Server, token: &str) -> TextResponse {
    ask(server.api, &format!("GET /messages/aa HTTP/1.1\r\nAuthorization: Bearer {token}"), "").await
}

/// Repeats the request until the response has this status. A valid token gets 404, because no message is stored.
async fn wait_until(server: &Server, token: &str, status: u16) {
    let deadline = Instant::now() + TIMEOUT;
    while get_with(server, token).await.status != status {
        assert!(Instant::now() < deadline, "the status is never {status}: {:#?}", server.stderr.all());
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn unknown_kid_triggers_a_rate_limited_key_fetch() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::rsa("new"));
    let provider = KeyServer::start(&jwks(&[&old]));
    let server = server_for(&provider, NEVER);
    get(&server, &old).await.problem(404);
    assert_eq!(provider.requests(), 1);
    let began = Instant::now();
    provider.publish(&jwks(&[&old, &new]));
    get(&server, &new).await.problem(404);
    get(&server, &old).await.problem(404);
    assert_eq!(provider.requests(), 2);
    let strangers: Vec<_> = (0..50).map(|number| SigningKey::ed(&format!("stranger-{number}"))).collect();
    for stranger in &strangers {
        assert_eq!(get(&server, stranger).await.problem(401), UNKNOWN);
    }
    futures::future::join_all(strangers.iter().map(|stranger| get(&server, stranger))).await;
    let max = 2 + began.elapsed().as_secs() / 10;
    assert!(
        provider.requests() as u64 <= max,
        "100 tokens with unknown keys: {} requests",
        provider.requests()
    );
}

#[tokio::test]
async fn withdrawn_key_is_refused_after_the_refresh() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ed("new"));
    let provider = KeyServer::start(&jwks(&[&old]));
    let server = server_for(&provider, OFTEN);
    let verified = old.token(&claims());
    get_with(&server, &verified).await.problem(404);
    provider.publish(&jwks(&[&new]));
    wait_until(&server, &verified, 401).await;
    assert_eq!(get_with(&server, &verified).await.problem(401), UNKNOWN);
    get(&server, &new).await.problem(404);
    provider.publish(r#"{"keys":[]}"#);
    wait_until(&server, &new.token(&claims()), 401).await;
    server.stderr.wait_for(&["--identity-jwks-url", "every token is refused"]);
}

#[tokio::test]
async fn unreachable_issuer_leaves_the_last_keys_in_use() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ed("new"));
    let mut provider = KeyServer::start(&jwks(&[&old]));
    let server = server_for(&provider, OFTEN);
    provider.stop();
    server.stderr.wait_for(&["--identity-jwks-url", "no connection", "the keys read before stay in use"]);
    get(&server, &old).await.problem(404);
    assert_eq!(get(&server, &new).await.problem(401), UNKNOWN);
    provider.publish(&jwks(&[&new]));
    provider.start_again();
    server.stderr.wait_for(&["--identity-jwks-url", "it can be read again"]);
    wait_until(&server, &new.token(&claims()), 404).await;
    assert_eq!(get(&server, &old).await.problem(401), UNKNOWN);
}

#[tokio::test]
async fn server_starts_without_issuer_and_serves_anonymous_requests() {
    let key = SigningKey::ec("key");
    let mut provider = KeyServer::start(&jwks(&[&key]));
    provider.stop();
    let url = provider.url();
    let server = Server::start(
        &[&trust_options("--identity-jwks-url", &url)[..], &OFTEN, &["--identity-anonymous", "read"]]
            .concat(),
    );
    server.stderr.wait_for(&["--identity-jwks-url", "no token can be verified until it works"]);
    ask(server.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    let early = get(&server, &key).await;
    assert_eq!(early.problem(503), "The issuer's keys are not known yet; repeat the request later");
    assert_eq!(early.header("retry-after"), Some("1"));
    provider.start_again();
    wait_until(&server, &key.token(&claims()), 404).await;
}

#[tokio::test]
async fn server_without_keys_is_not_ready() {
    let key = SigningKey::ec("key");
    let mut provider = KeyServer::start(&jwks(&[&key]));
    provider.stop();
    let url = provider.url();
    let start = |anonymous: &str| {
        let options = ["--identity-anonymous", anonymous];
        Server::start(&[&trust_options("--identity-jwks-url", &url)[..], &OFTEN, &options].concat())
    };
    let (none, some) = (start("none"), start("read"));
    let ready = async |server: &Server| ask(server.admin, "GET /ready HTTP/1.1", "").await;
    for (server, status) in [(&none, 503), (&some, 200)] {
        let answer = ready(server).await;
        assert_eq!(answer.status, status, "{answer:?}");
        let serving = ask(server.admin, "GET /serving HTTP/1.1", "").await;
        assert_eq!(serving.status, status, "{serving:?}");
        assert_eq!(answer.json()["checks"]["identity"], "the issuer's keys are not known yet");
    }
    provider.start_again();
    let deadline = Instant::now() + TIMEOUT;
    while ready(&none).await.status != 200 {
        assert!(Instant::now() < deadline, "{:?}", ready(&none).await);
    }
    assert_eq!(ready(&none).await.json()["checks"]["identity"], "ok");
}

#[tokio::test]
async fn invalid_key_set_keeps_the_old_keys() {
    let key = SigningKey::ec("key");
    let provider = KeyServer::start(&jwks(&[&key]));
    let elsewhere = KeyServer::start(&jwks(&[]));
    let server = server_for(&provider, OFTEN);
    let body = |text: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
    let redirect =
        format!("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", elsewhere.url());
    let table = [
        (body("<html>"), "it is not a JWK set"),
        (body(r#"{"error":"x"}"#), "it is not a JWK set"),
        ("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n".to_owned(), "the answer is 500"),
        (redirect, "the answer is 302"),
        (body(&format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(1 << 20))), "more than 262144 bytes"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_owned(), "was cut off"),
        ("no HTTP\r\n\r\n".to_owned(), "no connection"),
    ];
    let lines = |text| server.stderr.all().into_iter().filter(|line| line.contains(text)).collect::<Vec<_>>();
    for (number, (answer, printed)) in table.into_iter().enumerate() {
        provider.answer(answer);
        eventually("the failure is logged", || lines("stay in use").len() > number);
        assert!(
            lines("stay in use")[number].contains(printed),
            "no {printed:?}: {:#?}",
            lines("stay in use")
        );
        get(&server, &key).await.problem(404);
        provider.publish(&jwks(&[&key]));
        eventually("the recovery is logged", || lines("it can be read again").len() > number);
    }
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn slow_issuer_delays_only_tokens_with_unknown_keys() {
    let key = SigningKey::ec("key");
    let provider = KeyServer::start(&jwks(&[&key]));
    let server = server_for(&provider, NEVER);
    provider.hang();
    let stranger = SigningKey::ec("stranger");
    let refused = get(&server, &stranger);
    let others = async {
        let asked = async {
            while provider.requests() < 2 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(TIMEOUT, asked).await.expect("the issuer gets a request");
        get(&server, &key).await.problem(404);
        server.stderr.all().iter().filter(|line| line.contains("no answer within")).count()
    };
    let (refused, printed) = tokio::join!(refused, others);
    assert_eq!(printed, 0, "the valid token was served while the issuer was still asked");
    assert_eq!(refused.problem(401), UNKNOWN);
    server.stderr.wait_for(&["--identity-jwks-url", "no answer within 5s"]);
}

#[tokio::test]
async fn jwks_file_is_required_at_start_and_reloaded() {
    let (old, new) = (SigningKey::ec("old"), SigningKey::ed("new"));
    let file = NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let options = [&trust_options("--identity-jwks-file", path)[..], &OFTEN].concat();
    let keyless = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#;
    for (text, printed) in [("", "it is not a JWK set"), (keyless, "no key for RS256, ES256 or EdDSA")] {
        std::fs::write(path, text).unwrap();
        let Err((status, stderr)) = Server::spawn(&mut command(&options)) else {
            panic!("the server starts with {text:?}")
        };
        assert_eq!(status.code(), Some(1));
        assert!(stderr.contains("--identity-jwks-file") && stderr.contains(printed), "{stderr}");
    }
    std::fs::write(path, jwks(&[&old])).unwrap();
    let server = Server::start(&options);
    get(&server, &old).await.problem(404);
    std::fs::write(path, jwks(&[&new])).unwrap();
    wait_until(&server, &old.token(&claims()), 401).await;
    get(&server, &new).await.problem(404);
    std::fs::remove_file(path).unwrap();
    server.stderr.wait_for(&["--identity-jwks-file", "No such file", "the keys read before stay in use"]);
    get(&server, &new).await.problem(404);
}

/// An HTTPS server of openssl that serves the files of a folder.
struct TlsKeyServer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl TlsKeyServer {
    fn start(jwks: &str) -> Self {
        let folder = TempDir::new().unwrap();
        make_certificates(folder.path());
        std::fs::write(folder.path().join("jwks"), jwks).unwrap();
        let port = free_port();
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-WWW", "-cert", "server.pem", "-key", "server.key", "-accept"])
            .arg(port.to_string())
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        eventually("openssl accepts connections", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { child, port, folder }
    }
}

impl Drop for TlsKeyServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn jwks_url_is_verified_by_system_certificates() {
    let key = SigningKey::ec("key");
    let issuer = TlsKeyServer::start(&jwks(&[&key]));
    let url = format!("https://127.0.0.1:{}/jwks", issuer.port);
    let options = [&trust_options("--identity-jwks-url", &url)[..], &["--store", "memory:"]].concat();
    let mut trusts = command(&options);
    trusts.env("SSL_CERT_FILE", issuer.folder.path().join("ca.pem"));
    let server = Server::spawn(&mut trusts).unwrap();
    get(&server, &key).await.problem(404);
    assert!(!server.stderr.all().iter().any(|line| line.contains("over http")));
    let mut does_not = command(&options);
    let other = TlsKeyServer::start("");
    does_not.env("SSL_CERT_FILE", other.folder.path().join("ca.pem"));
    let server = Server::spawn(&mut does_not).unwrap();
    server.stderr.wait_for(&["--identity-jwks-url", "no connection", "invalid peer certificate"]);
    get(&server, &key).await.problem(503);
}
