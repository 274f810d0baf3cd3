//! nginx's access log.

use std::process::Stdio;

use serde_json::Value;

use crate::client::{ask, curl};
use crate::stack::Stack;
use crate::support::wait::eventually;
use crate::tls::TlsConnection;

#[test]
fn every_line_of_the_access_log_is_json() {
    let stack = Stack::up("log", &[("API_REPLICAS", "1")]);
    // Skips the output of the image's start scripts.
    let lines = || {
        let stdout = stack.stdout("nginx");
        let lines: Vec<_> =
            stdout.lines().filter(|line| !line.starts_with("/docker-entrypoint.d/")).collect();
        lines.join("\n")
    };
    let wait_for = |text: &str| eventually(text, || lines().contains(text));

    for target in [
        &b"/ordinary?token=secret"[..],
        b"/raw\xff\xfe/path?a",
        b"/quoted\"\\x",
        b"/tab\x09",
        b"/caf\xc3\xa9",
    ] {
        let request =
            [b"GET ", target, b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"].concat();
        TlsConnection::open(&stack).send(&request).unwrap();
    }
    TlsConnection::open(&stack).send(b"\x00\x01\x02\r\n\r\n").unwrap();
    TlsConnection::open(&stack).send(b"<script> HTTP/1.1\r\n\r\n").unwrap();
    // Closes the connection before the head is complete, and before the body is.
    TlsConnection::open(&stack).send(b"GET /incomplete HTTP/1.1\r\nHost: l").unwrap();
    let head = "POST /messages HTTP/1.1\r\nHost: localhost\r\nX-Span-ID: left\r\nContent-Length: 9\r\n\r\n";
    TlsConnection::open(&stack).send(head.as_bytes()).unwrap();
    // Over HTTP/2 an interrupted body had the status 000, which is not a JSON number.
    let unfinished = ["--http2", "-X", "POST", "-T", "-", "--max-time", "2", "-H", "X-Span-ID: left-2"];
    curl(&stack, "/messages", &unfinished)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
        .wait()
        .unwrap();
    ask(&stack, "/the-last", &["--http2"]);
    for text in ["/ordinary", "/raw...", "/quoted", "/caf...", r#""span":"left""#, "left-2", "/the-last"] {
        wait_for(text);
    }
    for line in lines().lines() {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(
            record["span"].is_string() && (record["status"].is_u64() || record["status"].is_null()),
            "{line}"
        );
    }
    assert!(!lines().contains("secret"));
}
