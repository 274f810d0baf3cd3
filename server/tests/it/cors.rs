//! CORS: pages of other origins, tested with the requests that browsers send and with a real browser.

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::browser::Browser;
use crate::support::issuer::{SigningKey, TokenIssuer, claims, jwks, trust_options};
use crate::support::{FOO, Server, TextResponse, ask};

const CROSS_ORIGIN: &str = "Pages of other origins may not send this; see --cors-allowed-origins";
const APP: &str = "https://app.example";
const ALLOWED: [&str; 2] = ["--cors-allowed-origins", "https://app.example, http://localhost:3000"];
const ANY: [&str; 2] = ["--cors-allowed-origins", "*"];

/// Sends the preflight request of a browser for a page of `origin`.
async fn preflight(server: &Server, origin: &str, method: &str, path: &str) -> TextResponse {
    let more = format!("Origin: {origin}\r\nAccess-Control-Request-Method: {method}");
    ask(server.api, &format!("OPTIONS {path} HTTP/1.1\r\n{more}"), "").await
}

async fn get(server: &Server, origin: &str, path: &str) -> TextResponse {
    ask(server.api, &format!("GET {path} HTTP/1.1\r\nOrigin: {origin}"), "").await
}

fn list<'a>(answer: &'a TextResponse, header: &str) -> Vec<&'a str> {
    answer.header(header).map(|list| list.split(", ").collect()).unwrap_or_default()
}

#[tokio::test]
async fn cors_is_off_by_default() {
    let server = Server::start(&[]);
    let refused = preflight(&server, APP, "POST", "/messages").await;
    refused.problem(405);
    for answer in [refused, get(&server, APP, "/messages/aa").await, get(&server, APP, "/docs").await] {
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("vary"), None);
    }
}

#[tokio::test]
async fn preflight_lists_methods_and_headers() {
    for options in [ALLOWED, ANY] {
        let server = Server::start(&options);
        for (path, methods) in [
            ("/messages", vec!["POST"]),
            (&format!("/messages/{FOO}"), vec!["GET", "HEAD", "DELETE"]),
            ("/openapi.json", vec!["GET", "HEAD"]),
            ("/nothing", vec![""]),
        ] {
            let answer = preflight(&server, APP, "GET", path).await;
            assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{path}");
            assert_eq!(list(&answer, "access-control-allow-methods"), methods, "{path}");
            let headers = list(&answer, "access-control-allow-headers");
            for header in [
                "Authorization",
                "Content-Digest",
                "Content-Type",
                "If-Match",
                "If-None-Match",
                "If-Range",
                "Range",
                "Repr-Digest",
                "X-Span-ID",
                "traceparent",
            ] {
                assert!(headers.contains(&header), "{headers:?}");
            }
            assert_eq!(answer.header("access-control-max-age"), Some("7200"));
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert!(answer.header("x-span-id").is_some());
        }
        server.stdout.wait_for(&["OPTIONS /messages 204"]);
        // Without `Access-Control-Request-Method` this is not a preflight, but a plain OPTIONS request.
        ask(server.api, "OPTIONS /messages HTTP/1.1\r\nOrigin: https://app.example", "").await.problem(405);
    }
}

