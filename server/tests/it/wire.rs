//! The HTTP interface as existing clients use it, one test for each rule.

use message_to_hash_api::models::{Message, MessageDigest};
use message_to_hash_api::{AddMessageResponse, ApiNoContext, GetMessageByHashResponse};

use crate::support::{EMPTY, FOO, Server, TextResponse, ask, authorization, token};

const JSON: &str = "POST /messages HTTP/1.1\r\nContent-Type: application/json";

/// `Cache-Control` of a stored message: unlimited by default, private if a token is needed, and short if messages can
/// be deleted.
fn assert_may_be_kept(cache_control: &str) {
    if token().is_none() {
        assert_eq!(cache_control, "public, max-age=31536000, immutable");
        return;
    }
    let seconds = cache_control
        .strip_prefix("private, max-age=")
        .and_then(|rest| rest.strip_suffix(", must-revalidate"))
        .and_then(|seconds| seconds.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| seconds < 60), "{cache_control}");
}

async fn post(server: &Server, body: impl AsRef<[u8]>) -> TextResponse {
    ask(server.api, JSON, body).await
}

async fn get(server: &Server, path: &str) -> TextResponse {
    ask(server.api, &format!("GET {path} HTTP/1.1"), "").await
}

#[tokio::test]
async fn post_is_201_for_a_new_message_and_200_for_a_known_one() {
    let server = Server::start(&[]);
    let client = server.client();
    let body = MessageDigest::new(FOO.to_owned());
    let created = client.add_message(Message::new("foo".to_owned())).await.unwrap();
    let location = format!("/messages/{FOO}");
    let x_span_id = Some("it".to_owned());
    assert_eq!(
        created,
        AddMessageResponse::Created { body: body.clone(), location, x_span_id: x_span_id.clone() }
    );
    let again = client.add_message(Message::new("foo".to_owned())).await.unwrap();
    assert_eq!(again, AddMessageResponse::AlreadyStored { body, x_span_id });
    let answer = post(&server, r#"{"message": "foo"}"#).await;
    assert_eq!(answer.body, format!(r#"{{"digest":"{FOO}"}}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn get_returns_the_posted_message() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.add_message(Message::new("foo".to_owned())).await.unwrap();
    let found = client.get_message_by_hash(FOO.to_owned(), None, None).await.unwrap();
    let GetMessageByHashResponse::Found { body, e_tag, cache_control, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!(body, Message::new("foo".to_owned()));
    assert_eq!(e_tag, format!("\"{FOO}\""));
    assert_may_be_kept(&cache_control);
    assert_eq!(get(&server, &format!("/messages/{FOO}")).await.body, r#"{"message":"foo"}"#);
    let upper = get(&server, &format!("/messages/{}", FOO.to_uppercase())).await;
    assert_eq!((upper.status, upper.body.as_str()), (200, r#"{"message":"foo"}"#));
}

#[tokio::test]
async fn every_unicode_text_round_trips() {
    let server = Server::start(&["--cache-bytes", "0"]);
    let client = server.client();
    let planes: String = (0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x41)).collect();
    let texts = [
        String::new(),
        "\0".to_owned(),
        "a\0b\r\n\t\"\\\u{7f}\u{2028}".to_owned(),
        planes,
        "\u{feff}BOM".to_owned(),
        "x".repeat(1 << 20),
        "\u{1}".repeat(1 << 20),
    ];
    for text in texts {
        let AddMessageResponse::Created { body, .. } =
            client.add_message(Message::new(text.clone())).await.unwrap()
        else {
            panic!("{} bytes are not created", text.len())
        };
        let found = client.get_message_by_hash(body.digest, None, None).await.unwrap();
        let GetMessageByHashResponse::Found { body, .. } = found else { panic!("{} bytes", text.len()) };
        assert!(body.message == text, "a message of {} bytes came back changed", text.len());
    }
}

#[tokio::test]
async fn empty_message_round_trips() {
    let server = Server::start(&[]);
    assert_eq!(get(&server, &format!("/messages/{EMPTY}")).await.status, 404);
    let answer = post(&server, r#"{"message":""}"#).await;
    assert_eq!((answer.status, answer.json()["digest"].as_str()), (201, Some(EMPTY)));
    assert_eq!(get(&server, &format!("/messages/{EMPTY}")).await.body, r#"{"message":""}"#);
}

#[tokio::test]
async fn digest_covers_the_text_not_its_json() {
    let server = Server::start(&[]);
    let escaped = post(&server, r#" {"message" : "\u0066o\u006f"} "#).await;
    assert_eq!((escaped.status, escaped.json()["digest"].as_str()), (201, Some(FOO)));
}

#[tokio::test]
async fn unknown_or_invalid_hash_is_404() {
    let server = Server::start(&[]);
    let long = "a".repeat(4000);
    let unknown = "0".repeat(64);
    post(&server, r#"{"message":"foo"}"#).await;
    let prefixed = format!("0x{FOO}");
    for hash in [
        unknown.as_str(),
        &prefixed,
        "aa",
        "hash_example",
        &FOO[..19],
        &FOO[..44],
        "%ff",
        "%2F",
        "a%00",
        "%F0%9F%98%80",
        &long,
    ] {
        let answer = get(&server, &format!("/messages/{hash}")).await;
        answer.problem(404);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(get(&server, "/messages/aa").await.problem(404), "Message not found");
    for path in ["/", "/messages/", "/message", "/messages/a/b", "/messages//", "/Messages", "//messages"] {
        let answer = get(&server, path).await;
        answer.problem(404);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        ask(server.api, &format!("POST {path} HTTP/1.1"), "{}").await.problem(404);
    }
}

#[tokio::test]
async fn head_matches_get_without_body() {
    let server = Server::start(&[]);
    post(&server, r#"{"message":"foo"}"#).await;
    for path in [format!("/messages/{FOO}"), "/messages/aa".to_owned(), "/nothing".to_owned()] {
        let get = get(&server, &path).await;
        let head = ask(server.api, &format!("HEAD {path} HTTP/1.1"), "").await;
        assert_eq!((head.status, head.body.as_str()), (get.status, ""));
        for header in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(header), get.header(header), "{header} of {path}");
        }
        assert!(get.header("content-length").is_some());
    }
}

#[tokio::test]
async fn other_method_on_a_known_path_is_405() {
    let server = Server::start(&[]);
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let answer = ask(server.api, &format!("{method} /messages HTTP/1.1"), "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
    }
    for method in ["POST", "PUT", "PATCH", "OPTIONS", "TRACE"] {
        let answer = ask(server.api, &format!("{method} /messages/{FOO} HTTP/1.1"), "").await;
        answer.problem(405);
        assert_eq!(answer.header("allow"), Some("GET, HEAD, DELETE"), "{method}");
    }
}

#[tokio::test]
async fn malformed_message_is_400() {
    let server = Server::start(&[]);
    let not_messages: &[&[u8]] = &[
        b"",
        b" ",
        b"foo",
        b"{",
        b"{}",
        b"null",
        b"\"foo\"",
        b"[\"foo\"]",
        b"[]",
        br#"{"message":"foo"} garbage"#,
        br#"{"message":"foo"}{}"#,
        br#"{"message":null}"#,
        br#"{"message":1}"#,
        br#"{"message":["foo"]}"#,
        br#"{"message":{}}"#,
        br#"{"messages":"foo"}"#,
        br#"{"message":"a","message":"b"}"#,
        br#"{"message":"\ud800"}"#,
        b"{\"message\":\"\xff\"}",
        b"{\"message\":\"foo\",\"ignored\":\"\xff\"}",
        b"{\"message\":\"a\nb\"}",
        b"\xef\xbb\xbf{\"message\":\"foo\"}",
    ];
    for body in not_messages {
        let answer = post(&server, body).await;
        answer.problem(400);
    }
    for (body, detail) in [
        (&b"{\"message\": foo}"[..], "The body is not valid JSON: expected ident at line 1 column 14"),
        (b"{\"message\":\"\xff\"}", "The body is not valid UTF-8"),
        (b"{}", "missing field `message` at line 1 column 2"),
    ] {
        assert_eq!(post(&server, body).await.problem(400), detail);
    }
    let deep = [&b"{\"x\":"[..], &b"[".repeat(500_000)].concat();
    post(&server, deep).await.problem(400);
}

#[tokio::test]
async fn unknown_json_members_are_ignored() {
    let server = Server::start(&[]);
    let answer = post(&server, "{\"message\":\"foo\",\"line\\nbreak\":1,\"more\":{\"a\":[1]}}").await;
    assert_eq!((answer.status, answer.header("warning")), (201, None));
    let many: Vec<_> = (0..100_000).map(|number| format!("\"m{number}\":0")).collect();
    let answer = post(&server, format!("{{\"message\":\"foo\",{}}}", many.join(","))).await;
    assert_eq!((answer.status, answer.header("warning")), (200, None));
    assert!(!server.stderr.all().iter().any(|line| line.contains("break") || line.contains("m99999")));
}

#[tokio::test]
async fn other_media_type_or_encoding_is_415() {
    let server = Server::start(&[]);
    let body = r#"{"message":"foo"}"#;
    for read in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x=y"]
    {
        let answer = ask(server.api, &format!("POST /messages HTTP/1.1\r\nContent-Type: {read}"), body).await;
        assert!(matches!(answer.status, 200 | 201), "{read}: {answer:?}");
    }
    let untyped = ask(server.api, "POST /messages HTTP/1.1", body).await;
    assert_eq!(untyped.status, 200, "a body without Content-Type is read as JSON");
    for refused in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "", "\u{ff}"]
    {
        let answer =
            ask(server.api, &format!("POST /messages HTTP/1.1\r\nContent-Type: {refused}"), body).await;
        assert_eq!(answer.problem(415), "Send Content-Type: application/json");
    }
    let encoded = ask(server.api, &format!("{JSON}\r\nContent-Encoding: gzip"), body).await;
    assert_eq!(encoded.problem(415), "Send the body without Content-Encoding");
    assert_eq!(ask(server.api, &format!("{JSON}\r\nContent-Encoding: identity"), body).await.status, 200);
}

#[tokio::test]
async fn oversized_message_is_413() {
    let server = Server::start(&["--max-message-bytes", "10B"]);
    let client = server.client();
    let fits = client.add_message(Message::new("0123456789".to_owned())).await.unwrap();
    assert!(matches!(fits, AddMessageResponse::Created { .. }), "{fits:?}");
    let larger = client.add_message(Message::new("0123456789a".to_owned())).await.unwrap();
    let AddMessageResponse::ContentTooLarge { body, .. } = larger else { panic!("{larger:?}") };
    assert_eq!(body.detail, "A message may have at most 10 bytes");
    let escaped = post(&server, format!(r#"{{"message":"{}"}}"#, r"\u0000".repeat(10))).await;
    assert_eq!(escaped.status, 201, "the limit applies to the message and not to its JSON");
    let multibyte = post(&server, r#"{"message":"ééééé€"}"#).await;
    multibyte.problem(413);
}

#[tokio::test]
async fn matching_if_none_match_is_304() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.add_message(Message::new("foo".to_owned())).await.unwrap();
    let tag = format!("\"{FOO}\"");
    for current in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let answer = client.get_message_by_hash(FOO.to_owned(), None, Some(current.clone())).await.unwrap();
        let GetMessageByHashResponse::NotModified { e_tag, .. } = answer else {
            panic!("{current}: {answer:?}")
        };
        assert_eq!(e_tag, tag);
    }
    for other in ["\"x\"", FOO, "", "\u{e9}", "\"a,*,b\""] {
        let head = format!("GET /messages/{FOO} HTTP/1.1\r\nIf-None-Match: {other}");
        assert_eq!(ask(server.api, &head, "").await.status, 200, "{other}");
    }
    let lines = format!("GET /messages/{FOO} HTTP/1.1\r\nIf-None-Match: \"x\"\r\nIf-None-Match: {tag}");
    let answer = ask(server.api, &lines, "").await;
    assert_eq!((answer.status, answer.body.as_str()), (304, ""));
    assert_may_be_kept(answer.header("cache-control").unwrap());
    let unknown = format!("GET /messages/{EMPTY} HTTP/1.1\r\nIf-None-Match: *");
    ask(server.api, &unknown, "").await.problem(404);
}

#[tokio::test]
async fn span_id_is_echoed_or_generated() {
    let server = Server::start(&[]);
    let echoed = ask(server.api, "GET /messages/aa HTTP/1.1\r\nX-Span-ID: mine-1", "").await;
    assert_eq!(echoed.header("x-span-id"), Some("mine-1"));
    server.stdout.wait_for(&["GET /messages/aa 404", "span=mine-1"]);
    let (one, two) = (get(&server, "/messages/aa").await, get(&server, "/nothing").await);
    let (one, two) = (one.header("x-span-id").unwrap(), two.header("x-span-id").unwrap());
    assert_eq!((one.len(), two.len()), (32, 32));
    assert_ne!(one, two);
    let long =
        ask(server.api, &format!("GET /messages/aa HTTP/1.1\r\nX-Span-ID: {}", "x".repeat(129)), "").await;
    assert_eq!(long.header("x-span-id").map(str::len), Some(32));
}

#[tokio::test]
async fn trace_id_is_logged_and_malformed_one_ignored() {
    let server = Server::start(&[]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let head = "GET /messages/aa HTTP/1.1\r\ntraceparent:";
    ask(server.api, &format!("{head} 00-{trace}-00f067aa0ba902b7-01\r\nX-Span-ID: good"), "")
        .await
        .problem(404);
    server.stdout.wait_for(&["span=good", &format!("trace={trace}")]);
    ask(server.api, &format!("{head} 00-{trace}-xyz\r\nX-Span-ID: bad"), "").await.problem(404);
    server.stdout.wait_for(&["span=bad", "trace=-"]);
}

#[tokio::test]
async fn half_closed_connection_is_answered() {
    let server = Server::start(&[]);
    let mut client = tokio::net::TcpStream::connect(server.api).await.unwrap();
    let head = format!("POST /messages HTTP/1.1\r\nHost: it\r\n{}Content-Length: 17", authorization());
    let request = format!("{head}\r\n\r\n{{\"message\":\"foo\"}}");
    tokio::io::AsyncWriteExt::write_all(&mut client, request.as_bytes()).await.unwrap();
    tokio::io::AsyncWriteExt::shutdown(&mut client).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut client, &mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
}
