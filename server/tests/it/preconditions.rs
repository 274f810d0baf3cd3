//! `If-Match` (RFC 9110, section 13.1.1): a message is returned or deleted only if the header names it.

use crate::support::issuer::TokenIssuer;
use crate::support::{EMPTY, FOO, Server, ask};

const NOT_MATCHED: &str = "If-Match does not name what is stored here";
const FOO_VALUE: &str = "LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564";

/// `If-Match` lines that name the message `foo`.
fn naming_foo() -> [String; 4] {
    let tag = format!("\"{FOO}\"");
    [
        format!("If-Match: {tag}"),
        format!("If-Match: \"x\", {tag}"),
        format!("If-Match: \"\u{e9}\"\r\nIf-Match: \"x\"\r\nIf-Match: {tag}"),
        "If-Match: *".to_owned(),
    ]
}

/// `If-Match` lines that do not name the message `foo`.
fn naming_others() -> [String; 6] {
    [
        format!("If-Match: \"{EMPTY}\""),
        format!("If-Match: W/\"{FOO}\""),
        format!("If-Match: {FOO}"),
        "If-Match: \"x\"\r\nIf-Match: \"y\"".to_owned(),
        "If-Match: \"\u{e9}\"".to_owned(),
        "If-Match:".to_owned(),
    ]
}

#[tokio::test]
async fn get_with_other_if_match_is_412() {
    let server = Server::start(&[]);
    ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    let ask = async |head: &str| ask(server.api, head, "").await;
    for path in [
        format!("/messages/{FOO}"),
        format!("/messages/{FOO}/raw"),
        format!("/.well-known/ni/sha-256/{FOO_VALUE}"),
    ] {
        for line in naming_foo() {
            let get = format!("GET {path} HTTP/1.1\r\n{line}");
            assert_eq!(ask(&get).await.status, 200, "{get}");
            let known = ask(&format!("{get}\r\nIf-None-Match: \"{FOO}\"")).await;
            assert_eq!(known.status, 304, "{get}");
        }
        for line in naming_others() {
            for more in ["", "\r\nIf-None-Match: *", "\r\nRange: bytes=0-0", "\r\nRange: bytes=9-"] {
                let answer = ask(&format!("GET {path} HTTP/1.1\r\n{line}{more}")).await;
                assert_eq!(answer.problem(412), NOT_MATCHED, "{path} {line} {more}");
                assert_eq!(answer.header("cache-control"), Some("no-store"));
            }
            assert_eq!(ask(&format!("HEAD {path} HTTP/1.1\r\n{line}")).await.status, 412);
        }
    }
    for line in [&naming_others()[0], "If-Match: *"] {
        let absent = format!("GET /messages/{EMPTY} HTTP/1.1\r\n{line}");
        assert_eq!(
            ask(&absent).await.problem(404),
            "Message not found",
            "the same response as without {line}"
        );
    }
}

#[tokio::test]
async fn delete_with_other_if_match_is_412() {
    let issuer = TokenIssuer::new();
    let server = Server::start(&issuer.options(&["--identity-anonymous", "all"]));
    let post = async || ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await.status;
    let token = issuer.token("messages:delete");
    let delete = async |line: &str| {
        let head = format!("DELETE /messages/{FOO} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n{line}");
        ask(server.api, &head, "").await
    };
    assert_eq!(post().await, 201);
    for line in naming_others() {
        assert_eq!(delete(&line).await.problem(412), NOT_MATCHED, "{line}");
    }
    assert_eq!(post().await, 200, "the message is still stored");
    for line in naming_foo() {
        assert_eq!(delete(&line).await.status, 204, "{line}");
        assert_eq!(delete(&line).await.problem(412), NOT_MATCHED, "nothing has this tag now: {line}");
        assert_eq!(delete("").await.status, 204, "the status does not tell whether the message is stored");
        assert_eq!(post().await, 201, "the message was deleted");
    }
}
