//! Access by token, with the real binary: valid and invalid tokens of all kinds, and scopes. `identity_keys` tests the
//! issuer's keys.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::time::Instant;

use crate::support::issuer::{
    AUDIENCE, ISSUER, SigningKey, base64, claims, jwks, seconds_from_now, trust_options,
};
use crate::support::{FOO, OPTIONS_VARIABLE, Server, TIMEOUT, TOKEN_VARIABLE, TextResponse, ask};

const POST: &str = "POST /messages HTTP/1.1\r\nContent-Type: application/json";
const GET: &str = "GET /messages/aa HTTP/1.1";
const NO_TOKEN: &str = "Bearer realm=\"messageToHash\"";
const INVALID: &str = "Bearer realm=\"messageToHash\", error=\"invalid_token\"";

/// Starts a server that trusts these keys. The returned file must live as long as the server.
fn server_for(keys: &[&SigningKey], options: &[&str]) -> (Server, NamedTempFile) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwks(keys)).unwrap();
    let path = file.path().to_str().unwrap();
    (Server::start(&[&trust_options("--identity-jwks-file", path)[..], options].concat()), file)
}

async fn get(server: &Server, token: &str) -> TextResponse {
    ask(server.api, &format!("{GET}\r\nAuthorization: Bearer {token}"), "").await
}

