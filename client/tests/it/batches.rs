//! Batches: each item gets its own verified result, and an invalid result affects no other item.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt as _, stream};
use message_to_hash_client::{Builder, Client, Error, MessageHash, PutResult};
use serde_json::{Value, json};

use crate::test_server::{CannedResponse, TestServer, acknowledged, found, problem, response};

const BATCH: &str = "POST /messages/batch HTTP/1.1\r\n";
const LOOKUP: &str = "POST /messages/lookup HTTP/1.1\r\n";

fn results(results: &[Value]) -> CannedResponse {
    response("200 OK", "", &json!({ "results": results }).to_string())
}

fn put_result(text: &str) -> Value {
    json!({ "digest": MessageHash::from_message(text).to_string(), "created": true })
}

fn problem_result(text: &str, status: u16) -> Value {
    json!({ "digest": MessageHash::from_message(text).to_string(), "problem": { "status": status, "detail": "no" } })
}

fn message_result(text: &str, message: &str) -> Value {
    json!({ "digest": MessageHash::from_message(text).to_string(), "message": message })
}

fn absent_result(digest: &str) -> Value {
    json!({ "digest": digest, "problem": { "status": 404, "detail": "Message not found" } })
}

/// Returns the messages or digests in the body of a request.
fn items_of(request: &str) -> Vec<String> {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let list = body.get("messages").or(body.get("digests")).unwrap();
    serde_json::from_value(list.clone()).unwrap()
}

fn builder(server: &TestServer) -> Builder {
    Client::builder(server.url()).max_attempts(3).concurrency(1)
}

async fn put(client: &Client, texts: &[&str]) -> Vec<Result<PutResult, Error>> {
    client.put_all(stream::iter(texts)).collect().await
}

async fn get(client: &Client, texts: &[&str]) -> Vec<Result<Option<String>, Error>> {
    client.get_all(stream::iter(texts).map(|text| MessageHash::from_message(text))).collect().await
}

fn new_result(text: &str) -> PutResult {
    PutResult { hash: MessageHash::from_message(text), new: true }
}

/// The calls run in spawned tasks, so the returned streams must be `Send`.
#[tokio::test]
async fn batch_returns_one_result_per_item() {
    let mut old = put_result("old");
    old["created"] = json!(false);
    let responses = results(&[
        put_result("a"),
        problem_result("large", 413),
        old,
        problem_result("bad", 451),
        problem_result("hurt", 500),
    ]);
    let server = TestServer::start(&[responses]).await;
    let client = builder(&server).build().unwrap();
    let texts = ["a", "large", "old", "bad", "hurt"];
    let outcomes = tokio::spawn(async move { put(&client, &texts).await }).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap(), &new_result("a"));
    assert!(matches!(&outcomes[1], Err(Error::MessageTooLarge(response)) if response.detail == "no"));
    assert_eq!(outcomes[2].as_ref().unwrap(), &PutResult { new: false, ..new_result("old") });
    assert!(matches!(&outcomes[3], Err(Error::Refused(response)) if response.status == 451));
    assert!(matches!(&outcomes[4], Err(Error::Refused(response)) if response.status == 500));
    let requests = server.requests(1).await;
    assert_eq!((requests.len(), items_of(&requests[0])), (1, texts.map(str::to_owned).to_vec()));
    assert!(requests[0].starts_with(BATCH));

    let server = TestServer::start(&[results(&[
        message_result("b", "b"),
        absent_result(&MessageHash::from_message("none").to_string()),
        problem_result("bad", 451),
        message_result("", ""),
    ])])
    .await;
    let client = builder(&server).build().unwrap();
    let texts = ["b", "none", "bad", ""];
    let outcomes = tokio::spawn(async move { get(&client, &texts).await }).await.unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap().as_deref(), Some("b"));
    assert_eq!(outcomes[1].as_ref().unwrap(), &None);
    assert!(matches!(&outcomes[2], Err(Error::Refused(response)) if response.status == 451));
    assert_eq!(outcomes[3].as_ref().unwrap().as_deref(), Some(""));
    let requests = server.requests(1).await;
    assert!(requests.len() == 1 && requests[0].starts_with(LOOKUP));
    assert_eq!(items_of(&requests[0]), texts.map(|text| MessageHash::from_message(text).to_string()));
}

