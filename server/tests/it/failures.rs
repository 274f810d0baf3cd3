//! Responses and log lines when the store, or an operation, fails.

use std::sync::Arc;

use async_trait::async_trait;
use message_to_hash::message::{Message, MessageHash};
use message_to_hash::store::{MessageStore, Put, Scan, StoreError, Stored};

use crate::support::in_process::{InProcess, logged, serve};
use crate::support::{FOO, TextResponse, ask};

/// A store in which every call fails in the same way.
#[derive(Clone)]
enum Failing {
    With(StoreError),
    Panicking,
    Hanging,
}

impl Failing {
    async fn fail<T>(&self) -> Result<T, StoreError> {
        match self {
            Self::With(error) => Err(error.clone()),
            Self::Panicking => panic!("the secret of the store"),
            Self::Hanging => std::future::pending().await,
        }
    }
}

#[async_trait]
impl MessageStore for Failing {
    async fn put(&self, _: MessageHash, _: Message) -> Result<Put, StoreError> {
        self.fail().await
    }

    async fn delete(&self, _: MessageHash) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn get(&self, _: MessageHash) -> Result<Option<Stored>, StoreError> {
        self.fail().await
    }

    fn scan(&self) -> Scan<'_> {
        Box::pin(futures::stream::pending())
    }

    async fn estimated_count(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.fail().await
    }

    async fn close(&self) {}
}

async fn post(server: &InProcess, span: &str) -> TextResponse {
    ask(server.api, &format!("POST /messages HTTP/1.1\r\nX-Span-ID: {span}"), r#"{"message":"secret"}"#).await
}

async fn get(server: &InProcess, span: &str) -> TextResponse {
    ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1\r\nX-Span-ID: {span}"), "").await
}

/// Returns one request for each operation.
const HEADS: [(&str, &str); 5] = [
    ("post", "POST /messages"),
    ("get", "GET /messages/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"),
    ("post-raw", "POST /messages/raw"),
    ("get-raw", "GET /messages/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae/raw"),
    ("get-ni", "GET /.well-known/ni/sha-256/LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"),
];

#[tokio::test]
async fn each_store_error_has_its_status_and_log_line() {
    let away = "The store is not available; repeat the request later";
    let full = "The store is full; repeat the request later";
    let damaged = "The stored copy of this message is damaged";
    let table = [
        (StoreError::Unavailable("connection refused".into()), 503, away),
        (StoreError::Full("no room".into()), 503, full),
        (StoreError::Corrupt("wrong bytes".into()), 500, damaged),
    ];
    for (number, (error, status, detail)) in table.into_iter().enumerate() {
        let server = serve(Arc::new(Failing::With(error.clone())), &[]).await;
        for (name, request) in HEADS {
            let span = format!("failure-{number}-{name}");
            let body = if request.starts_with("POST") { r#"{"message":"secret"}"# } else { "" };
            let answer = ask(server.api, &format!("{request} HTTP/1.1\r\nX-Span-ID: {span}"), body).await;
            assert_eq!(answer.problem(status), detail);
            assert_eq!(answer.header("retry-after").is_some(), status == 503, "{answer:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("x-span-id"), Some(span.as_str()));
            let cause: Vec<_> = logged(&span).into_iter().filter(|line| line.starts_with("ERROR")).collect();
            assert_eq!(cause.len(), 1, "{cause:?}");
            assert!(cause[0].ends_with(&error.to_string()), "{cause:?}");
        }
        let ready = ask(server.admin, "GET /ready HTTP/1.1", "").await;
        assert_eq!((ready.status, ready.json()["ready"].as_bool()), (503, Some(false)));
        assert_eq!(ready.json()["checks"]["store"], error.to_string());
        assert_eq!(ask(server.admin, "GET /live HTTP/1.1", "").await.status, 200);
    }
}

#[tokio::test]
async fn panic_is_a_500_and_a_log_line() {
    let server = serve(Arc::new(Failing::Panicking), &[]).await;
    assert_eq!(post(&server, "panic-post").await.problem(500), "The server failed to answer this request");
    get(&server, "panic-get").await.problem(500);
    assert!(logged("[panic-post]").iter().any(|line| line.contains("panic in AddMessage")));
    assert!(logged("[panic-get]").iter().any(|line| line.contains("panic in GetMessageByHash")));
    assert!(logged("panic-post").iter().all(|line| !line.contains("secret")));
    assert_eq!(ask(server.admin, "GET /live HTTP/1.1", "").await.status, 200);
}

#[tokio::test]
async fn hung_store_is_503_within_the_deadline() {
    let server = serve(Arc::new(Failing::Hanging), &["--store-timeout", "50ms"]).await;
    post(&server, "hang-post").await.problem(503);
    get(&server, "hang-get").await.problem(503);
    assert!(logged("[hang-get]").iter().any(|line| line.contains("no answer in time")));
    let ready = ask(server.admin, "GET /ready HTTP/1.1", "").await;
    assert_eq!((ready.status, ready.json()["checks"]["store"].as_str()), (503, Some("no answer in time")));
}
