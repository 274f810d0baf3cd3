//! Range requests and conditional requests for raw messages.

use message_to_hash_api::{ApiNoContext, GetRawMessageResponse};

use crate::support::raw::{HELLO, HELLO_HASH, POST, get, server_with_hello};
use crate::support::{FOO, Server, ask};

#[tokio::test]
async fn range_is_206_or_416_or_ignored() {
    let (server, paths) = server_with_hello().await;
    for path in paths {
        for (range, expected) in [
            ("bytes=0-4", Some(("bytes 0-4/12", "Hello"))),
            ("bytes=6-", Some(("bytes 6-11/12", "World!"))),
            ("bytes=-1", Some(("bytes 11-11/12", "!"))),
            ("bytes=0-", Some(("bytes 0-11/12", HELLO))),
            ("bytes=-100", Some(("bytes 0-11/12", HELLO))),
            ("bytes=6-100", Some(("bytes 6-11/12", "World!"))),
            ("bytes=12-", Some(("bytes */12", ""))),
            ("bytes=-0", Some(("bytes */12", ""))),
            ("bytes=99999999999999999999999-", Some(("bytes */12", ""))),
            ("bytes=0-0,-1", None),
            ("bytes=4-0", None),
            ("bytes=x-", None),
            ("items=0-1", None),
            ("bytes=0-4\r\nRange: bytes=6-", None),
            ("bytes=0-4\u{e9}", None),
            ("", None),
        ] {
            let answer = get(&server, &path, &format!("Range: {range}")).await;
            let content_range = expected.map(|(content_range, _)| content_range);
            assert_eq!(answer.header("content-range"), content_range, "{range}: {answer:?}");
            match expected {
                None => assert_eq!((answer.status, answer.body.as_str()), (200, HELLO), "{range}"),
                Some((_, "")) => assert_eq!(answer.problem(416), "The message has 12 bytes", "{range}"),
                Some((_, part)) => assert_eq!((answer.status, answer.body.as_str()), (206, part), "{range}"),
            }
            if answer.status == 206 {
                let whole = get(&server, &path, "").await;
                for header in [
                    "content-type",
                    "etag",
                    "cache-control",
                    "repr-digest",
                    "accept-ranges",
                    "x-content-type-options",
                ] {
                    assert_eq!(answer.header(header), whole.header(header), "{header}");
                }
                assert_eq!(answer.header("content-length"), Some(&*answer.body.len().to_string()));
            }
        }
    }
    let absent = format!("/messages/{FOO}/raw");
    get(&server, &absent, "Range: bytes=0-1").await.problem(404);
    // The server ignores `Range` for JSON responses.
    let json = get(&server, &format!("/messages/{HELLO_HASH}"), "Range: bytes=0-1").await;
    assert_eq!((json.status, json.header("accept-ranges")), (200, None));
}

#[tokio::test]
async fn range_may_split_a_character() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.add_raw_message(Some("€".to_owned())).await.unwrap();
    let hash = message_to_hash::message::MessageHash::of("€".as_bytes());
    let mut bytes = Vec::new();
    for range in ["bytes=0-0", "bytes=1-1", "bytes=2-2"] {
        let part =
            client.get_raw_message(hash.to_hex(), None, None, Some(range.to_owned()), None).await.unwrap();
        let GetRawMessageResponse::PartialContent { body, .. } = part else { panic!("{part:?}") };
        bytes.extend(body);
    }
    assert_eq!(bytes, "€".as_bytes());
}

#[tokio::test]
async fn range_responses_share_one_copy_of_the_message() {
    let server = Server::start_with(&["--store", "memory:", "--max-message-bytes", "8MiB"]);
    let text = "x".repeat(8 << 20);
    let hash = message_to_hash::message::MessageHash::of(text.as_bytes());
    assert_eq!(ask(server.api, POST, text).await.status, 201);
    let before = server.memory_kib("VmRSS");
    let mut clients = Vec::new();
    for number in 0..16 {
        let mut client = tokio::net::TcpStream::connect(server.api).await.unwrap();
        let head = format!("GET /messages/{hash}/raw HTTP/1.1\r\nHost: it\r\nX-Span-ID: slow-{number}");
        let request = format!("{head}\r\n{}\r\n", crate::support::authorization());
        tokio::io::AsyncWriteExt::write_all(&mut client, request.as_bytes()).await.unwrap();
        server.stdout.wait_for(&["out=8388608", &format!("span=slow-{number} ")]);
        clients.push(client);
    }
    let more = server.memory_kib("VmRSS").saturating_sub(before);
    assert!(more < 32 << 10, "16 clients have {more} KiB, where each copy would have 8192");
}

#[tokio::test]
async fn matching_if_none_match_with_range_is_304() {
    let (server, paths) = server_with_hello().await;
    let tag = format!("\"{HELLO_HASH}\"");
    for path in paths {
        for current in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let more = format!("If-None-Match: {current}\r\nRange: bytes=99-");
            let answer = get(&server, &path, &more).await;
            assert_eq!((answer.status, answer.body.as_str()), (304, ""), "{current}");
            assert_eq!(answer.header("etag"), Some(&*tag));
            assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
        }
        for (condition, status) in [
            (tag.as_str(), 206),
            (&format!("W/{tag}"), 200),
            ("\"x\"", 200),
            ("*", 200),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
            (&format!("{tag}, \"x\""), 200),
            (&format!("{tag}\r\nIf-Range: {tag}"), 200),
            ("\u{e9}", 200),
            ("", 200),
        ] {
            let answer = get(&server, &path, &format!("If-Range: {condition}\r\nRange: bytes=0-4")).await;
            assert_eq!(answer.status, status, "{condition}: {answer:?}");
            assert_eq!(answer.body, if status == 206 { "Hello" } else { HELLO });
        }
        // If the precondition fails, an unsatisfiable range does not matter.
        let stale = get(&server, &path, "If-Range: \"x\"\r\nRange: bytes=99-").await;
        assert_eq!(stale.status, 200);
        let other = get(&server, &path, "If-None-Match: \"x\"\r\nRange: bytes=0-4").await;
        assert_eq!(other.status, 206);
    }
}