async fn post(server: &Server, token: &str) -> TextResponse {
    ask(server.api, &format!("{POST}\r\nAuthorization: Bearer {token}"), r#"{"message":"foo"}"#).await
}

/// Returns these claims with changes. A null removes a claim.
fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[tokio::test]
async fn valid_token_of_each_algorithm_is_accepted() {
    let (rsa, ec, ed) = (SigningKey::rsa("rsa"), SigningKey::ec("ec"), SigningKey::ed("ed"));
    let (server, _file) = server_for(&[&rsa, &ec, &ed], &[]);
    for key in [&rsa, &ec, &ed] {
        assert_eq!(get(&server, &key.token(&claims())).await.problem(404), "Message not found");
    }
    for changes in [
        json!({ "exp": seconds_from_now(-10) }),
        json!({ "exp": 4e9 }),
        json!({ "nbf": seconds_from_now(10), "iat": seconds_from_now(10) }),
        json!({ "aud": ["other", AUDIENCE] }),
        json!({ "scope": null, "scp": ["messages:read"] }),
        json!({ "scope": "openid messages:read", "scp": "offline" }),
        json!({ "scope": ["messages:read"], "sub": null, "more": { "a": [1] } }),
        json!({ "more": "almost 16 KiB as base64 ".repeat(480) }),
    ] {
        get(&server, &ec.token(&claims_with(&changes))).await.problem(404);
    }
    let token = ed.token(&claims());
    for authorization in [format!("bearer {token}"), format!("BEARER  {token} ")] {
        let head = format!("{GET}\r\naUTHORIZATION: {authorization}");
        ask(server.api, &head, "").await.problem(404);
    }
    assert_eq!(post(&server, &token).await.status, 201);
    let head = format!("HEAD /messages/{FOO} HTTP/1.1\r\nAuthorization: Bearer {token}");
    assert_eq!(ask(server.api, &head, "").await.status, 200);
}

/// The rows have the fault, the token, and the detail of the 401.
fn invalid_tokens(rsa: &SigningKey, ec: &SigningKey) -> Vec<(&'static str, String, &'static str)> {
    let with = |changes: Value| ec.token(&claims_with(&changes));
    let header = |header: Value| ec.token_with(&header, &claims());
    let good = ec.token(&claims());
    let parts: Vec<_> = good.split('.').collect();
    let unsigned = format!("{}.{}", base64(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let signed_with_public_key = {
        let message =
            format!("{}.{}", base64(r#"{"alg":"HS256","kid":"rsa"}"#), base64(claims().to_string()));
        let jwk = rsa.jwk().to_string();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, jwk.as_bytes());
        format!("{message}.{}", base64(ring::hmac::sign(&key, message.as_bytes())))
    };
    let (form, claim) = (
        "The bearer token is not a JWT signed with RS256, ES256 or EdDSA",
        "The bearer token has no iss, aud or exp, or a claim of a wrong form",
    );
    let (signature, expired) =
        ("The bearer token has a signature that is wrong", "The bearer token has expired");
    let algorithm = "The bearer token has another algorithm (alg) than its key";
    let unknown = "The bearer token is signed with a key that is not known";
    let no_kid = "The bearer token does not name its key (kid)";
    vec![
        ("expired", with(json!({ "exp": seconds_from_now(-60) })), expired),
        ("expired in 1970", with(json!({ "exp": 0 })), expired),
        ("not yet valid", with(json!({ "nbf": seconds_from_now(600) })), "The bearer token is not valid yet"),
        (
            "wrong issuer",
            with(json!({ "iss": "https://other.example/" })),
            "The bearer token is of another issuer",
        ),
        ("wrong audience", with(json!({ "aud": "other" })), "The bearer token is for another audience"),
        ("wrong audiences", with(json!({ "aud": ["a", "b"] })), "The bearer token is for another audience"),
        ("no expiry", with(json!({ "exp": null })), claim),
        ("no issuer", with(json!({ "iss": null })), claim),
        ("no audience", with(json!({ "aud": null })), claim),
        ("expiry as text", with(json!({ "exp": "4000000000" })), claim),
        ("negative expiry", with(json!({ "exp": -1 })), claim),
        ("not before as text", with(json!({ "nbf": "never" })), claim),
        ("subject is a number", with(json!({ "sub": 7 })), claim),
        ("claims are a list", ec.token(&json!(["iss", ISSUER])), claim),
        ("wrong key", SigningKey::ec("ec").token(&claims()), signature),
        (
            "key of another kind",
            rsa.token_with(&json!({ "alg": "RS256", "kid": "ec" }), &claims()),
            algorithm,
        ),
        ("signature of another token", format!("{}.{}.{}", parts[0], base64("{}"), parts[2]), signature),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), signature),
        ("alg none", format!("{unsigned}."), form),
        ("alg none, signed", format!("{unsigned}.{}", parts[2]), form),
        ("HS256 with the public key", signed_with_public_key, algorithm),
        ("ES256 with the header of RS256", header(json!({ "alg": "RS256", "kid": "ec" })), algorithm),
        ("ES384", header(json!({ "alg": "ES384", "kid": "ec" })), algorithm),
        (
            "critical header",
            header(json!({ "alg": "ES256", "kid": "ec", "crit": ["b64"], "b64": false })),
            form,
        ),
        ("unknown kid", SigningKey::ec("other").token(&claims()), unknown),
        ("no kid, and more than one key of its algorithm", header(json!({ "alg": "ES256" })), no_kid),
        ("its own key in it", header(json!({ "alg": "ES256", "kid": "x", "jwk": ec.jwk() })), unknown),
        ("nothing", String::new(), form),
        ("garbage", "garbage".to_owned(), form),
        ("three garbages", "one.two.three".to_owned(), form),
        ("five parts", format!("{good}.a.b"), form),
        ("a token that is not ASCII", "t\u{f6}ken".to_owned(), form),
        ("two tokens", format!("{good} {good}"), form),
        ("16 KiB of garbage", "a".repeat(16 << 10), form),
        ("a byte more", "a".repeat((16 << 10) + 1), "The bearer token is too long"),
        ("40 KiB, signed", with(json!({ "x": "a".repeat(30 << 10) })), "The bearer token is too long"),
    ]
}

#[tokio::test]
async fn invalid_token_is_401_and_never_logged() {
    let (rsa, ec) = (SigningKey::rsa("rsa"), SigningKey::ec("ec"));
    let another = SigningKey::ec("another");
    let (server, _file) =
        server_for(&[&rsa, &ec, &another], &["--log-filter", "trace", "--identity-anonymous", "all"]);
    let mut tokens = vec![rsa.token(&claims()), ec.token(&claims_with(&json!({ "scope": "none" })))];
    for token in &tokens {
        get(&server, token).await.problem(404);
    }
    for (what, token, detail) in invalid_tokens(&rsa, &ec) {
        for answer in [get(&server, &token).await, get(&server, &token).await, post(&server, &token).await] {
            assert_eq!(answer.problem(401), detail, "{what}");
            assert_eq!(answer.header("www-authenticate"), Some(INVALID), "{what}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        }
        tokens.push(token);
    }
    ask(server.api, &format!("{GET}\r\nX-Span-ID: end"), "").await;
    server.stdout.wait_for(&["span=end"]);
    let logged = [server.stdout.all(), server.stderr.all()].concat().join("\n");
    let parts = tokens.iter().flat_map(|token| token.split(['.', ' ']));
    let parts: Vec<_> = parts.filter(|part| part.len() > 8).map(|part| &part[..part.len().min(24)]).collect();
    assert!(parts.len() > 80);
    for part in parts {
        assert!(!logged.contains(part), "{part}");
    }
    assert!(!logged.contains("panic"));
}

#[tokio::test]
async fn other_credentials_are_no_token_and_two_headers_are_400() {
    let ec = SigningKey::ec("ec");
    let (server, _file) = server_for(&[&ec], &[]);
    for authorization in
        ["", "\r\nAuthorization: Basic Zm9vOmJhcg==", "\r\nAuthorization: ", "\r\nauthorization: Bearerx y"]
    {
        for (head, body) in [(GET, ""), (POST, "{}")] {
            let answer = ask(server.api, &format!("{head}{authorization}"), body).await;
            assert_eq!(answer.problem(401), "A bearer token is required");
            assert_eq!(answer.header("www-authenticate"), Some(NO_TOKEN));
        }
    }
    let line = format!("\r\nAuthorization: Bearer {}", ec.token(&claims()));
    for second in [&line, "\r\nAuthorization: Basic Zm9vOmJhcg=="] {
        let answer = ask(server.api, &format!("{GET}{line}{second}"), "").await;
        assert_eq!(answer.problem(400), "A request may have one Authorization header");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some("Bearer realm=\"messageToHash\", error=\"invalid_request\""));
    }
}

#[tokio::test]
async fn documentation_and_admin_need_no_token() {
    let (server, _file) = server_for(&[&SigningKey::ec("ec")], &[]);
    ask(server.api, "GET /nothing HTTP/1.1", "").await.problem(404);
    ask(server.api, "PUT /messages HTTP/1.1", "").await.problem(405);
    for path in ["/live", "/ready"] {
        assert_eq!(ask(server.admin, &format!("GET {path} HTTP/1.1"), "").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn each_operation_requires_its_scope() {
    let key = SigningKey::ec("ec");
    let token = |scope: &str| key.token(&claims_with(&json!({ "scope": scope })));
    let clients =
        [None, Some(""), Some("messages:read"), Some("messages:write"), Some("messages:read messages:write")];
    // The rows have the client, and the status of its GET and of its POST.
    let table = [
        (None, [(401, 401), (403, 403), (404, 403), (403, 201), (404, 201)]),
        (Some("none"), [(401, 401), (403, 403), (404, 403), (403, 201), (404, 201)]),
        (Some("read"), [(404, 401), (404, 403), (404, 403), (404, 201), (404, 201)]),
        (Some("all"), [(404, 201), (404, 201), (404, 201), (404, 201), (404, 201)]),
    ];
    for (anonymous, statuses) in table {
        for (client, expected) in clients.iter().zip(statuses) {
            let options = anonymous.map(|what| vec!["--identity-anonymous", what]).unwrap_or_default();
            let (server, _file) = server_for(&[&key], &options);
            let line = client.map(|scope| format!("\r\nAuthorization: Bearer {}", token(scope)));
            let line = line.unwrap_or_default();
            let read = ask(server.api, &format!("{GET}{line}"), "").await;
            let written = ask(server.api, &format!("{POST}{line}"), r#"{"message":"foo"}"#).await;
            assert_eq!((read.status, written.status), expected, "{anonymous:?} {client:?}");
            for (answer, scope) in [(read, "messages:read"), (written, "messages:write")] {
                if answer.status == 403 {
                    let challenge = format!("{NO_TOKEN}, error=\"insufficient_scope\", scope=\"{scope}\"");
                    assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
                    assert_eq!(answer.problem(403), format!("The bearer token lacks the scope {scope}"));
                }
            }
        }
    }
}

#[tokio::test]
async fn responses_are_public_where_anonymous_reads_are_allowed() {
    let key = SigningKey::ec("ec");
    for (options, whose) in [
        (&[][..], "private, max-age="),
        (&["--identity-anonymous", "none"], "private, max-age="),
        (&["--identity-anonymous", "read"], "public, max-age=0, s-maxage="),
        (&["--identity-anonymous", "all"], "public, max-age=0, s-maxage="),
    ] {
        let (server, _file) = server_for(&[&key], options);
        let token = key.token(&claims());
        assert_eq!(post(&server, &token).await.status, 201);
        for line in ["", "\r\nIf-None-Match: *"] {
            let head = format!("GET /messages/{FOO} HTTP/1.1\r\nAuthorization: Bearer {token}{line}");
            let answer = ask(server.api, &head, "").await;
            let cache_control = answer.header("cache-control").unwrap();
            assert!(cache_control.starts_with(whose), "{options:?}: {cache_control}");
        }
    }
}

#[tokio::test]
async fn cached_token_still_expires() {
    let key = SigningKey::ec("ec");
    let (server, _file) = server_for(&[&key], &[]);
    // The server allows clocks to differ by half a minute, so this token is valid for some more seconds.
    let token = key.token(&claims_with(&json!({ "exp": seconds_from_now(-20) })));
    get(&server, &token).await.problem(404);
    let deadline = Instant::now() + TIMEOUT;
    while get(&server, &token).await.status == 404 {
        assert!(Instant::now() < deadline, "the token does not expire");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(get(&server, &token).await.problem(401), "The bearer token has expired");
}

#[tokio::test]
async fn subject_is_logged_escaped() {
    let key = SigningKey::ed("ed");
    let ask_as = async |server: &Server, subject: Value, span: &str| {
        let token = key.token(&claims_with(&json!({ "sub": subject, "scope": "messages:read" })));
        let head = format!("POST /messages HTTP/1.1\r\nX-Span-ID: {span}\r\nAuthorization: Bearer {token}");
        ask(server.api, &head, "{}").await.problem(403);
    };
    let (server, _file) = server_for(&[&key], &[]);
    ask_as(&server, json!("user-1@example"), "one").await;
    assert!(server.stdout.wait_for(&["span=one"]).ends_with(" subject=user-1@example"));
    ask_as(&server, json!("a\n\u{1b}[2J b\u{e9}"), "two").await;
    assert!(server.stdout.wait_for(&["span=two"]).ends_with(r" subject=a\u{a}\u{1b}[2J\u{20}b\u{e9}"));
    ask_as(&server, json!("x".repeat(2000)), "three").await;
    assert!(server.stdout.wait_for(&["span=three"]).len() < 400);
    ask_as(&server, Value::Null, "four").await;
    assert!(server.stdout.wait_for(&["span=four"]).ends_with(" subject=-"));
    assert_eq!(server.stdout.all().len(), 4);

    let (server, _file) = server_for(&[&key], &["--log-format", "json"]);
    ask_as(&server, json!("me \"\u{1}\""), "five").await;
    let line: Value = serde_json::from_str(&server.stdout.wait_for(&["five"])).unwrap();
    assert_eq!(line["request"]["subject"], r#"me\u{20}"\u{1}""#);
}

/// Runs the tests of one module again, with identity enabled in each server that they start.
#[test]
fn wire_tests_pass_with_a_token() {
    let key = SigningKey::ec("ec");
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwks(&[&key])).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["wire::", "--test-threads", "2"])
        .env(
            OPTIONS_VARIABLE,
            trust_options("--identity-jwks-file", file.path().to_str().unwrap()).join("\n"),
        )
        .env(TOKEN_VARIABLE, key.token(&claims()))
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}");
    let passed =
        report.lines().filter(|line| line.starts_with("test wire::") && line.ends_with("ok")).count();
    let tests = include_str!("wire.rs").matches("::test]\n").count();
    assert!(tests > 10 && passed == tests, "{passed} of {tests}: {report}");
}