#[tokio::test]
async fn batch_checks_each_digest_and_message() {
    let server = TestServer::start(&[results(&[
        put_result("a"),
        put_result("c"),
        put_result("b"),
        problem_result("x", 503),
    ])])
    .await;
    let outcomes = put(&builder(&server).build().unwrap(), &["a", "b", "c", "d"]).await;
    assert_eq!(outcomes[0].as_ref().unwrap(), &new_result("a"));
    for (text, actual, result) in
        [("b", "c", &outcomes[1]), ("c", "b", &outcomes[2]), ("d", "x", &outcomes[3])]
    {
        assert!(matches!(result, Err(Error::WrongDigest { message, given })
            if *message == MessageHash::from_message(text) && *given == MessageHash::from_message(actual)));
    }
    server.assert_requests(1).await;

    let invalid = [
        message_result("a", "a"),
        message_result("b", "c"),
        absent_result(&MessageHash::from_message("b").to_string()),
        absent_result("d"),
    ];
    let server = TestServer::start(&[results(&invalid)]).await;
    let outcomes = get(&builder(&server).build().unwrap(), &["a", "b", "c", "d"]).await;
    assert_eq!(outcomes[0].as_ref().unwrap().as_deref(), Some("a"));
    assert!(matches!(&outcomes[1], Err(Error::WrongMessage { asked, given })
        if *asked == MessageHash::from_message("b") && *given == MessageHash::from_message("c")));
    for absent in &outcomes[2..] {
        assert!(matches!(absent, Err(Error::NotUnderstood(_))), "a result for another digest: {absent:?}");
    }
    server.assert_requests(1).await;
}

#[tokio::test]
async fn batch_rejects_a_wrong_number_of_results() {
    for invalid in [vec![], vec![put_result("a")], vec![put_result("a"), put_result("b"), put_result("c")]] {
        let server = TestServer::start(&[results(&invalid)]).await;
        for result in put(&builder(&server).build().unwrap(), &["a", "b"]).await {
            assert!(matches!(result, Err(Error::NotUnderstood(_))), "{result:?}");
        }
        server.assert_requests(1).await;
    }
    for invalid in [
        vec![],
        vec![message_result("a", "a")],
        vec![message_result("a", "a"), message_result("b", "b"), message_result("c", "c")],
    ] {
        let server = TestServer::start(&[results(&invalid)]).await;
        for result in get(&builder(&server).build().unwrap(), &["a", "b"]).await {
            assert!(matches!(result, Err(Error::NotUnderstood(_))), "{result:?}");
        }
        server.assert_requests(1).await;
    }
}

#[tokio::test]
async fn batch_rejects_an_ambiguous_result() {
    let digest = MessageHash::from_message("a").to_string();
    let problem = json!({ "status": 503, "detail": "no" });
    for (invalid_put, invalid_get) in [
        (json!({ "digest": digest }), json!({ "digest": digest })),
        (
            json!({ "digest": digest, "created": true, "problem": problem }),
            json!({ "digest": digest, "message": "a", "problem": problem }),
        ),
    ] {
        let server = TestServer::start(&[
            results(&[put_result("b"), invalid_put]),
            results(&[message_result("b", "b"), invalid_get]),
        ])
        .await;
        let client = builder(&server).build().unwrap();
        let (put, got) = (put(&client, &["b", "a"]).await, get(&client, &["b", "a"]).await);
        assert!(put[0].is_ok() && matches!(put[1], Err(Error::NotUnderstood(_))));
        assert!(got[0].is_ok() && matches!(got[1], Err(Error::NotUnderstood(_))));
        server.assert_requests(2).await;
    }
}

#[tokio::test]
async fn batch_retries_only_temporary_failures() {
    let server = TestServer::start(&[
        results(&[
            put_result("a"),
            problem_result("b", 503),
            problem_result("large", 413),
            problem_result("c", 503),
        ]),
        CannedResponse::Close,
        results(&[put_result("b"), put_result("c")]),
    ])
    .await;
    let outcomes = put(&builder(&server).build().unwrap(), &["a", "b", "large", "c"]).await;
    for (number, text) in [(0, "a"), (1, "b"), (3, "c")] {
        assert_eq!(outcomes[number].as_ref().unwrap(), &new_result(text));
    }
    assert!(matches!(outcomes[2], Err(Error::MessageTooLarge(_))));
    let requests = server.requests(3).await;
    assert_eq!((requests.len(), items_of(&requests[2])), (3, vec!["b".to_owned(), "c".to_owned()]));

    let server = TestServer::start(&[
        problem(503, "Retry-After: 0\r\n", "not now"),
        results(&[message_result("a", "a"), problem_result("b", 503)]),
        results(&[message_result("b", "b")]),
    ])
    .await;
    let outcomes = get(&builder(&server).build().unwrap(), &["a", "b"]).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|result| result.unwrap().unwrap()).collect();
    assert_eq!(outcomes, ["a", "b"]);
    let requests = server.requests(3).await;
    assert_eq!(items_of(&requests[2]), [MessageHash::from_message("b").to_string()]);
}

