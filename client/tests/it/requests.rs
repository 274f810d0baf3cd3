//! What is sent: the token, the name of the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use message_to_hash_client::{Client, Error, MessageHash};

use crate::liar::{Liar, answer, found, problem};

#[tokio::test]
async fn each_attempt_has_a_token_and_the_name_and_one_id() {
    let asked = Arc::new(AtomicUsize::new(0));
    let source = {
        let asked = Arc::clone(&asked);
        move || {
            let number = asked.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Error>(format!("token-{number}")) }
        }
    };
    let liar = Liar::start(&[problem(503, "Retry-After: 0\r\n", "not now"), found("foo")]).await;
    let client = Client::builder(liar.url()).token_source(source).user_agent("shop/1.2").build().unwrap();
    client.get(MessageHash::of("foo")).await.unwrap();
    let requests = liar.requests(2).await;
    let span_ids: Vec<_> = requests.iter().map(|request| header(request, "x-span-id")).collect();
    assert_eq!(span_ids[0], span_ids[1]);
    for (number, request) in requests.iter().enumerate() {
        let path = format!("GET /messages/{} HTTP/1.1\r\n", MessageHash::of("foo"));
        assert!(request.starts_with(&path), "{request}");
        assert_eq!(header(request, "authorization"), format!("Bearer token-{number}"));
        assert_eq!(header(request, "user-agent"), "shop/1.2");
    }
}

fn header(request: &str, name: &str) -> String {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(given, _)| given.eq_ignore_ascii_case(name)).unwrap().1.to_owned()
}

#[tokio::test]
async fn delete_is_repeated_like_any_other_and_believes_only_204() {
    let gone = answer("204 No Content", "", "");
    let liar = Liar::start(&[problem(503, "Retry-After: 0\r\n", "not now"), gone]).await;
    Client::new(liar.url()).unwrap().delete(MessageHash::of("foo")).await.unwrap();
    let path = format!("DELETE /messages/{} HTTP/1.1\r\n", MessageHash::of("foo"));
    assert!(liar.requests(2).await.iter().all(|request| request.starts_with(&path)));
    for wrong in [answer("200 OK", "", ""), problem(404, "", "There is nothing at this path")] {
        let liar = Liar::start(&[wrong]).await;
        let error = Client::new(liar.url()).unwrap().delete(MessageHash::of("foo")).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error}");
        liar.assert_requests(1).await;
    }
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let liar = Liar::start(&[found("foo")]).await;
    let failing =
        Client::builder(liar.url()).token_source(|| async { Err::<String, _>("the vault is shut") });
    let bad = ["a\nb", "a b", "t\u{f6}k", ""].map(|token| Client::builder(liar.url()).token(token));
    for client in bad.into_iter().chain([failing]) {
        let error = client.build().unwrap().get(MessageHash::of("foo")).await.unwrap_err();
        assert!(matches!(error, Error::Token(_)), "{error}");
    }
    liar.assert_requests(0).await;
}

#[tokio::test]
async fn a_path_of_the_base_url_is_kept() {
    let liar = Liar::start(&[found("foo")]).await;
    let client = Client::new(format!("{}/api/", liar.url())).unwrap();
    client.get(MessageHash::of("foo")).await.unwrap();
    assert!(liar.requests(1).await[0].starts_with("GET /api/messages/2c26"));
}

#[tokio::test]
async fn exists_asks_for_no_message() {
    let liar = Liar::start(&[answer("304 Not Modified", "ETag: x\r\nCache-Control: x\r\n", "")]).await;
    assert!(Client::new(liar.url()).unwrap().exists(MessageHash::of("foo")).await.unwrap());
    assert_eq!(header(&liar.requests(1).await[0], "if-none-match"), "*");
}
