//! The requests that the client sends: path, token, user agent and span id.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use message_to_hash_client::{Client, Error, MessageHash};

use crate::test_server::{TestServer, found, problem, response};

#[tokio::test]
async fn attempts_send_fresh_tokens_and_the_same_span_id() {
    let token_count = Arc::new(AtomicUsize::new(0));
    let source = {
        let token_count = Arc::clone(&token_count);
        move || {
            let number = token_count.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Error>(format!("token-{number}")) }
        }
    };
    let server = TestServer::start(&[problem(503, "Retry-After: 0\r\n", "not now"), found("foo")]).await;
    let client = Client::builder(server.url()).token_source(source).user_agent("shop/1.2").build().unwrap();
    client.get(MessageHash::from_message("foo")).await.unwrap();
    let requests = server.requests(2).await;
    let span_ids: Vec<_> = requests.iter().map(|request| header(request, "x-span-id")).collect();
    assert_eq!(span_ids[0], span_ids[1]);
    for (number, request) in requests.iter().enumerate() {
        let path = format!("GET /messages/{} HTTP/1.1\r\n", MessageHash::from_message("foo"));
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
async fn delete_is_retried_and_accepts_only_204() {
    let gone = response("204 No Content", "", "");
    let server = TestServer::start(&[problem(503, "Retry-After: 0\r\n", "not now"), gone]).await;
    Client::new(server.url()).unwrap().delete(MessageHash::from_message("foo")).await.unwrap();
    let path = format!("DELETE /messages/{} HTTP/1.1\r\n", MessageHash::from_message("foo"));
    assert!(server.requests(2).await.iter().all(|request| request.starts_with(&path)));
    for wrong in [response("200 OK", "", ""), problem(404, "", "There is nothing at this path")] {
        let server = TestServer::start(&[wrong]).await;
        let error =
            Client::new(server.url()).unwrap().delete(MessageHash::from_message("foo")).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error}");
        server.assert_requests(1).await;
    }
}

#[tokio::test]
async fn missing_or_invalid_token_sends_no_request() {
    let server = TestServer::start(&[found("foo")]).await;
    let failing =
        Client::builder(server.url()).token_source(|| async { Err::<String, _>("the vault is shut") });
    let bad = ["a\nb", "a b", "t\u{f6}k", ""].map(|token| Client::builder(server.url()).token(token));
    for client in bad.into_iter().chain([failing]) {
        let error = client.build().unwrap().get(MessageHash::from_message("foo")).await.unwrap_err();
        assert!(matches!(error, Error::Token(_)), "{error}");
    }
    server.assert_requests(0).await;
}

#[tokio::test]
async fn base_url_path_is_prepended_to_requests() {
    let server = TestServer::start(&[found("foo")]).await;
    let client = Client::new(format!("{}/api/", server.url())).unwrap();
    client.get(MessageHash::from_message("foo")).await.unwrap();
    assert!(server.requests(1).await[0].starts_with("GET /api/messages/2c26"));
}

#[tokio::test]
async fn exists_does_not_transfer_the_message() {
    let server =
        TestServer::start(&[response("304 Not Modified", "ETag: x\r\nCache-Control: x\r\n", "")]).await;
    assert!(Client::new(server.url()).unwrap().exists(MessageHash::from_message("foo")).await.unwrap());
    assert_eq!(header(&server.requests(1).await[0], "if-none-match"), "*");
}
