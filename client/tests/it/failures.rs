//! What fails for a while is repeated, as often as was said, and no longer than was said.

use std::time::{Duration, Instant};

use futures::join;
use message_to_hash_client::{Builder, Client, Error, MessageHash};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::liar::{Answer, Liar, PATIENCE, acknowledged, answer, found, problem};

const BUSY: &str = "Retry-After: 0\r\n";

/// A client that waits little, so that it is the number of attempts that ends a call.
fn client(liar: &Liar) -> Builder {
    Client::builder(liar.url()).attempts(3)
}

/// Fails with this, three times, if all that comes is this answer; and recovers when a right one follows it.
async fn assert_repeated(wrong: Answer, is_it: impl Fn(&Error) -> bool) {
    let liar = Liar::start(std::slice::from_ref(&wrong)).await;
    let short = client(&liar).attempt_timeout(Duration::from_millis(500)).build().unwrap();
    let error = short.get(MessageHash::of("foo")).await.unwrap_err();
    assert!(is_it(&error) && error.is_temporary(), "{error:?}");
    liar.assert_requests(3).await;

    let digest = MessageHash::of("foo").to_string();
    let get = Liar::start(&[wrong.clone(), wrong.clone(), found("foo")]).await;
    let put = Liar::start(&[wrong.clone(), wrong, acknowledged(&digest)]).await;
    let patient = |liar| client(liar).attempt_timeout(Duration::from_secs(2)).build().unwrap();
    let (getting, putting) = (patient(&get), patient(&put));
    let (got, stored) = join!(getting.get(MessageHash::of("foo")), putting.put("foo"));
    assert_eq!(got.unwrap().as_deref(), Some("foo"));
    assert_eq!(stored.unwrap().hash, MessageHash::of("foo"));
    get.assert_requests(3).await;
    put.assert_requests(3).await;
}

#[tokio::test]
async fn what_says_that_it_cannot_now_is_asked_again() {
    for status in [408, 429, 502, 503, 504] {
        assert_repeated(problem(status, BUSY, "not now"), |error| {
            matches!(error, Error::Unavailable(answer) if answer.status == status && answer.detail == "not now")
        })
        .await;
    }
    // As a proxy says it, which knows nothing of this service.
    let bare = answer("502 Bad Gateway", "", "<html>Bad Gateway</html>");
    assert_repeated(bare, |error| matches!(error, Error::Unavailable(answer) if answer.status == 502)).await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again() {
    let is_it = |error: &Error| matches!(error, Error::Connection(_));
    assert_repeated(Answer::Close, is_it).await;
    assert_repeated(Answer::Bytes(Vec::new()), is_it).await;
    assert_repeated(Answer::Bytes(b"HTTP/1.1 200 O".to_vec()), is_it).await;
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let is_it = |error: &Error| matches!(error, Error::Connection(_));
    let Answer::Bytes(whole) = found("foo") else { panic!("it is bytes") };
    assert_repeated(Answer::Bytes(whole[..whole.len() - 1].to_vec()), is_it).await;
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"m\r\n".to_vec();
    assert_repeated(Answer::Bytes(chunks), is_it).await;
}

#[tokio::test]
async fn what_does_not_answer_in_time_is_asked_again() {
    let is_it = |error: &Error| matches!(error, Error::TimedOut);
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"mess".to_vec();
    join!(
        assert_repeated(Answer::Stall(Vec::new()), is_it),
        assert_repeated(Answer::Stall(b"HTTP/1.1 200 OK\r\n".to_vec()), is_it),
        assert_repeated(Answer::Stall(half), is_it),
    );
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let liar = Liar::start(&[problem(503, "Retry-After: 1\r\n", "not now"), found("foo")]).await;
    let begun = Instant::now();
    let message = Client::new(liar.url()).unwrap().get(MessageHash::of("foo")).await.unwrap();
    assert_eq!(message.as_deref(), Some("foo"));
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    liar.assert_requests(2).await;
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_is_not() {
    for wait in ["61", "86400", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let liar = Liar::start(&[problem(429, &format!("Retry-After: {wait}\r\n"), "too much")]).await;
        let client = Client::new(liar.url()).unwrap();
        let error = timeout(PATIENCE, client.put("foo")).await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Unavailable(answer) if answer.retry_after.is_some()), "{wait}");
        liar.assert_requests(1).await;
    }
}

#[tokio::test]
async fn the_deadline_ends_a_call_whatever_the_attempts() {
    let liar = Liar::start(&[Answer::Stall(Vec::new())]).await;
    let patient = Client::builder(liar.url()).attempts(u32::MAX).attempt_timeout(Duration::from_hours(1));
    let client = patient.timeout(Duration::from_millis(300)).build().unwrap();
    let error = timeout(PATIENCE, client.get(MessageHash::of("foo"))).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::TimedOut), "{error}");
    liar.assert_requests(1).await;
    // A time so long that no clock has it does no harm.
    let liar = Liar::start(&[found("foo")]).await;
    let client = Client::builder(liar.url()).timeout(Duration::MAX).attempt_timeout(Duration::MAX);
    assert!(client.build().unwrap().get(MessageHash::of("foo")).await.unwrap().is_some());
}

#[tokio::test]
async fn one_attempt_is_one() {
    let liar = Liar::start(&[problem(503, BUSY, "not now")]).await;
    let client = Client::builder(liar.url()).attempts(1).build().unwrap();
    assert!(client.exists(MessageHash::of("foo")).await.is_err());
    liar.assert_requests(1).await;
}

#[tokio::test]
async fn a_refused_port_is_no_connection() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let client = Client::builder(format!("http://{address}")).attempts(2).build().unwrap();
    let error = client.get(MessageHash::of("foo")).await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_name_that_is_none_is_no_connection() {
    let client = Client::builder("http://nowhere.invalid").attempts(1).build().unwrap();
    let error = client.put("foo").await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
}
