//! A page of another origin cannot find out whether a message is stored.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::{FOO, Server, TextResponse, ask, parse, raw};

const ABSENT: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

fn assert_isolated(answer: &TextResponse, is_shared: bool) {
    let policies: Vec<_> = answer.headers("content-security-policy").collect();
    assert!(policies.iter().any(|policy| policy.contains("frame-ancestors 'none'")), "{answer:?}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{answer:?}");
    let expected = (!is_shared).then_some("same-origin");
    assert_eq!(answer.header("cross-origin-resource-policy"), expected, "{answer:?}");
}

#[tokio::test]
async fn every_response_is_isolated_from_other_origins() {
    let app = "https://app.example";
    for (options, origin, is_shared) in [
        (&[][..], app, false),
        (&["--cors-allowed-origins", app], "https://other.example", false),
        (&["--cors-allowed-origins", app], app, true),
        (&["--cors-allowed-origins", "*"], app, true),
    ] {
        let server = Server::start(options);
        let own = "POST /messages HTTP/1.1\r\nSec-Fetch-Site: same-origin";
        assert_eq!(ask(server.api, own, r#"{"message":"foo"}"#).await.status, 201);
        for head in [
            &format!("GET /messages/{FOO}"),
            &format!("HEAD /messages/{FOO}"),
            &format!("GET /messages/{FOO}/raw"),
            &format!("GET /messages/{ABSENT}"),
            &format!("GET /messages/{ABSENT}/raw"),
            "GET /nothing",
            "PUT /messages",
            "POST /messages",
            "GET /docs",
            "GET /openapi.yaml",
            "OPTIONS /messages",
        ] {
            let answer = ask(server.api, &format!("{head} HTTP/1.1\r\nOrigin: {origin}"), "").await;
            assert_isolated(&answer, is_shared);
        }
        let tag = format!("If-None-Match: \"{FOO}\"");
        let current =
            ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1\r\nOrigin: {origin}\r\n{tag}"), "").await;
        assert_eq!(current.status, 304);
        assert_isolated(&current, is_shared);
    }
    let server = Server::start(&[]);
    let no_host = raw(server.api, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert_isolated(&parse(&no_host), false);
}

/// Makes the page load a URL in every way that reports success or failure. Returns what the page observes of each.
fn probe(browser: &Browser, url: &str) -> Value {
    let script = "
        const [url, done] = arguments;
        const seen = {};
        const outcome = (name, element, to) => new Promise((resolve) => {
            const heard = (what) => { seen[name] = what; resolve(); };
            element.onload = () => heard('load ' + element.clientHeight + ' ' + element.contentDocument);
            element.onerror = () => heard('error ' + (element.error && element.error.message));
            for (const [attribute, value] of Object.entries(to)) element.setAttribute(attribute, value);
            document.body.append(element);
        });
        const make = (tag) => document.createElement(tag);
        const popup = async () => {
            const opened = window.open(url);
            await new Promise((resolve) => setTimeout(resolve, 1500));
            try { seen.popup = opened ? String(opened.location.href) : 'none'; } catch { seen.popup = 'elsewhere'; }
            if (opened) { seen.popup += ' ' + opened.closed + ' ' + opened.length; opened.close(); }
        };
        Promise.all([
            outcome('object', make('object'), { data: url }),
            outcome('typed object', make('object'), { data: url, type: 'text/plain' }),
            outcome('embed', make('embed'), { src: url, type: 'text/html' }),
            outcome('iframe', make('iframe'), { src: url }),
            outcome('img', make('img'), { src: url }),
            outcome('script', make('script'), { src: url }),
            outcome('audio', make('audio'), { src: url, preload: 'auto' }),
            outcome('stylesheet', make('link'), { rel: 'stylesheet', href: url }),
            outcome('preload', make('link'), { rel: 'preload', as: 'script', href: url }),
            outcome('prefetch', make('link'), { rel: 'prefetch', href: url }),
            fetch(url, { mode: 'no-cors' }).then((it) => { seen.fetch = it.type; }, (it) => { seen.fetch = it.name; }),
            popup(),
        ]).then(() => {
            const entries = performance.getEntriesByType('resource').filter((it) => it.name === url);
            seen.timing = entries.map((it) => [it.initiatorType, it.responseStatus, it.transferSize].join()).sort();
            done(seen);
        });";
    browser.run(script, &json!([url]))
}

#[test]
fn browser_page_of_another_origin_cannot_detect_a_message() {
    let (stranger, server) = (Server::start(&[]), Server::start(&[]));
    let browser = Browser::start();
    browser.open(&format!("{}/docs", server.url()));
    let store = "
        const [url, done] = arguments;
        fetch(url, { method: 'POST', body: 'foo' }).then((response) => done(response.status));";
    assert_eq!(browser.run(store, &json!([format!("{}/messages/raw", server.url())])), 201);
    for end in ["", "/raw"] {
        // Opens a new page for each URL, so that nothing is left from the one before.
        let seen = [FOO, ABSENT].map(|hash| {
            browser.open(&format!("http://{}/live", stranger.admin));
            probe(&browser, &format!("{}/messages/{hash}{end}", server.url()))
        });
        assert_eq!(seen[0], seen[1], "{end}");
        assert!(seen[0].as_object().unwrap().len() >= 13, "{}", seen[0]);
    }
}
