//! The documentation: the files are served, and the pages work in a browser.

use std::process::Command;

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::support::browser::Browser;
use crate::support::issuer::{SigningKey, claims, jwks, trust_options};
use crate::support::{FOO, Server, TextResponse, ask};

const FILES: [(&str, &str); 7] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/start.js", "text/javascript; charset=utf-8"),
    ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
    ("/docs/favicon.png", "image/png"),
    ("/openapi.yaml", "application/yaml"),
    ("/openapi.json", "application/json"),
];

async fn head(server: &Server, method: &str, path: &str, more: &str) -> TextResponse {
    ask(server.api, &format!("{method} {path} HTTP/1.1\r\n{more}"), "").await
}

/// Starts a server that requires a token for everything, and returns a valid token.
fn server_with_identity() -> (Server, String) {
    let key = SigningKey::ec("key");
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwks(&[&key])).unwrap();
    let options = trust_options("--identity-jwks-file", file.path().to_str().unwrap());
    (Server::start(&options), key.token(&claims()))
}

#[tokio::test]
async fn documentation_files_have_type_and_policy_and_need_no_token() {
    let (server, _) = server_with_identity();
    for (path, media_type) in FILES {
        let found = head(&server, "HEAD", path, "").await;
        assert_eq!((found.status, found.header("content-type")), (200, Some(media_type)), "{path}");
        assert!(found.body.is_empty());
        let length: usize = found.header("content-length").unwrap().parse().unwrap();
        assert!(length > 100, "{path}: {length}");
        assert!(found.header("x-span-id").is_some());
        assert_eq!(found.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(found.header("referrer-policy"), Some("no-referrer"));
        let policy = found.header("content-security-policy").unwrap();
        for part in
            ["default-src 'none'", "script-src 'self';", "connect-src 'self';", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{policy}");
        }
        if media_type != "image/png" {
            let whole = head(&server, "GET", path, "").await;
            assert_eq!((whole.status, whole.body.len()), (200, length), "{path}");
        }
    }
    server.stdout.wait_for(&["GET /docs 200", "operation=-"]);
}

#[tokio::test]
async fn documentation_file_with_matching_etag_is_304() {
    let server = Server::start(&[]);
    for (path, _) in FILES {
        let first = head(&server, "HEAD", path, "").await;
        assert_eq!(first.header("cache-control"), Some("no-cache"));
        let e_tag = first.header("etag").unwrap();
        for tags in
            [e_tag, &format!("\"other\", W/{e_tag}"), &format!("\"other\"\r\nIf-None-Match: {e_tag}"), "*"]
        {
            let again = head(&server, "GET", path, &format!("If-None-Match: {tags}\r\n")).await;
            assert_eq!((again.status, again.body.as_str()), (304, ""), "{path} {tags}");
            assert_eq!(again.header("etag"), Some(e_tag));
        }
        let other = head(&server, "HEAD", path, "If-None-Match: \"other\"\r\n").await;
        assert_eq!(other.status, 200);
    }
}

#[tokio::test]
async fn documentation_paths_refuse_other_methods() {
    let server = Server::start(&[]);
    for (path, _) in FILES {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
            let refused = head(&server, method, path, "").await;
            refused.problem(405);
            assert_eq!(refused.header("allow"), Some("GET, HEAD"), "{method} {path}");
        }
    }
    for path in
        ["/", "/docs/", "/docs/index.html", "/docs/../openapi.json", "/docs/nothing", "/openapi", "/Docs"]
    {
        head(&server, "GET", path, "").await.problem(404);
    }
}

#[tokio::test]
async fn openapi_yaml_and_json_are_the_contract() {
    let server = Server::start(&[]);
    let yaml = head(&server, "GET", "/openapi.yaml", "").await.body;
    assert_eq!(yaml, include_str!("../../../api/messageToHash.yaml"));
    // Parses the YAML with another library than the one that made the JSON.
    let convert = "import json, yaml; print(json.dumps(yaml.safe_load(open('api/messageToHash.yaml'))))";
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new("python3").args(["-c", convert]).current_dir(root).output().unwrap();
    let expected: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{output:?}; run the tests by ./build.sh test"));
    assert_eq!(head(&server, "GET", "/openapi.json", "").await.json(), expected);
}

