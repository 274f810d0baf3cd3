//! Answers that are complete, and wrong: believed by nobody, and asked for once.

use message_to_hash_client::{Client, Error, MessageHash};

use crate::liar::{Answer, Liar, acknowledged, answer, found, problem};

/// What `get` and `put` make of the one answer; both in one request.
async fn asked(answer: Answer) -> (Error, Error) {
    let liar = Liar::start(&[answer]).await;
    let client = Client::new(liar.url()).unwrap();
    let got = client.get(MessageHash::of("foo")).await.unwrap_err();
    let put = client.put("foo").await.unwrap_err();
    liar.assert_requests(2).await;
    (got, put)
}

#[tokio::test]
async fn another_message_is_an_error() {
    let liar = Liar::start(&[found("bar")]).await;
    let error = Client::new(liar.url()).unwrap().get(MessageHash::of("foo")).await.unwrap_err();
    assert!(matches!(error, Error::WrongMessage { asked, given }
        if asked == MessageHash::of("foo") && given == MessageHash::of("bar")));
    liar.assert_requests(1).await;
}

#[tokio::test]
async fn another_digest_is_an_error() {
    let liar = Liar::start(&[acknowledged(&MessageHash::of("bar").to_string())]).await;
    let error = Client::new(liar.url()).unwrap().put("foo").await.unwrap_err();
    assert!(matches!(error, Error::WrongDigest { message, given }
        if message == MessageHash::of("foo") && given == MessageHash::of("bar")));
    liar.assert_requests(1).await;
}

#[tokio::test]
async fn what_is_no_digest_is_an_error() {
    for digest in ["", "foo", &"g".repeat(64), &"0".repeat(1 << 20)] {
        let liar = Liar::start(&[acknowledged(digest)]).await;
        let error = Client::new(liar.url()).unwrap().put("foo").await.unwrap_err();
        assert!(matches!(&error, Error::NotUnderstood(text) if text.len() < 1000), "{error}");
        liar.assert_requests(1).await;
    }
}

#[tokio::test]
async fn what_is_no_http_is_an_error() {
    let (got, put) = asked(Answer::Bytes(b"220 mail.example ESMTP\r\n".to_vec())).await;
    for error in [got, put] {
        assert!(matches!(&error, Error::NotUnderstood(text) if text.contains("not HTTP")), "{error}");
    }
}

#[tokio::test]
async fn an_answer_of_something_else_is_an_error() {
    for (status, headers, body) in [
        ("200 OK", "", "<html>"),
        ("200 OK", "", "{}"),
        ("200 OK", "ETag: x\r\nCache-Control: x\r\n", "{\"message\":1}"),
        ("200 OK", "ETag: x\r\nCache-Control: x\r\n", "{\"message\":\"\\ud800\"}"),
        ("304 Not Modified", "ETag: x\r\nCache-Control: x\r\n", ""),
    ] {
        let liar = Liar::start(&[answer(status, headers, body)]).await;
        let error = Client::new(liar.url()).unwrap().get(MessageHash::of("foo")).await.unwrap_err();
        assert!(matches!(error, Error::NotUnderstood(_)), "{body}: {error}");
        liar.assert_requests(1).await;
    }
}

#[tokio::test]
async fn a_404_of_something_else_is_not_an_absent_message() {
    let (got, put) = asked(answer("404 Not Found", "", "<html>no such page</html>")).await;
    assert!(matches!(got, Error::NotUnderstood(_)), "{got}");
    assert!(matches!(put, Error::Refused(answer) if answer.status == 404));
    let elsewhere = problem(404, "Cache-Control: no-store\r\n", "There is nothing at this path");
    let (got, _) = asked(elsewhere).await;
    assert!(matches!(got, Error::Refused(answer) if answer.status == 404));
    let absent = Liar::start(&[problem(404, "Cache-Control: no-store\r\n", "Message not found")]).await;
    let client = Client::new(absent.url()).unwrap();
    assert_eq!(client.get(MessageHash::of("foo")).await.unwrap(), None);
    assert!(!client.exists(MessageHash::of("foo")).await.unwrap());
    absent.assert_requests(2).await;
}

#[tokio::test]
async fn an_announced_flood_is_not_read() {
    let flood = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".to_vec();
    let (got, put) = asked(Answer::Stall(flood)).await;
    for error in [got, put] {
        assert!(matches!(error, Error::AnswerTooLarge { limit } if limit < 7 << 20), "{error}");
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_not_read_on() {
    let head = format!("HTTP/1.1 200 OK\r\n{}", format!("X: {}\r\n", "x".repeat(8000)).repeat(1000));
    let (got, put) = asked(Answer::Stall(head.into_bytes())).await;
    for error in [got, put] {
        assert!(matches!(error, Error::NotUnderstood(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_unannounced_flood_is_read_up_to_the_limit() {
    let mut flood = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..1024 {
        flood.extend(b"1000\r\n");
        flood.extend([b' '; 4096]);
        flood.extend(b"\r\n");
    }
    let liar = Liar::start(&[Answer::Stall(flood)]).await;
    let client = Client::builder(liar.url()).max_message_bytes(1000).build().unwrap();
    let error = client.get(MessageHash::of("foo")).await.unwrap_err();
    assert!(matches!(error, Error::AnswerTooLarge { limit: 22_384 }), "{error}");
    liar.assert_requests(1).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Liar::start(&[found("foo")]).await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("{}/messages", elsewhere.url());
        let (got, put) = asked(answer(&format!("{status} Moved"), &format!("Location: {to}\r\n"), "")).await;
        for error in [got, put] {
            assert!(error.to_string().contains(&to), "{error}");
            assert!(matches!(error, Error::Redirected { status: given, location }
                if given == status && location.as_ref() == Some(&to)));
        }
    }
    elsewhere.assert_requests(0).await;
}

#[tokio::test]
async fn a_refusal_has_what_the_server_says() {
    let detail = "what the server says";
    for status in [400, 401, 403, 413, 451, 500] {
        let (got, put) = asked(problem(status, "", detail)).await;
        for error in [got, put] {
            let is_kind = match status {
                401 => matches!(error, Error::Unauthorized(_)),
                403 => matches!(error, Error::Forbidden(_)),
                413 => matches!(error, Error::MessageTooLarge(_)),
                _ => matches!(error, Error::Refused(_)),
            };
            assert!(is_kind, "{error:?}");
            assert!(error.to_string().contains(&format!("{detail} ({status})")), "{error}");
            assert!(!error.is_temporary());
        }
    }
    let (got, _) = asked(problem(500, "", "a\u{1b}[31m\nmessage-to-hash: forged")).await;
    assert!(got.to_string().contains("a\\u{1b}[31m\\nmessage-to-hash: forged (500)"), "{got}");
    let (got, _) = asked(answer("500 Oops", "", "<html>")).await;
    assert!(got.to_string().contains("Internal Server Error (500)"), "{got}");
}