#[tokio::test]
async fn batch_failure_affects_only_its_item() {
    let server = TestServer::start(&[
        results(&[put_result("a"), problem_result("b", 503)]),
        results(&[problem_result("b", 503)]),
    ])
    .await;
    let outcomes = put(&builder(&server).build().unwrap(), &["a", "b"]).await;
    assert_eq!(outcomes[0].as_ref().unwrap(), &new_result("a"));
    assert!(matches!(&outcomes[1], Err(Error::Unavailable(response)) if response.status == 503));
    server.assert_requests(3).await;

    let server = TestServer::start(&[CannedResponse::Close]).await;
    for result in put(&builder(&server).build().unwrap(), &["a", "b"]).await {
        assert!(matches!(result, Err(Error::Connection(_))), "{result:?}");
    }
    server.assert_requests(3).await;

    let flood = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".to_vec();
    let server = TestServer::start(&[CannedResponse::Stall(flood)]).await;
    for result in get(&builder(&server).build().unwrap(), &["a", "b"]).await {
        assert!(matches!(result, Err(Error::AnswerTooLarge { limit }) if limit < 8 << 20), "{result:?}");
    }
    server.assert_requests(1).await;

    let server = TestServer::start(&[problem(401, "", "who are you")]).await;
    for result in get(&builder(&server).build().unwrap(), &["a", "b"]).await {
        assert!(matches!(result, Err(Error::Unauthorized(_))), "{result:?}");
    }
    server.assert_requests(1).await;
}

#[tokio::test]
async fn batch_is_limited_by_count_and_bytes() {
    let texts: Vec<_> = (0..600).map(|number| number.to_string()).collect();
    let responses: Vec<_> = texts
        .chunks(250)
        .map(|texts| results(&texts.iter().map(|text| put_result(text)).collect::<Vec<_>>()))
        .collect();
    let server = TestServer::start(&responses).await;
    // The limit on messages does not apply to the response to a batch.
    let client = builder(&server).max_message_bytes(10).build().unwrap();
    let outcomes: Vec<_> = client.put_all(stream::iter(&texts)).map(Result::unwrap).collect().await;
    assert!(outcomes.iter().eq(&texts.iter().map(|text| new_result(text)).collect::<Vec<_>>()));
    let sent: Vec<_> = server.requests(3).await.iter().map(|request| items_of(request).len()).collect();
    assert_eq!(sent, [250, 250, 100]);

    let large: Vec<_> = ["a", "b", "c"].map(|letter| letter.repeat(14_000)).into();
    let alone = acknowledged(&MessageHash::from_message(&large[2]).to_string());
    let server = TestServer::start(&[results(&[put_result(&large[0]), put_result(&large[1])]), alone]).await;
    let client = builder(&server).build().unwrap();
    let outcomes: Vec<_> = client.put_all(stream::iter(&large)).map(Result::unwrap).collect().await;
    assert!(
        outcomes
            .iter()
            .map(|stored| stored.hash)
            .eq(large.iter().map(|text| MessageHash::from_message(text)))
    );
    let requests = server.requests(2).await;
    assert!(requests[0].starts_with(BATCH) && requests[1].starts_with("POST /messages HTTP/1.1\r\n"));
}

#[tokio::test]
async fn rejected_batch_is_sent_item_by_item() {
    let alone = ["a", "b"].map(|text| acknowledged(&MessageHash::from_message(text).to_string()));
    for (status, why) in [(413, "too large for a proxy"), (400, "rejected by a filter")] {
        let server = TestServer::start(&[&[problem(status, "", why)][..], &alone].concat()).await;
        let outcomes = put(&builder(&server).build().unwrap(), &["a", "b"]).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        server.assert_requests(3).await;
    }

    // A caller that drops the stream at the first error sends no further request.
    let server = TestServer::start(&[problem(413, "", "too much"), problem(400, "", "no")]).await;
    let client = builder(&server).build().unwrap();
    let first = client.put_all(stream::iter(["a", "b", "c"])).next().await;
    assert!(matches!(first, Some(Err(Error::Refused(_)))), "{first:?}");
    server.assert_requests(2).await;

    let server = TestServer::start(&[
        results(&[problem_result("a", 413), message_result("b", "b"), problem_result("c", 413)]),
        found("a"),
        found("x"),
    ])
    .await;
    let outcomes = get(&builder(&server).build().unwrap(), &["a", "b", "c"]).await;
    assert_eq!(outcomes[0].as_ref().unwrap().as_deref(), Some("a"));
    assert_eq!(outcomes[1].as_ref().unwrap().as_deref(), Some("b"));
    assert!(matches!(outcomes[2], Err(Error::WrongMessage { .. })));
    server.assert_requests(3).await;
}

#[tokio::test]
async fn concurrency_limits_requests_in_flight() {
    let text = "x".repeat(600_000);
    let server = TestServer::start(&[acknowledged(&MessageHash::from_message(&text).to_string())]).await;
    let client = Client::builder(server.url()).concurrency(4).build().unwrap();
    let (begun, ended, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let texts = stream::iter(0..20).map(|_| {
        let under_way = begun.fetch_add(1, Ordering::SeqCst) + 1 - ended.load(Ordering::SeqCst);
        most.fetch_max(under_way, Ordering::SeqCst);
        &text
    });
    let stored = client.put_all(texts).inspect(|_| {
        ended.fetch_add(1, Ordering::SeqCst);
    });
    assert_eq!(stored.map(Result::unwrap).count().await, 20);
    assert_eq!(most.into_inner(), 4 + 1, "four in flight, and one read ahead");
    server.assert_requests(20).await;
}
