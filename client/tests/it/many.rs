//! Many messages by one request: each has its own result, and a lie about one is none about another.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt as _, stream};
use message_to_hash_client::{Builder, Client, Error, MessageHash, Stored};
use serde_json::{Value, json};

use crate::liar::{Answer, Liar, acknowledged, answer, found, problem};

const BATCH: &str = "POST /messages/batch HTTP/1.1\r\n";
const LOOKUP: &str = "POST /messages/lookup HTTP/1.1\r\n";

fn results(results: &[Value]) -> Answer {
    answer("200 OK", "", &json!({ "results": results }).to_string())
}

fn stored(text: &str) -> Value {
    json!({ "digest": MessageHash::of(text).to_string(), "created": true })
}

fn failed(text: &str, status: u16) -> Value {
    json!({ "digest": MessageHash::of(text).to_string(), "problem": { "status": status, "detail": "no" } })
}

fn has(text: &str, message: &str) -> Value {
    json!({ "digest": MessageHash::of(text).to_string(), "message": message })
}

fn absent(digest: &str) -> Value {
    json!({ "digest": digest, "problem": { "status": 404, "detail": "Message not found" } })
}

/// The texts or digests that a request asks for.
fn asked(request: &str) -> Vec<String> {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let list = body.get("messages").or(body.get("digests")).unwrap();
    serde_json::from_value(list.clone()).unwrap()
}

fn patient(liar: &Liar) -> Builder {
    Client::builder(liar.url()).attempts(3).concurrency(1)
}

async fn put(client: &Client, texts: &[&str]) -> Vec<Result<Stored, Error>> {
    client.put_all(stream::iter(texts)).collect().await
}

async fn get(client: &Client, texts: &[&str]) -> Vec<Result<Option<String>, Error>> {
    client.get_all(stream::iter(texts).map(|text| MessageHash::of(text))).collect().await
}

fn new(text: &str) -> Stored {
    Stored { hash: MessageHash::of(text), new: true }
}

/// The calls can be made from tasks of their own.
#[tokio::test]
async fn what_is_ready_goes_by_one_request_and_each_has_its_own_result() {
    let mut old = stored("old");
    old["created"] = json!(false);
    let answers = results(&[stored("a"), failed("large", 413), old, failed("bad", 451), failed("hurt", 500)]);
    let liar = Liar::start(&[answers]).await;
    let client = patient(&liar).build().unwrap();
    let texts = ["a", "large", "old", "bad", "hurt"];
    let given = tokio::spawn(async move { put(&client, &texts).await }).await.unwrap();
    assert_eq!(given[0].as_ref().unwrap(), &new("a"));
    assert!(matches!(&given[1], Err(Error::MessageTooLarge(answer)) if answer.detail == "no"));
    assert_eq!(given[2].as_ref().unwrap(), &Stored { new: false, ..new("old") });
    assert!(matches!(&given[3], Err(Error::Refused(answer)) if answer.status == 451));
    assert!(matches!(&given[4], Err(Error::Refused(answer)) if answer.status == 500));
    let requests = liar.requests(1).await;
    assert_eq!((requests.len(), asked(&requests[0])), (1, texts.map(str::to_owned).to_vec()));
    assert!(requests[0].starts_with(BATCH));

    let liar = Liar::start(&[results(&[
        has("b", "b"),
        absent(&MessageHash::of("none").to_string()),
        failed("bad", 451),
        has("", ""),
    ])])
    .await;
    let client = patient(&liar).build().unwrap();
    let texts = ["b", "none", "bad", ""];
    let given = tokio::spawn(async move { get(&client, &texts).await }).await.unwrap();
    assert_eq!(given[0].as_ref().unwrap().as_deref(), Some("b"));
    assert_eq!(given[1].as_ref().unwrap(), &None);
    assert!(matches!(&given[2], Err(Error::Refused(answer)) if answer.status == 451));
    assert_eq!(given[3].as_ref().unwrap().as_deref(), Some(""));
    let requests = liar.requests(1).await;
    assert!(requests.len() == 1 && requests[0].starts_with(LOOKUP));
    assert_eq!(asked(&requests[0]), texts.map(|text| MessageHash::of(text).to_string()));
}

