//! Temporary failures are retried, within the limits on attempts and time.

use std::time::{Duration, Instant};

use futures::join;
use message_to_hash_client::{Builder, Client, Error, MessageHash};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::test_server::{CannedResponse, TEST_TIMEOUT, TestServer, acknowledged, found, problem, response};

const RETRY_NOW: &str = "Retry-After: 0\r\n";

/// A client of three attempts. The delays are short, so the attempts and not the deadline end a call.
fn client(server: &TestServer) -> Builder {
    Client::builder(server.url()).max_attempts(3)
}

/// Asserts that a call fails after three attempts with this response, and succeeds if a good response follows.
async fn assert_retried(failure: CannedResponse, is_expected: impl Fn(&Error) -> bool) {
    let server = TestServer::start(std::slice::from_ref(&failure)).await;
    let impatient = client(&server).attempt_timeout(Duration::from_millis(500)).build().unwrap();
    let error = impatient.get(MessageHash::from_message("foo")).await.unwrap_err();
    assert!(is_expected(&error) && error.is_temporary(), "{error:?}");
    server.assert_requests(3).await;

    let digest = MessageHash::from_message("foo").to_string();
    let get = TestServer::start(&[failure.clone(), failure.clone(), found("foo")]).await;
    let put = TestServer::start(&[failure.clone(), failure, acknowledged(&digest)]).await;
    let builder = |server| client(server).attempt_timeout(Duration::from_secs(2)).build().unwrap();
    let (getting, putting) = (builder(&get), builder(&put));
    let (got, stored) = join!(getting.get(MessageHash::from_message("foo")), putting.put("foo"));
    assert_eq!(got.unwrap().as_deref(), Some("foo"));
    assert_eq!(stored.unwrap().hash, MessageHash::from_message("foo"));
    get.assert_requests(3).await;
    put.assert_requests(3).await;
}

#[tokio::test]
async fn temporary_status_is_retried() {
    for status in [408, 429, 502, 503, 504] {
        assert_retried(problem(status, RETRY_NOW, "not now"), |error| {
            matches!(error, Error::Unavailable(response) if response.status == status && response.detail == "not now")
        })
        .await;
    }
    // A proxy does not send the problem document of this service.
    let bare = response("502 Bad Gateway", "", "<html>Bad Gateway</html>");
    assert_retried(bare, |error| matches!(error, Error::Unavailable(response) if response.status == 502))
        .await;
}

#[tokio::test]
async fn broken_connection_is_retried() {
    let is_expected = |error: &Error| matches!(error, Error::Connection(_));
    assert_retried(CannedResponse::Close, is_expected).await;
    assert_retried(CannedResponse::Bytes(Vec::new()), is_expected).await;
    assert_retried(CannedResponse::Bytes(b"HTTP/1.1 200 O".to_vec()), is_expected).await;
}

#[tokio::test]
async fn truncated_response_is_retried() {
    let is_expected = |error: &Error| matches!(error, Error::Connection(_));
    let CannedResponse::Bytes(whole) = found("foo") else { panic!("the response is not bytes") };
    assert_retried(CannedResponse::Bytes(whole[..whole.len() - 1].to_vec()), is_expected).await;
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"m\r\n".to_vec();
    assert_retried(CannedResponse::Bytes(chunks), is_expected).await;
}

#[tokio::test]
async fn attempt_timeout_is_retried() {
    let is_expected = |error: &Error| matches!(error, Error::TimedOut);
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"mess".to_vec();
    join!(
        assert_retried(CannedResponse::Stall(Vec::new()), is_expected),
        assert_retried(CannedResponse::Stall(b"HTTP/1.1 200 OK\r\n".to_vec()), is_expected),
        assert_retried(CannedResponse::Stall(half), is_expected),
    );
}

#[tokio::test]
async fn retry_waits_for_retry_after() {
    let server = TestServer::start(&[problem(503, "Retry-After: 1\r\n", "not now"), found("foo")]).await;
    let started = Instant::now();
    let message = Client::new(server.url()).unwrap().get(MessageHash::from_message("foo")).await.unwrap();
    assert_eq!(message.as_deref(), Some("foo"));
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    server.assert_requests(2).await;
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_ends_the_call() {
    for wait in ["61", "86400", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let server =
            TestServer::start(&[problem(429, &format!("Retry-After: {wait}\r\n"), "too much")]).await;
        let client = Client::new(server.url()).unwrap();
        let error = timeout(TEST_TIMEOUT, client.put("foo")).await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Unavailable(response) if response.retry_after.is_some()), "{wait}");
        server.assert_requests(1).await;
    }
}

#[tokio::test]
async fn deadline_ends_a_call_with_attempts_left() {
    let server = TestServer::start(&[CannedResponse::Stall(Vec::new())]).await;
    let builder =
        Client::builder(server.url()).max_attempts(u32::MAX).attempt_timeout(Duration::from_hours(1));
    let client = builder.timeout(Duration::from_millis(300)).build().unwrap();
    let error =
        timeout(TEST_TIMEOUT, client.get(MessageHash::from_message("foo"))).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut), "{error}");
    server.assert_requests(1).await;
    // The longest possible timeouts do not overflow.
    let server = TestServer::start(&[found("foo")]).await;
    let client = Client::builder(server.url()).timeout(Duration::MAX).attempt_timeout(Duration::MAX);
    assert!(client.build().unwrap().get(MessageHash::from_message("foo")).await.unwrap().is_some());
}

#[tokio::test]
async fn max_attempts_of_one_disables_retries() {
    let server = TestServer::start(&[problem(503, RETRY_NOW, "not now")]).await;
    let client = Client::builder(server.url()).max_attempts(1).build().unwrap();
    assert!(client.exists(MessageHash::from_message("foo")).await.is_err());
    server.assert_requests(1).await;
}

#[tokio::test]
async fn refused_connection_is_a_connection_error() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let client = Client::builder(format!("http://{address}")).max_attempts(2).build().unwrap();
    let error = client.get(MessageHash::from_message("foo")).await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn unknown_host_is_a_connection_error() {
    let client = Client::builder("http://nowhere.invalid").max_attempts(1).build().unwrap();
    let error = client.put("foo").await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
}
