//! The access log and the error log: their lines, and the data that they never contain.

use serde_json::Value;

use crate::support::{FOO, Server, TextResponse, ask};

const SECRET: &str = "correct horse battery staple";

async fn post(server: &Server, body: &str) -> TextResponse {
    ask(server.api, "POST /messages HTTP/1.1\r\nX-Span-ID: post-1\r\nAuthorization: Bearer t0k3n", body).await
}

#[tokio::test]
async fn each_request_logs_one_line_on_stdout() {
    let server = Server::start(&[]);
    post(&server, r#"{"message":"foo"}"#).await;
    let line = server.stdout.wait_for(&["span=post-1"]);
    let wanted = [
        " POST /messages 201 ",
        "us operation=AddMessage ",
        " in=17 ",
        " out=77 ",
        " trace=- ",
        " subject=-",
    ];
    for text in wanted {
        assert!(line.contains(text), "no {text:?} in {line}");
    }
    ask(server.api, "GET /nothing HTTP/1.1\r\nX-Span-ID: last", "").await;
    let line = server.stdout.wait_for(&["span=last"]);
    assert!(line.contains(" GET /nothing 404 ") && line.contains(" operation=- "), "{line}");
    assert_eq!(server.stdout.all().len(), 2);
    assert!(server.stderr.all().iter().all(|line| !line.contains("/messages")), "{:?}", server.stderr.all());
}

#[tokio::test]
async fn trusted_proxy_names_the_client_in_the_log() {
    let forwarded = "GET /nothing HTTP/1.1\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.7\r\nX-Span-ID: one";
    let server = Server::start(&["--trusted-proxies", "10.0.0.0/8,127.0.0.1"]);
    ask(server.api, forwarded, "").await;
    let line = server.stdout.wait_for(&["span=one"]);
    assert!(line.contains(" 192.0.2.7 GET /nothing "), "{line}");

    let server = Server::start(&["--trusted-proxies", "10.0.0.0/8"]);
    ask(server.api, forwarded, "").await;
    let line = server.stdout.wait_for(&["span=one"]);
    assert!(line.contains(" 127.0.0.1:"), "{line}");
}

#[tokio::test]
async fn json_log_lines_are_objects() {
    let server = Server::start(&["--log-format", "json"]);
    post(&server, r#"{"message":"foo"}"#).await;
    let line: Value = serde_json::from_str(&server.stdout.wait_for(&["post-1"])).unwrap();
    assert!(line["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
    let request = &line["request"];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["path"], "/messages");
    assert_eq!(request["operation"], "AddMessage");
    assert_eq!(request["status"], 201);
    assert_eq!((request["bytes_in"].as_u64(), request["bytes_out"].as_u64()), (Some(17), Some(77)));
    assert!(request["duration_us"].is_u64() && request["peer"].is_string());
    assert_eq!((&line["span"], &request["trace"]), (&Value::from("post-1"), &Value::Null));
    assert_eq!(request["subject"], Value::Null);
    for line in server.stderr.all() {
        let line: Value = serde_json::from_str(&line).unwrap();
        assert!(["time", "level", "target", "message"].iter().all(|field| line[field].is_string()), "{line}");
    }
}

#[tokio::test]
async fn span_id_has_the_same_name_in_both_logs() {
    let full = ["--store", "memory:1B", "--log-format", "json"];
    let server = Server::start_with(&full);
    post(&server, r#"{"message":"too long for this store"}"#).await.problem(503);
    for stream in [&server.stdout, &server.stderr] {
        let line: Value = serde_json::from_str(&stream.wait_for(&["post-1"])).unwrap();
        assert_eq!(line["span"], "post-1", "{line}");
    }
    let error: Value = serde_json::from_str(&server.stderr.wait_for(&["post-1"])).unwrap();
    assert!(error["message"].as_str().is_some_and(|text| !text.contains("post-1")), "{error}");

    // In text lines the span id is in brackets before the message.
    let server = Server::start_with(&full[..2]);
    post(&server, r#"{"message":"too long for this store"}"#).await.problem(503);
    server.stderr.wait_for(&["ERROR", ": [post-1] "]);
}

#[tokio::test]
async fn messages_and_tokens_are_never_logged() {
    let server = Server::start(&["--log-filter", "trace"]);
    for body in [
        format!(r#"{{"message":"{SECRET}"}}"#),
        format!(r#"{{"message":["{SECRET}"]}}"#),
        format!(r#"{{"{SECRET}":"{SECRET}"}}"#),
        format!(r#""{SECRET}""#),
        format!(r#"{{"message":"{SECRET}"#),
    ] {
        post(&server, &body).await;
    }
    ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1\r\nX-Span-ID: end"), "").await;
    server.stdout.wait_for(&["span=end"]);
    let lines = [server.stdout.all(), server.stderr.all()].concat();
    let telling: Vec<_> =
        lines.iter().filter(|line| line.contains("horse") || line.contains("t0k3n")).collect();
    assert!(telling.is_empty(), "{telling:#?}");
}

#[tokio::test]
async fn abandoned_request_is_logged() {
    let server = Server::start(&[]);
    let mut client = tokio::net::TcpStream::connect(server.api).await.unwrap();
    let head = "POST /messages HTTP/1.1\r\nHost: it\r\nX-Span-ID: gone\r\nContent-Length: 9\r\n\r\n{";
    tokio::io::AsyncWriteExt::write_all(&mut client, head.as_bytes()).await.unwrap();
    drop(client);
    let line = server.stdout.wait_for(&["span=gone"]);
    assert!(line.contains(" POST /messages ") && !line.contains(" 201 "), "{line}");
}

#[tokio::test]
async fn long_path_is_truncated_and_access_log_can_be_off() {
    let server = Server::start(&[]);
    ask(server.api, &format!("GET /{} HTTP/1.1\r\nX-Span-ID: long", "a".repeat(5000)), "").await.problem(404);
    assert!(server.stdout.wait_for(&["span=long"]).len() < 400);
    let odd = format!("{} /a\u{9b}31m HTTP/1.1\r\nX-Span-ID: odd", "M".repeat(1000));
    ask(server.api, &odd, "").await.problem(404);
    let line = server.stdout.wait_for(&["span=odd"]);
    assert!(line.contains(" MMMMMMMMMMMMMMMM /a\\u{9b}31m 404 "), "{line}");
    let quiet = Server::start(&["--log-filter", "info,access=off"]);
    ask(quiet.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    let mut quiet = quiet;
    quiet.terminate();
    quiet.wait();
    assert!(quiet.stdout.all().is_empty());
}
