//! Complete but invalid responses: each is an error, and no request is retried.

use message_to_hash_client::{Client, Error, MessageHash};

use crate::test_server::{CannedResponse, TestServer, acknowledged, found, problem, response};

/// Returns the errors of `get` and `put` for this response. Each sends one request.
async fn errors_for(response: CannedResponse) -> (Error, Error) {
    let server = TestServer::start(&[response]).await;
    let client = Client::new(server.url()).unwrap();
    let got = client.get(MessageHash::from_message("foo")).await.unwrap_err();
    let put = client.put("foo").await.unwrap_err();
    server.assert_requests(2).await;
    (got, put)
}

#[tokio::test]
async fn get_rejects_a_message_with_another_hash() {
    let server = TestServer::start(&[found("bar")]).await;
    let error = Client::new(server.url()).unwrap().get(MessageHash::from_message("foo")).await.unwrap_err();
    assert!(matches!(error, Error::WrongMessage { asked, given }
        if asked == MessageHash::from_message("foo") && given == MessageHash::from_message("bar")));
    server.assert_requests(1).await;
}

#[tokio::test]
async fn put_rejects_another_digest() {
    let server = TestServer::start(&[acknowledged(&MessageHash::from_message("bar").to_string())]).await;
    let error = Client::new(server.url()).unwrap().put("foo").await.unwrap_err();
    assert!(matches!(error, Error::WrongDigest { message, given }
        if message == MessageHash::from_message("foo") && given == MessageHash::from_message("bar")));
    server.assert_requests(1).await;
}

#[tokio::test]
async fn put_rejects_a_malformed_digest() {
    for digest in ["", "foo", &"g".repeat(64), &"0".repeat(1 << 20)] {
        let server = TestServer::start(&[acknowledged(digest)]).await;
        let error = Client::new(server.url()).unwrap().put("foo").await.unwrap_err();
        assert!(matches!(&error, Error::NotUnderstood(text) if text.len() < 1000), "{error}");
        server.assert_requests(1).await;
    }
}

#[tokio::test]
async fn non_http_response_is_rejected() {
    let (got, put) = errors_for(CannedResponse::Bytes(b"220 mail.example ESMTP\r\n".to_vec())).await;
    for error in [got, put] {
        assert!(matches!(&error, Error::NotUnderstood(text) if text.contains("not HTTP")), "{error}");
    }
}

#[tokio::test]
async fn get_rejects_an_unexpected_body() {
    for (status, headers, body) in [
        ("200 OK", "", "<html>"),
        ("200 OK", "", "{}"),
        ("200 OK", "ETag: x\r\nCache-Control: x\r\n", "{\"message\":1}"),
        ("200 OK", "ETag: x\r\nCache-Control: x\r\n", "{\"message\":\"\\ud800\"}"),
        ("304 Not Modified", "ETag: x\r\nCache-Control: x\r\n", ""),
    ] {
        let server = TestServer::start(&[response(status, headers, body)]).await;
        let error =
            Client::new(server.url()).unwrap().get(MessageHash::from_message("foo")).await.unwrap_err();
        assert!(matches!(error, Error::NotUnderstood(_)), "{body}: {error}");
        server.assert_requests(1).await;
    }
}

#[tokio::test]
async fn unrelated_404_is_not_an_absent_message() {
    let (got, put) = errors_for(response("404 Not Found", "", "<html>no such page</html>")).await;
    assert!(matches!(got, Error::NotUnderstood(_)), "{got}");
    assert!(matches!(put, Error::Refused(response) if response.status == 404));
    let elsewhere = problem(404, "Cache-Control: no-store\r\n", "There is nothing at this path");
    let (got, _) = errors_for(elsewhere).await;
    assert!(matches!(got, Error::Refused(response) if response.status == 404));
    let absent = TestServer::start(&[problem(404, "Cache-Control: no-store\r\n", "Message not found")]).await;
    let client = Client::new(absent.url()).unwrap();
    assert_eq!(client.get(MessageHash::from_message("foo")).await.unwrap(), None);
    assert!(!client.exists(MessageHash::from_message("foo")).await.unwrap());
    absent.assert_requests(2).await;
}

#[tokio::test]
async fn response_with_a_large_content_length_is_rejected() {
    let body = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n".to_vec();
    let (got, put) = errors_for(CannedResponse::Stall(body)).await;
    for error in [got, put] {
        assert!(matches!(error, Error::AnswerTooLarge { limit } if limit < 7 << 20), "{error}");
    }
}

#[tokio::test]
async fn endless_response_head_is_rejected() {
    let head = format!("HTTP/1.1 200 OK\r\n{}", format!("X: {}\r\n", "x".repeat(8000)).repeat(1000));
    let (got, put) = errors_for(CannedResponse::Stall(head.into_bytes())).await;
    for error in [got, put] {
        assert!(matches!(error, Error::NotUnderstood(_)), "{error:?}");
    }
}

#[tokio::test]
async fn chunked_response_is_read_up_to_the_limit() {
    let mut body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..1024 {
        body.extend(b"1000\r\n");
        body.extend([b' '; 4096]);
        body.extend(b"\r\n");
    }
    let server = TestServer::start(&[CannedResponse::Stall(body)]).await;
    let client = Client::builder(server.url()).max_message_bytes(1000).build().unwrap();
    let error = client.get(MessageHash::from_message("foo")).await.unwrap_err();
    assert!(matches!(error, Error::AnswerTooLarge { limit: 22_384 }), "{error}");
    server.assert_requests(1).await;
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let elsewhere = TestServer::start(&[found("foo")]).await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("{}/messages", elsewhere.url());
        let (got, put) =
            errors_for(response(&format!("{status} Moved"), &format!("Location: {to}\r\n"), "")).await;
        for error in [got, put] {
            assert!(error.to_string().contains(&to), "{error}");
            assert!(matches!(error, Error::Redirected { status: given, location }
                if given == status && location.as_ref() == Some(&to)));
        }
    }
    elsewhere.assert_requests(0).await;
}

#[tokio::test]
async fn error_contains_the_detail_of_the_response() {
    let detail = "what the server says";
    for status in [400, 401, 403, 413, 451, 500] {
        let (got, put) = errors_for(problem(status, "", detail)).await;
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
    let (got, _) = errors_for(problem(500, "", "a\u{1b}[31m\nmessage-to-hash: forged")).await;
    assert!(got.to_string().contains("a\\u{1b}[31m\\nmessage-to-hash: forged (500)"), "{got}");
    let (got, _) = errors_for(response("500 Oops", "", "<html>")).await;
    assert!(got.to_string().contains("Internal Server Error (500)"), "{got}");
}
