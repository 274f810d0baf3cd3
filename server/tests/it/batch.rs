//! Batches and lookups: each item has its own result, independent of the other items.

use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext, GetMessageByHashResponse};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::support::batch::{add, created, look_up, texts};
use crate::support::issuer::{SigningKey, claims, jwks, trust_options};
use crate::support::messages::digest;
use crate::support::{Server, ask};

const BATCH: &str = "POST /messages/batch HTTP/1.1\r\nContent-Type: application/json";
const LOOKUP: &str = "POST /messages/lookup HTTP/1.1\r\nContent-Type: application/json";
const TOO_MANY: &str = "A request may list at most 1000 items";
const NO_ROOM: &str = "The answer has no room for this message; look it up again, or get it by itself";
const MAX_BYTES: usize = 6 << 20;

#[tokio::test]
async fn batch_and_lookup_answer_in_request_order() {
    let server = Server::start(&["--cache-bytes", "0"]);
    let client = server.client();
    let _ = client.add_message(Message::new("known".to_owned())).await.unwrap();
    let planes: String = (0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x41)).collect();
    let texts = ["one", "known", "", &planes, "a\0b\"\\\n"].map(str::to_owned);
    assert_eq!(created(&add(&client, &texts).await), [true, false, true, true, true].map(Some));
    assert_eq!(created(&add(&client, &texts).await), [Some(false); 5]);

    let found = client.get_message_by_hash(digest("one"), None, None).await.unwrap();
    assert!(matches!(found, GetMessageByHashResponse::Found { .. }), "{found:?}");
    let mut digests: Vec<_> = texts.iter().rev().map(|text| digest(text)).collect();
    digests.insert(1, digest("missing"));
    digests.insert(3, "no digest".to_owned());
    digests.push(digest("one").to_uppercase());
    let mut expected: Vec<_> = texts.iter().rev().map(|text| Ok(text.clone())).collect();
    let missing = || Err((404, "Message not found".to_owned()));
    expected.insert(1, missing());
    expected.insert(3, missing());
    expected.push(Ok("one".to_owned()));
    let results = look_up(&client, &digests).await.into_iter().map(|result| {
        result.message.ok_or_else(|| result.problem.map(|problem| (problem.status, problem.detail)).unwrap())
    });
    assert_eq!(results.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn batch_json_has_only_the_members_that_apply() {
    let server = Server::start(&[]);
    let stored = ask(server.api, BATCH, r#"{"messages":["foo"],"unknown":[{}]}"#).await;
    let foo = digest("foo");
    assert_eq!(stored.body, format!(r#"{{"results":[{{"digest":"{foo}","created":true}}]}}"#));
    assert_eq!((stored.status, stored.header("content-type")), (200, Some("application/json")));
    let found = ask(server.api, LOOKUP, format!(r#"{{"digests":["{foo}","x"]}}"#)).await;
    let missing = r#"{"digest":"x","problem":{"status":404,"detail":"Message not found"}}"#;
    let expected = format!(r#"{{"results":[{{"digest":"{foo}","message":"foo"}},{missing}]}}"#);
    assert_eq!((found.status, found.body), (200, expected));
    for (request, body) in [(BATCH, r#"{"messages":[]}"#), (LOOKUP, r#"{"digests":[]}"#)] {
        assert_eq!(ask(server.api, request, body).await.body, r#"{"results":[]}"#);
    }
}

#[tokio::test]
async fn equal_messages_in_a_batch_create_one() {
    let server = Server::start(&[]);
    let client = server.client();
    let texts = ["a", "b", "a", "a", "b"].map(str::to_owned);
    assert_eq!(created(&add(&client, &texts).await), [true, true, false, false, false].map(Some));
    let foo = vec![digest("a"); 3];
    let found = look_up(&client, &foo).await;
    assert!(found.iter().all(|result| result.message.as_deref() == Some("a")), "{found:?}");

    let texts = self::texts(1000);
    let (first, second) = tokio::join!(add(&client, &texts), add(&client, &texts));
    for (first, second) in first.iter().zip(&second) {
        assert_ne!(
            first.created.unwrap(),
            second.created.unwrap(),
            "the message is new for one of two clients"
        );
    }
}

#[tokio::test]
async fn batch_of_more_than_1000_items_is_400() {
    let server = Server::start(&["--cache-bytes", "0"]);
    let client = server.client();
    let texts = texts(1000);
    assert_eq!(created(&add(&client, &texts).await), [Some(true); 1000]);
    let digests: Vec<_> = texts.iter().map(|text| digest(text)).collect();
    let found: Vec<_> = look_up(&client, &digests).await.into_iter().map(|one| one.message).collect();
    assert_eq!(found, texts.into_iter().map(Some).collect::<Vec<_>>());

    for number in [1001, 50_000] {
        let texts: Vec<_> = (0..number).map(|number| format!("{number}")).collect();
        let answer = ask(server.api, BATCH, json!({ "messages": texts }).to_string()).await;
        assert_eq!(answer.problem(400), TOO_MANY);
        let answer = ask(server.api, LOOKUP, json!({ "digests": vec![""; number] }).to_string()).await;
        assert_eq!(answer.problem(400), TOO_MANY);
    }
    assert!(
        look_up(&client, &[digest("0")]).await[0].message.is_none(),
        "no message of the request is stored"
    );
}

#[tokio::test]
async fn oversized_item_does_not_fail_the_batch() {
    let server = Server::start(&["--max-message-bytes", "5"]);
    let client = server.client();
    let results = add(&client, &["good", "\u{e9}\u{e9}\u{e9}", "too large", "fits"].map(str::to_owned)).await;
    assert_eq!(created(&results), [Some(true), None, None, Some(true)]);
    for refused in &results[1..3] {
        let problem = refused.problem.as_ref().unwrap();
        assert_eq!((problem.status, problem.detail.as_str()), (413, "A message may have at most 5 bytes"));
    }
    let digests: Vec<_> = results.into_iter().map(|result| result.digest).collect();
    let found: Vec<_> = look_up(&client, &digests).await.into_iter().map(|result| result.message).collect();
    assert_eq!(found, [Some("good".to_owned()), None, None, Some("fits".to_owned())]);
}

#[tokio::test]
async fn malformed_batch_stores_nothing() {
    let server = Server::start(&["--max-message-bytes", "5"]);
    for body in [
        "",
        "{}",
        r#"["a"]"#,
        r#"{"messages":"a"}"#,
        r#"{"messages":{"0":"a"}}"#,
        r#"{"messages":["a",1]}"#,
        r#"{"messages":["a",null]}"#,
        r#"{"messages":["a",["b"]]}"#,
        r#"{"messages":["a","\ud800"]}"#,
        r#"{"messages":["a"]} "#.trim_end_matches(' ').repeat(2).as_str(),
        r#"{"messages":["a""#,
    ] {
        ask(server.api, BATCH, body).await.problem(400);
        ask(server.api, LOOKUP, body.replace("messages", "digests")).await.problem(400);
    }
    let found = look_up(&server.client(), &[digest("a")]).await;
    assert_eq!(found[0].problem.as_ref().unwrap().status, 404, "no message of the request is stored");

    for (request, max) in [(BATCH, MAX_BYTES), (LOOKUP, 256 << 10)] {
        let too_large = ask(server.api, request, " ".repeat(max + 1)).await.problem(413);
        assert_eq!(too_large, format!("The body of this request may have at most {max} bytes"));
        ask(server.api, request, " ".repeat(max)).await.problem(400);
        let text = request.replace("application/json", "text/plain");
        assert_eq!(ask(server.api, &text, "{}").await.problem(415), "Send Content-Type: application/json");
    }
    let single = ask(server.api, &BATCH.replace("/batch", ""), " ".repeat(5000)).await.problem(413);
    assert_eq!(single, "A message may have at most 5 bytes");
    for path in ["/messages/batch", "/messages/lookup"] {
        for method in ["GET", "PUT"] {
            let answer = ask(server.api, &format!("{method} {path} HTTP/1.1"), "").await;
            answer.problem(405);
            assert_eq!(answer.header("allow"), Some("POST"), "`batch` is not taken for a digest");
        }
    }
}

#[tokio::test]
async fn lookup_answer_is_bounded_and_marks_omitted_items() {
    let server = Server::start(&["--max-message-bytes", "8MiB", "--cache-bytes", "0"]);
    let client = server.client();
    let mut digests = Vec::new();
    for (character, length) in [("z", MAX_BYTES + 1), ("y", MAX_BYTES)].into_iter().chain(
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].into_iter().map(|character| (character, 1 << 20)),
    ) {
        let text = character.repeat(length);
        digests.push(digest(&text));
        let stored = client.add_message(Message::new(text)).await.unwrap();
        assert!(matches!(stored, AddMessageResponse::Created { .. }));
    }
    let (never, mut wanted) = (digests.remove(0), digests);
    for round in 0.. {
        assert!(round < 11, "every response has at least one message: {wanted:?}");
        let results = look_up(&client, &[std::slice::from_ref(&never), &wanted[..]].concat()).await;
        let sent: Vec<_> = results.iter().filter_map(|result| result.message.as_ref()).collect();
        assert!(sent.iter().map(|text| text.len()).sum::<usize>() <= MAX_BYTES);
        for problem in results.iter().filter_map(|result| result.problem.as_ref()) {
            assert_eq!((problem.status, problem.detail.as_str()), (413, NO_ROOM));
        }
        assert!(results[0].message.is_none());
        wanted =
            results[1..].iter().filter(|one| one.message.is_none()).map(|one| one.digest.clone()).collect();
        if wanted.is_empty() {
            return;
        }
    }
}

#[tokio::test]
async fn batch_requires_write_scope_and_lookup_read_scope() {
    let key = SigningKey::ec("key");
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwks(&[&key])).unwrap();
    let server = Server::start(&trust_options("--identity-jwks-file", file.path().to_str().unwrap()));
    for (request, body, scope, other) in [
        (BATCH, r#"{"messages":["a"]}"#, "messages:write", "messages:read"),
        (LOOKUP, r#"{"digests":["a"]}"#, "messages:read", "messages:write"),
    ] {
        assert_eq!(ask(server.api, request, body).await.problem(401), "A bearer token is required");
        let as_one_with = |scope: &str| {
            let mut claims = claims();
            claims["scope"] = scope.into();
            format!("{request}\r\nAuthorization: Bearer {}", key.token(&claims))
        };
        let refused = ask(server.api, &as_one_with(other), body).await;
        assert_eq!(refused.problem(403), format!("The bearer token lacks the scope {scope}"));
        assert_eq!(ask(server.api, &as_one_with(scope), body).await.status, 200);
    }
}