#[tokio::test]
async fn a_wrong_digest_or_message_is_an_error_of_its_own() {
    let liar = Liar::start(&[results(&[stored("a"), stored("c"), stored("b"), failed("x", 503)])]).await;
    let given = put(&patient(&liar).build().unwrap(), &["a", "b", "c", "d"]).await;
    assert_eq!(given[0].as_ref().unwrap(), &new("a"));
    for (text, lie, result) in [("b", "c", &given[1]), ("c", "b", &given[2]), ("d", "x", &given[3])] {
        assert!(matches!(result, Err(Error::WrongDigest { message, given })
            if *message == MessageHash::of(text) && *given == MessageHash::of(lie)));
    }
    liar.assert_requests(1).await;

    let lies = [has("a", "a"), has("b", "c"), absent(&MessageHash::of("b").to_string()), absent("d")];
    let liar = Liar::start(&[results(&lies)]).await;
    let given = get(&patient(&liar).build().unwrap(), &["a", "b", "c", "d"]).await;
    assert_eq!(given[0].as_ref().unwrap().as_deref(), Some("a"));
    assert!(matches!(&given[1], Err(Error::WrongMessage { asked, given })
        if *asked == MessageHash::of("b") && *given == MessageHash::of("c")));
    for absent in &given[2..] {
        assert!(matches!(absent, Err(Error::NotUnderstood(_))), "that another one is not there: {absent:?}");
    }
    liar.assert_requests(1).await;
}

#[tokio::test]
async fn a_list_that_is_too_short_or_too_long_is_believed_in_nothing() {
    for lies in [vec![], vec![stored("a")], vec![stored("a"), stored("b"), stored("c")]] {
        let liar = Liar::start(&[results(&lies)]).await;
        for result in put(&patient(&liar).build().unwrap(), &["a", "b"]).await {
            assert!(matches!(result, Err(Error::NotUnderstood(_))), "{result:?}");
        }
        liar.assert_requests(1).await;
    }
    for lies in [vec![], vec![has("a", "a")], vec![has("a", "a"), has("b", "b"), has("c", "c")]] {
        let liar = Liar::start(&[results(&lies)]).await;
        for result in get(&patient(&liar).build().unwrap(), &["a", "b"]).await {
            assert!(matches!(result, Err(Error::NotUnderstood(_))), "{result:?}");
        }
        liar.assert_requests(1).await;
    }
}

#[tokio::test]
async fn a_result_that_says_nothing_or_both_is_not_understood() {
    let digest = MessageHash::of("a").to_string();
    let problem = json!({ "status": 503, "detail": "no" });
    for (put_lie, get_lie) in [
        (json!({ "digest": digest }), json!({ "digest": digest })),
        (
            json!({ "digest": digest, "created": true, "problem": problem }),
            json!({ "digest": digest, "message": "a", "problem": problem }),
        ),
    ] {
        let liar = Liar::start(&[results(&[stored("b"), put_lie]), results(&[has("b", "b"), get_lie])]).await;
        let client = patient(&liar).build().unwrap();
        let (put, got) = (put(&client, &["b", "a"]).await, get(&client, &["b", "a"]).await);
        assert!(put[0].is_ok() && matches!(put[1], Err(Error::NotUnderstood(_))));
        assert!(got[0].is_ok() && matches!(got[1], Err(Error::NotUnderstood(_))));
        liar.assert_requests(2).await;
    }
}

#[tokio::test]
async fn what_failed_for_a_while_is_sent_again_and_nothing_else() {
    let liar = Liar::start(&[
        results(&[stored("a"), failed("b", 503), failed("large", 413), failed("c", 503)]),
        Answer::Close,
        results(&[stored("b"), stored("c")]),
    ])
    .await;
    let given = put(&patient(&liar).build().unwrap(), &["a", "b", "large", "c"]).await;
    for (number, text) in [(0, "a"), (1, "b"), (3, "c")] {
        assert_eq!(given[number].as_ref().unwrap(), &new(text));
    }
    assert!(matches!(given[2], Err(Error::MessageTooLarge(_))));
    let requests = liar.requests(3).await;
    assert_eq!((requests.len(), asked(&requests[2])), (3, vec!["b".to_owned(), "c".to_owned()]));

    let liar = Liar::start(&[
        problem(503, "Retry-After: 0\r\n", "not now"),
        results(&[has("a", "a"), failed("b", 503)]),
        results(&[has("b", "b")]),
    ])
    .await;
    let given = get(&patient(&liar).build().unwrap(), &["a", "b"]).await;
    let given: Vec<_> = given.into_iter().map(|result| result.unwrap().unwrap()).collect();
    assert_eq!(given, ["a", "b"]);
    let requests = liar.requests(3).await;
    assert_eq!(asked(&requests[2]), [MessageHash::of("b").to_string()]);
}