/// Opens an operation's form.
fn try_out(browser: &Browser, operation: &str) -> String {
    let block = format!("#operations-messages-{operation}");
    browser.find(&format!("{block} .opblock-summary-control")).click();
    browser.find(&format!("{block} .try-out__btn")).click();
    block
}

/// Sends the form, and waits for a response with this status and text.
fn execute(browser: &Browser, block: &str, status: u16, text: &str) {
    browser.find(&format!("{block} button.execute")).click();
    let response = format!("{block} .live-responses-table .response");
    browser.find_text(&format!("{response} .response-col_status"), &status.to_string());
    browser.find_text(&format!("{response} .response-col_description"), text);
}

fn assert_only_of(server: &Server, browser: &Browser) {
    let requests = browser.requests();
    let of_server = |url: &&String| url.starts_with(&format!("{}/", server.url()));
    let elsewhere: Vec<_> = requests.iter().filter(|url| !of_server(url)).collect();
    assert_eq!(elsewhere, [""; 0]);
    assert!(
        requests.iter().filter(of_server).count() >= 5,
        "the page and its files are requested: {requests:?}"
    );
}

#[test]
fn browser_stores_and_reads_a_message() {
    let server = Server::start(&[]);
    let browser = Browser::start();
    browser.open(&format!("{}/docs", server.url()));
    let post = try_out(&browser, "addMessage");
    browser.find(&format!("{post} textarea.body-param__text")).fill(r#"{"message": "foo"}"#);
    execute(&browser, &post, 201, FOO);
    execute(&browser, &post, 200, FOO);
    let get = try_out(&browser, "getMessageByHash");
    browser.find(&format!("{get} tr[data-param-name=hash] input")).fill(FOO);
    execute(&browser, &get, 200, r#""message": "foo""#);
    browser.save_screenshot("docs");
    assert_eq!(browser.complaints(), [""; 0]);
    assert_only_of(&server, &browser);
}

#[test]
fn browser_stores_raw_text_and_reads_a_range() {
    let server = Server::start(&[]);
    let browser = Browser::start();
    browser.open(&format!("{}/docs", server.url()));
    let post = try_out(&browser, "addRawMessage");
    browser.find(&format!("{post} textarea.body-param__text")).fill("foo");
    execute(&browser, &post, 201, FOO);
    let get = try_out(&browser, "getRawMessage");
    browser.find(&format!("{get} tr[data-param-name=hash] input")).fill(FOO);
    execute(&browser, &get, 200, "foo");
    browser.find(&format!("{get} tr[data-param-name=Range] input")).fill("bytes=1-");
    execute(&browser, &get, 206, "bytes 1-2/3");
    let ni = try_out(&browser, "getNamedInformation");
    let foo = "LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564";
    browser.find(&format!("{ni} tr[data-param-name=value] input")).fill(foo);
    execute(&browser, &ni, 200, "foo");
    assert_eq!(browser.complaints(), [""; 0]);
    assert_only_of(&server, &browser);
}

#[test]
fn browser_uses_a_token() {
    let (server, token) = server_with_identity();
    let browser = Browser::start();
    browser.open(&format!("{}/docs", server.url()));
    let post = try_out(&browser, "addMessage");
    execute(&browser, &post, 401, "A bearer token is required");
    let complaints = browser.complaints();
    assert!(matches!(&complaints[..], [refused] if refused.contains("401")), "{complaints:?}");

    browser.find(".auth-wrapper .authorize").click();
    browser.find(".auth-container input").fill(&token);
    browser.find(".auth-btn-wrapper .authorize").click();
    browser.find(".auth-btn-wrapper .btn-done").click();
    execute(&browser, &post, 201, FOO);
    let get = try_out(&browser, "getMessageByHash");
    execute(&browser, &get, 200, r#""message": "foo""#);
    browser.save_screenshot("docs-identity");
    assert_eq!(browser.complaints(), [""; 0]);
    assert_only_of(&server, &browser);
}