#[tokio::test]
async fn only_listed_origins_are_allowed() {
    let server = Server::start(&ALLOWED);
    for (origin, may) in [
        (APP, true),
        ("http://localhost:3000", true),
        ("http://app.example", false),
        ("https://app.example:8443", false),
        ("https://app.example.evil.example", false),
        ("https://sub.app.example", false),
        ("http://localhost", false),
        ("null", false),
        ("*", false),
    ] {
        let asked = preflight(&server, origin, "POST", "/messages").await;
        assert_eq!(asked.status, if may { 204 } else { 405 }, "{origin}");
        for answer in [asked, get(&server, origin, "/messages/aa").await, get(&server, origin, "/docs").await]
        {
            assert_eq!(answer.header("access-control-allow-origin"), may.then_some(origin), "{answer:?}");
            // A cache must not return the response for one origin to a page of another.
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
    let without = ask(server.api, "GET /messages/aa HTTP/1.1", "").await;
    assert_eq!(
        (without.header("access-control-allow-origin"), without.header("vary")),
        (None, Some("Origin"))
    );
}

#[tokio::test]
async fn origins_of_applications_are_allowed_by_their_scheme() {
    let server = Server::start(&["--cors-allowed-origins", "capacitor://localhost,tauri://localhost:1430"]);
    for (origin, may) in [
        ("capacitor://localhost", true),
        ("tauri://localhost:1430", true),
        ("tauri://localhost", false),
        ("ionic://localhost", false),
        ("https://localhost", false),
    ] {
        let asked = preflight(&server, origin, "POST", "/messages").await;
        assert_eq!(asked.status, if may { 204 } else { 405 }, "{origin}");
        let head = format!("POST /messages/raw HTTP/1.1\r\nOrigin: {origin}");
        let posted = ask(server.api, &head, "foo").await;
        assert_eq!(posted.header("access-control-allow-origin"), may.then_some(origin), "{posted:?}");
    }
}

#[tokio::test]
async fn cors_headers_are_on_every_response() {
    let server = Server::start(&ANY);
    let head = "POST /messages HTTP/1.1\r\nOrigin: https://app.example";
    let mut answers = vec![
        ask(server.api, head, r#"{"message":"foo"}"#).await,
        ask(server.api, head, "{").await,
        ask(server.api, &format!("{head}\r\nContent-Type: image/png"), "x").await,
    ];
    for path in [&format!("/messages/{FOO}"), "/messages/aa", "/messages", "/nothing", "/openapi.json"] {
        answers.push(get(&server, APP, path).await);
    }
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [201, 400, 415, 200, 404, 405, 404, 200]);
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("vary"), None);
        let exposed = list(&answer, "access-control-expose-headers");
        for header in [
            "Accept-Ranges",
            "Content-Range",
            "ETag",
            "Location",
            "Repr-Digest",
            "Retry-After",
            "WWW-Authenticate",
            "X-Span-ID",
        ] {
            assert!(exposed.contains(&header), "{exposed:?}");
        }
    }
}

/// A browser sends such requests without a preflight, like those of a form. The server must refuse them.
#[tokio::test]
async fn cross_origin_simple_post_is_refused() {
    let issuer = TokenIssuer::new();
    let trust_options = issuer.options(&["--identity-anonymous", "all"]);
    for options in [&[][..], &trust_options, &ALLOWED] {
        let server = Server::start(options);
        let mine = format!("http://{}", server.api);
        // `ask` sends `Host: it`.
        for (lines, is_let) in [
            ("", true),
            ("Sec-Fetch-Site: same-origin", true),
            ("Sec-Fetch-Site: none", true),
            ("Sec-Fetch-Site: same-origin\r\nOrigin: https://of.a.proxy.example", true),
            ("Sec-Fetch-Site: same-site\r\nOrigin: https://it", false),
            ("Sec-Fetch-Site: cross-site", false),
            ("Sec-Fetch-Site: cross-site\r\nOrigin: null", false),
            ("Sec-Fetch-Site: \u{e9}", false),
            ("Sec-Fetch-Site:", false),
            ("Origin: http://it", true),
            ("Origin: https://IT", true),
            ("Origin: https://it:8443", false),
            ("Origin: https://it.evil.example", false),
            (&format!("Origin: {mine}"), false),
            ("Origin: null", false),
            ("Origin:", false),
            ("Origin: it", false),
            ("Origin: \u{e9}", false),
        ] {
            for (head, status) in [
                ("POST /messages/raw HTTP/1.1\r\nContent-Type: text/plain", 200),
                ("POST /messages/raw HTTP/1.1", 200),
                ("POST /messages HTTP/1.1\r\nContent-Type: text/plain", 415),
                ("POST /messages/lookup HTTP/1.1", 400),
            ] {
                let answer = ask(server.api, &format!("{head}\r\n{lines}"), "foo").await;
                if is_let {
                    assert!(matches!(answer.status, 201 | 200) || answer.status == status, "{answer:?}");
                } else {
                    assert_eq!(answer.problem(403), CROSS_ORIGIN, "{head} {lines}");
                    assert_eq!(answer.header("connection"), Some("close"), "the body was not read");
                }
            }
            for method in ["GET", "HEAD"] {
                let get = ask(server.api, &format!("{method} /messages/{FOO} HTTP/1.1\r\n{lines}"), "").await;
                assert_eq!(get.status, 200, "reads are allowed: {lines}");
            }
        }
    }
    for (options, origin) in [(ALLOWED, APP), (ANY, "null")] {
        let head = format!("POST /messages/raw HTTP/1.1\r\nSec-Fetch-Site: cross-site\r\nOrigin: {origin}");
        assert_eq!(ask(Server::start(&options).api, &head, "foo").await.status, 201, "the origin is allowed");
    }
}

