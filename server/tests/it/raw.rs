//! Messages as plain bodies: raw POST and GET, whole and in ranges. `digests` tests the digests of requests.

use std::process::Command;

use message_to_hash_api::{
    AddRawMessageResponse, ApiNoContext, GetNamedInformationResponse, GetRawMessageResponse,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::issuer::{SigningKey, claims, jwks, trust_options};
use crate::support::raw::{HELLO, HELLO_HASH, HELLO_VALUE, POST, get, server_with_hello};
use crate::support::{EMPTY, FOO, Server, ask};

#[tokio::test]
async fn raw_body_is_the_message() {
    for media_type in [
        "",
        "Content-Type: text/plain",
        "Content-Type: Text/Plain ; charset=\"UTF-8\"",
        "Content-Type: application/octet-stream",
    ] {
        let server = Server::start(&[]);
        let request = format!("{POST}\r\n{media_type}");
        let created = ask(server.api, &request, "foo").await;
        assert_eq!((created.status, created.body.as_str()), (201, &*format!(r#"{{"digest":"{FOO}"}}"#)));
        assert_eq!(created.header("location"), Some(&*format!("/messages/{FOO}")));
        assert_eq!(created.header("content-type"), Some("application/json"));
        let again = ask(server.api, &request, "foo").await;
        assert_eq!((again.status, again.header("location"), &again.body), (200, None, &created.body));
        assert_eq!(get(&server, &format!("/messages/{FOO}"), "").await.body, r#"{"message":"foo"}"#);
        server.stdout.wait_for(&["POST /messages/raw 201", "operation=AddRawMessage in=3"]);
    }
}

#[tokio::test]
async fn raw_text_round_trips_byte_for_byte() {
    let server = Server::start(&["--cache-bytes", "0"]);
    let client = server.client();
    let planes: String = (0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x41)).collect();
    for text in [
        "",
        "\0",
        "a\0b\r\n\t\"\\\u{7f}\u{2028}\n",
        &planes,
        "\u{feff}BOM",
        " {\"message\":\"foo\"} ",
        &"\u{1}".repeat(1 << 20),
    ] {
        let added = client.add_raw_message(Some(text.to_owned())).await.unwrap();
        let AddRawMessageResponse::Created { body, .. } = added else { panic!("{added:?}") };
        let found = client.get_raw_message(body.digest, None, None, None, None).await.unwrap();
        let GetRawMessageResponse::Found { body, .. } = found else { panic!("{found:?}") };
        assert!(body == text, "a message of {} bytes came back changed", text.len());
    }
}

#[tokio::test]
async fn raw_post_without_body_is_the_empty_message() {
    let server = Server::start(&[]);
    let path = format!("/messages/{EMPTY}/raw");
    assert_eq!(get(&server, &path, "").await.problem(404), "Message not found");
    let created = ask(server.api, POST, "").await;
    assert_eq!((created.status, created.json()["digest"].as_str()), (201, Some(EMPTY)));
    assert_eq!(ask(server.api, &format!("{POST}\r\nContent-Length: 0"), "").await.status, 200);
    let found = get(&server, &path, "").await;
    assert_eq!((found.status, found.body.as_str(), found.header("content-length")), (200, "", Some("0")));
    assert_eq!(get(&server, &path, "Range: bytes=0-").await.header("content-range"), Some("bytes */0"));
    assert_eq!(get(&server, &path, "Range: bytes=-1").await.status, 200);
}

#[tokio::test]
async fn raw_body_that_is_not_utf_8_is_400() {
    let server = Server::start(&[]);
    for bytes in
        [&b"\xff"[..], b"foo\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"f\0o\0\xe9\0"]
    {
        for media_type in ["text/plain", "application/octet-stream"] {
            let refused = ask(server.api, &format!("{POST}\r\nContent-Type: {media_type}"), bytes).await;
            assert_eq!(refused.problem(400), "The body is not valid UTF-8");
        }
        let hash = message_to_hash::message::MessageHash::of(bytes);
        get(&server, &format!("/messages/{hash}/raw"), "").await.problem(404);
    }
}

#[tokio::test]
async fn raw_body_over_the_limit_is_413() {
    let server = Server::start(&["--max-message-bytes", "10"]);
    for fits in ["0123456789", "ééééé", "\0\0\0\0\0\0\0\0\0\0"] {
        assert_eq!(ask(server.api, POST, fits).await.status, 201);
    }
    for larger in ["0123456789a", "ééééé1", &"0".repeat(100_000)] {
        assert_eq!(ask(server.api, POST, larger).await.problem(413), "A message may have at most 10 bytes");
    }
    let chunked = format!("{POST}\r\nTransfer-Encoding: chunked\r\nHost: it\r\nConnection: close\r\n");
    let chunked = |size| {
        format!(
            "{chunked}{}\r\n{size:x}\r\n{}\r\n0\r\n\r\n",
            crate::support::authorization(),
            "x".repeat(size)
        )
    };
    for (size, status) in [(10, 201), (11, 413)] {
        let answer = crate::support::raw(server.api, chunked(size)).await;
        assert_eq!(crate::support::parse(&answer).status, status, "{answer}");
    }
    // JSON requests have a larger limit, because JSON may need six bytes for one.
    let json = format!(r#"{{"message":"{}"}}"#, r"\u0000".repeat(10));
    assert_eq!(ask(server.api, "POST /messages HTTP/1.1", json).await.status, 200);
}

#[tokio::test]
async fn raw_post_of_another_media_type_is_415() {
    let server = Server::start(&[]);
    let send = "Send Content-Type: text/plain or application/octet-stream";
    for (media_type, detail) in [
        ("application/x-www-form-urlencoded", send),
        ("application/json", send),
        ("text/html", send),
        ("text/plaintext", send),
        ("", send),
        ("text/plain; charset=iso-8859-1", "Send text in UTF-8"),
        ("text/plain; format=flowed; CharSet=\"utf-16\"", "Send text in UTF-8"),
        ("text/plain; charset=", "Send text in UTF-8"),
    ] {
        let refused = ask(server.api, &format!("{POST}\r\nContent-Type: {media_type}"), "foo").await;
        assert_eq!(refused.problem(415), detail, "{media_type}");
    }
    for media_type in [
        "text/plain; charset=us-ascii",
        "text/plain;charset=utf8",
        "text/plain; charset=\"UTF8\"",
        "text/plain; format=flowed",
        "text/plain;",
    ] {
        let stored = ask(server.api, &format!("{POST}\r\nContent-Type: {media_type}"), "foo").await;
        assert!(matches!(stored.status, 200 | 201), "{media_type}: {stored:?}");
    }
    let encoded = ask(server.api, &format!("{POST}\r\nContent-Encoding: gzip"), "foo").await;
    assert_eq!(encoded.problem(415), "Send the body without Content-Encoding");
}

#[test]
fn raw_post_works_with_curl() {
    let server = Server::start(&[]);
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "two\nlines\n").unwrap();
    let curl = |arguments: &str| {
        let (url, file) = (server.url(), file.path().display());
        let command = format!("curl -sS {arguments} {url}/messages/raw < {file}");
        let output = Command::new("sh").args(["-c", &command]).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    };
    // By default curl sends the media type of a form.
    let refused = curl("--data-binary @-");
    assert_eq!(refused["detail"], "Send Content-Type: text/plain or application/octet-stream");
    let digest = message_to_hash::message::MessageHash::of(b"two\nlines\n").to_string();
    for options in [
        "--data-binary @- -H 'Content-Type: text/plain'",
        "--data-binary @- -H 'Content-Type:'",
        "-X POST -T -",
        "-X POST -T - -H 'Content-Type: application/octet-stream' -H 'Expect: 100-continue'",
    ] {
        assert_eq!(curl(options), json!({ "digest": digest }), "{options}");
    }
}

#[tokio::test]
async fn raw_response_cannot_run_in_a_browser() {
    let (server, paths) = server_with_hello().await;
    for path in paths {
        let found = get(&server, &path, "").await;
        assert_eq!((found.status, found.body.as_str()), (200, HELLO));
        for (header, value) in [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", "12"),
            ("etag", &format!("\"{HELLO_HASH}\"")),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("accept-ranges", "bytes"),
            ("repr-digest", "sha-256=:f4OxZX/x/FO5LcGBSKHWXfwtSx+j1ncoSt3SABJtkGk=:"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
        ] {
            assert_eq!(found.header(header), Some(value), "{path}");
        }
        let asked = format!("HEAD {path} HTTP/1.1\r\nRange: bytes=0-1");
        let head = ask(server.api, &asked, "").await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "HEAD ignores a range");
        for header in
            ["content-type", "content-length", "etag", "cache-control", "accept-ranges", "repr-digest"]
        {
            assert_eq!(head.header(header), found.header(header), "{header} of {path}");
        }
        let posted = ask(server.api, &format!("POST {path} HTTP/1.1"), "foo").await;
        posted.problem(405);
        assert_eq!(posted.header("allow"), Some("GET, HEAD"));
    }
    server.stdout.wait_for(&["GET /messages/", "operation=GetRawMessage in=0 out=12"]);
    server.stdout.wait_for(&["GET /.well-known/ni/", "operation=GetNamedInformation in=0 out=12"]);
}

#[tokio::test]
async fn ni_name_is_canonical() {
    let (server, _) = server_with_hello().await;
    let upper = format!("/messages/{}/raw", HELLO_HASH.to_uppercase());
    assert_eq!(get(&server, &upper, "").await.body, HELLO);
    let zeros = "0".repeat(64);
    for hash in ["aa", "hash_example", "raw", "%ff", &zeros, HELLO_VALUE, &HELLO_HASH[1..]] {
        let unknown = get(&server, &format!("/messages/{hash}/raw"), "").await;
        unknown.problem(404);
        assert_eq!(unknown.header("cache-control"), Some("no-store"));
    }
    for path in
        [&format!("/messages/{HELLO_HASH}/raw/"), &format!("/messages/{HELLO_HASH}/Raw"), "/messages//raw"]
    {
        get(&server, path, "").await.problem(404);
    }
    get(&server, "/messages/raw", "").await.problem(405);

    let ni = |rest: &str| format!("/.well-known/ni/{rest}");
    let encoded = HELLO_VALUE.replace('_', "%5F");
    assert_eq!(get(&server, &ni(&format!("sha-256/{encoded}")), "").await.body, HELLO, "the same URI");
    assert_eq!(get(&server, &ni(&format!("sha-256/{HELLO_VALUE}?ct=text/plain")), "").await.body, HELLO);
    for rest in [
        // The last character has two unused bits, which must be zero.
        format!("sha-256/{}l", &HELLO_VALUE[..42]),
        format!("sha-256/{HELLO_VALUE}="),
        format!("sha-256/{}", HELLO_VALUE.replace('_', "%2F")),
        format!("sha-256/{}", HELLO_VALUE.replace('-', "+")),
        format!("sha-256/{HELLO_HASH}"),
        format!("sha-256/{}", "A".repeat(43)),
        format!("sha-256/{}", "A".repeat(10_000)),
        "sha-256/".to_owned(),
        format!("sha-256-128/{}", &HELLO_VALUE[..22]),
        format!("sha-512/{HELLO_VALUE}"),
        format!("SHA-256/{HELLO_VALUE}"),
        format!("sha-256/{HELLO_VALUE}/"),
    ] {
        let unknown = get(&server, &ni(&rest), "").await;
        unknown.problem(404);
        assert_eq!(unknown.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn generated_client_reads_by_ni_name() {
    let (server, _) = server_with_hello().await;
    let client = server.client();
    let found = client.get_named_information(HELLO_VALUE.to_owned(), None, None, None, None).await.unwrap();
    let GetNamedInformationResponse::Found { body, repr_digest, .. } = found else { panic!("{found:?}") };
    assert_eq!(body, HELLO);
    assert_eq!(repr_digest, "sha-256=:f4OxZX/x/FO5LcGBSKHWXfwtSx+j1ncoSt3SABJtkGk=:");
}

#[tokio::test]
async fn raw_operations_require_their_scopes() {
    let key = SigningKey::ec("key");
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwks(&[&key])).unwrap();
    let server = Server::start(&trust_options("--identity-jwks-file", file.path().to_str().unwrap()));
    let token = |scope: &str| {
        let mut claims = claims();
        claims["scope"] = scope.into();
        format!("Authorization: Bearer {}", key.token(&claims))
    };
    let (reader, writer) = (token("messages:read"), token("messages:write"));
    let raw = format!("/messages/{HELLO_HASH}/raw");
    let ni = format!("/.well-known/ni/sha-256/{HELLO_VALUE}");
    ask(server.api, POST, HELLO).await.problem(401);
    let refused = ask(server.api, &format!("{POST}\r\n{reader}"), HELLO).await;
    assert_eq!(refused.problem(403), "The bearer token lacks the scope messages:write");
    assert_eq!(ask(server.api, &format!("{POST}\r\n{writer}"), HELLO).await.status, 201);
    for path in [raw, ni] {
        get(&server, &path, "").await.problem(401);
        let refused = get(&server, &path, &writer).await;
        assert_eq!(refused.problem(403), "The bearer token lacks the scope messages:read");
        let found = get(&server, &path, &format!("{reader}\r\nRange: bytes=0-4")).await;
        assert_eq!((found.status, found.body.as_str()), (206, "Hello"));
        assert!(found.header("cache-control").is_some_and(|value| value.starts_with("private, ")));
    }
}