#[tokio::test]
async fn what_fails_to_the_end_fails_alone() {
    let liar = Liar::start(&[results(&[stored("a"), failed("b", 503)]), results(&[failed("b", 503)])]).await;
    let given = put(&patient(&liar).build().unwrap(), &["a", "b"]).await;
    assert_eq!(given[0].as_ref().unwrap(), &new("a"));
    assert!(matches!(&given[1], Err(Error::Unavailable(answer)) if answer.status == 503));
    liar.assert_requests(3).await;

    let liar = Liar::start(&[Answer::Close]).await;
    for result in put(&patient(&liar).build().unwrap(), &["a", "b"]).await {
        assert!(matches!(result, Err(Error::Connection(_))), "{result:?}");
    }
    liar.assert_requests(3).await;

    let flood = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".to_vec();
    let liar = Liar::start(&[Answer::Stall(flood)]).await;
    for result in get(&patient(&liar).build().unwrap(), &["a", "b"]).await {
        assert!(matches!(result, Err(Error::AnswerTooLarge { limit }) if limit < 8 << 20), "{result:?}");
    }
    liar.assert_requests(1).await;

    let liar = Liar::start(&[problem(401, "", "who are you")]).await;
    for result in get(&patient(&liar).build().unwrap(), &["a", "b"]).await {
        assert!(matches!(result, Err(Error::Unauthorized(_))), "{result:?}");
    }
    liar.assert_requests(1).await;
}

#[tokio::test]
async fn a_request_is_bounded_by_number_and_by_bytes() {
    let texts: Vec<_> = (0..600).map(|number| number.to_string()).collect();
    let answers: Vec<_> = texts
        .chunks(250)
        .map(|texts| results(&texts.iter().map(|text| stored(text)).collect::<Vec<_>>()))
        .collect();
    let liar = Liar::start(&answers).await;
    // However small the messages are that it reads, the list of many digests it does.
    let client = patient(&liar).max_message_bytes(10).build().unwrap();
    let given: Vec<_> = client.put_all(stream::iter(&texts)).map(Result::unwrap).collect().await;
    assert!(given.iter().eq(&texts.iter().map(|text| new(text)).collect::<Vec<_>>()));
    let sent: Vec<_> = liar.requests(3).await.iter().map(|request| asked(request).len()).collect();
    assert_eq!(sent, [250, 250, 100]);

    let large: Vec<_> = ["a", "b", "c"].map(|letter| letter.repeat(14_000)).into();
    let alone = acknowledged(&MessageHash::of(&large[2]).to_string());
    let liar = Liar::start(&[results(&[stored(&large[0]), stored(&large[1])]), alone]).await;
    let client = patient(&liar).build().unwrap();
    let given: Vec<_> = client.put_all(stream::iter(&large)).map(Result::unwrap).collect().await;
    assert!(given.iter().map(|stored| stored.hash).eq(large.iter().map(|text| MessageHash::of(text))));
    let requests = liar.requests(2).await;
    assert!(requests[0].starts_with(BATCH) && requests[1].starts_with("POST /messages HTTP/1.1\r\n"));
}

#[tokio::test]
async fn what_is_too_much_at_once_is_asked_for_alone() {
    let alone = ["a", "b"].map(|text| acknowledged(&MessageHash::of(text).to_string()));
    for (status, why) in [(413, "too much for a proxy"), (400, "one of them is not to somebody's liking")] {
        let liar = Liar::start(&[&[problem(status, "", why)][..], &alone].concat()).await;
        let given = put(&patient(&liar).build().unwrap(), &["a", "b"]).await;
        assert!(given.iter().all(Result::is_ok), "{given:?}");
        liar.assert_requests(3).await;
    }

    // Whoever stops at the first failure has asked for no other.
    let liar = Liar::start(&[problem(413, "", "too much"), problem(400, "", "no")]).await;
    let client = patient(&liar).build().unwrap();
    let first = client.put_all(stream::iter(["a", "b", "c"])).next().await;
    assert!(matches!(first, Some(Err(Error::Refused(_)))), "{first:?}");
    liar.assert_requests(2).await;

    let liar =
        Liar::start(&[results(&[failed("a", 413), has("b", "b"), failed("c", 413)]), found("a"), found("x")])
            .await;
    let given = get(&patient(&liar).build().unwrap(), &["a", "b", "c"]).await;
    assert_eq!(given[0].as_ref().unwrap().as_deref(), Some("a"));
    assert_eq!(given[1].as_ref().unwrap().as_deref(), Some("b"));
    assert!(matches!(given[2], Err(Error::WrongMessage { .. })));
    liar.assert_requests(3).await;
}

#[tokio::test]
async fn no_more_requests_are_under_way_than_was_said() {
    let text = "x".repeat(600_000);
    let liar = Liar::start(&[acknowledged(&MessageHash::of(&text).to_string())]).await;
    let client = Client::builder(liar.url()).concurrency(4).build().unwrap();
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
    assert_eq!(most.into_inner(), 4 + 1, "and one of which it is known that it does not go with the fourth");
    liar.assert_requests(20).await;
}