#[test]
fn browser_page_of_another_origin_stores_nothing() {
    let (stranger, server) = (Server::start(&[]), Server::start(&[]));
    let browser = Browser::start();
    let raw = format!("{}/messages/raw", server.url());
    let post = json!({ "method": "POST", "mode": "no-cors", "body": "foo" });
    browser.open(&format!("http://{}/live", stranger.admin));
    // The page cannot see the response.
    let _ = fetch(&browser, &raw, &post);
    server.stdout.wait_for(&["POST /messages/raw 403"]);
    browser.open(&format!("{}/docs", server.url()));
    let stored = fetch(&browser, &raw, &post);
    assert_eq!(stored["status"], 201, "the server's own page stores the message, which is new: {stored}");
}

/// Makes the open page send a request. Returns the response as the page sees it, or the error.
fn fetch(browser: &Browser, url: &str, options: &Value) -> Value {
    let script = "
        const [url, options, done] = arguments;
        fetch(url, options).then(async (response) => ({
            status: response.status,
            body: await response.json(),
            headers: Object.fromEntries(response.headers),
        })).then(done, (error) => done({ error: String(error) }));";
    browser.run(script, &json!([url, options]))
}

#[test]
fn browser_page_of_an_allowed_origin_works_with_a_token() {
    let key = SigningKey::ec("key");
    let keys = NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), jwks(&[&key])).unwrap();
    let trust_options = trust_options("--identity-jwks-file", keys.path().to_str().unwrap());
    // The pages come from the admin listeners, because each port is an origin of its own.
    let (friend, stranger) = (Server::start(&[]), Server::start(&[]));
    let page = |server: &Server| format!("http://{}", server.admin);
    let server = Server::start(&[&trust_options[..], &["--cors-allowed-origins", &page(&friend)]].concat());
    let open_to_all = Server::start(&ANY);
    let browser = Browser::start();
    let post = json!({
        "method": "POST",
        "body": r#"{"message":"foo"}"#,
        "headers": {
            "Authorization": format!("Bearer {}", key.token(&claims())),
            "Content-Type": "application/json",
            "X-Span-ID": "of-the-page",
            "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        },
    });
    let messages = |server: &Server| format!("{}/messages", server.url());

    browser.open(&format!("{}/live", page(&friend)));
    let stored = fetch(&browser, &messages(&server), &post);
    assert_eq!((&stored["status"], &stored["body"]["digest"]), (&json!(201), &json!(FOO)), "{stored}");
    assert_eq!(stored["headers"]["location"], format!("/messages/{FOO}"));
    assert_eq!(stored["headers"]["x-span-id"], "of-the-page");
    let refused = fetch(&browser, &format!("{}/{FOO}", messages(&server)), &json!({}));
    assert_eq!(refused["status"], 401, "{refused}");
    assert!(refused["headers"]["www-authenticate"].is_string(), "{refused}");

    browser.open(&format!("{}/live", page(&stranger)));
    for options in [&post, &json!({})] {
        let unseen = fetch(&browser, &messages(&server), options);
        assert_eq!(unseen, json!({ "error": "TypeError: Failed to fetch" }));
    }
    let stored = fetch(&browser, &messages(&open_to_all), &post);
    assert_eq!(stored["status"], 201, "{stored}");
    let found = fetch(&browser, &format!("{}/{FOO}", messages(&open_to_all)), &json!({}));
    assert_eq!(
        (&found["body"]["message"], &found["headers"]["etag"]),
        (&json!("foo"), &json!(format!("\"{FOO}\"")))
    );
}
