//! Requests with `Content-Digest` or `Repr-Digest`: a body with another digest is refused by every operation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use message_to_hash::message::MessageHash;
use sha2::{Digest, Sha512};

use crate::support::{Server, TextResponse, ask, parse, raw};

fn sha_256(body: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(MessageHash::of(body.as_bytes()).as_bytes()))
}

fn sha_512(body: &str) -> String {
    format!("sha-512=:{}:", STANDARD.encode(Sha512::digest(body)))
}

/// The path and a valid body of every operation with a body.
const REQUESTS: [(&str, &str); 4] = [
    ("/messages", r#"{"message":"foo"}"#),
    ("/messages/raw", "foo"),
    ("/messages/batch", r#"{"messages":["foo"]}"#),
    ("/messages/lookup", r#"{"digests":["aa"]}"#),
];

#[tokio::test]
async fn matching_content_digest_is_accepted() {
    let server = Server::start(&[]);
    // The example of RFC 9530, appendix A.
    let example = "{\"hello\": \"world\"}\n";
    assert_eq!(sha_256(example), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
    for (path, body) in REQUESTS {
        for field in ["Content-Digest", "Repr-Digest"] {
            for digests in [
                sha_256(body),
                sha_512(body),
                format!("{}, {}", sha_512(body), sha_256(body)),
                format!("{}\r\n{field}: {}", sha_512(body), sha_256(body)),
                format!("{};why=\"not\"", sha_256(body)),
                // Unknown algorithms are ignored.
                "md5=:AAAA:, sha=:AAAA:, unixsum=1, other".to_owned(),
                format!("md5=:AAAA:, {}", sha_256(body)),
                // If a key is repeated, its last value counts, as in every dictionary (RFC 9651).
                format!("{}, {}", sha_256("other"), sha_256(body)),
                String::new(),
            ] {
                let answer =
                    ask(server.api, &format!("POST {path} HTTP/1.1\r\n{field}: {digests}"), body).await;
                assert!(matches!(answer.status, 200 | 201), "{path} {digests}: {answer:?}");
            }
        }
    }
    let empty = format!("POST /messages/raw HTTP/1.1\r\nContent-Digest: {}", sha_256(""));
    assert_eq!(ask(server.api, &empty, "").await.status, 201);
}

#[tokio::test]
async fn wrong_content_digest_is_400_and_stores_nothing() {
    let server = Server::start(&[]);
    for (path, body) in REQUESTS {
        for field in ["content-digest", "repr-digest"] {
            for (digests, detail) in [
                (sha_256("other"), "The body does not have the sha-256 of"),
                (sha_512("other"), "The body does not have the sha-512 of"),
                (format!("{}, {}", sha_256(body), sha_512("other")), "The body does not have the sha-512 of"),
                (format!("{}, {}", sha_256(body), sha_256("other")), "The body does not have the sha-256 of"),
                ("sha-256=::".to_owned(), "The body does not have the sha-256 of"),
                ("sha-256=:AAAA:".to_owned(), "The body does not have the sha-256 of"),
                ("sha-256".to_owned(), "The sha-256 of"),
                ("sha-256=\"x\"".to_owned(), "The sha-256 of"),
                (format!("sha-256=({})", &sha_256(body)[8..]), "The sha-256 of"),
                (sha_256(body).replace("=:", "="), field),
                (sha_256(body).replace("sha-", "SHA-"), field),
                (format!("{},", sha_256(body)), field),
                ("sha-256=:\u{e9}:".to_owned(), field),
                (":".to_owned(), field),
            ] {
                let head = format!("POST {path} HTTP/1.1\r\n{field}: {digests}");
                let refused = ask(server.api, &head, body).await.problem(400);
                assert!(
                    refused.starts_with(detail) && refused.contains(field),
                    "{path} {digests}: {refused}"
                );
            }
        }
    }
    // An empty body is checked, too.
    let empty = format!("POST /messages/raw HTTP/1.1\r\nContent-Digest: {}", sha_256("other"));
    ask(server.api, &empty, "").await.problem(400);
    for text in ["foo", ""] {
        let head = format!("GET /messages/{} HTTP/1.1", MessageHash::of(text.as_bytes()));
        ask(server.api, &head, "").await.problem(404);
    }
}

/// Sends a chunked body with these header and trailer fields.
async fn send_chunks(server: &Server, fields: &str, trailers: &str) -> TextResponse {
    let head = format!("POST /messages/raw HTTP/1.1\r\nHost: it\r\nTransfer-Encoding: chunked\r\n{fields}");
    let body = format!("3\r\nfoo\r\n0\r\n{trailers}\r\n");
    parse(&raw(server.api, format!("{head}Connection: close\r\n\r\n{body}")).await)
}

#[tokio::test]
async fn digest_in_a_trailer_is_checked() {
    let server = Server::start(&[]);
    let (right, wrong) = (sha_256("foo"), sha_256("other"));
    for field in ["Content-Digest", "Repr-Digest"] {
        let announced = format!("Trailer: X, {field}\r\n");
        let line = |digest: &str| format!("{field}: {digest}\r\n");
        for (fields, trailers) in [
            ("", line(&wrong)),
            (&*announced, line(&wrong)),
            (&*line(&right), line(&wrong)),
            (&*line(&wrong), line(&right)),
            ("", line("nonsense=:")),
            // The announced trailer is missing, as if a proxy had dropped it.
            (&*announced, String::new()),
            (&*announced, "X: 1\r\n".to_owned()),
        ] {
            let detail = send_chunks(&server, fields, &trailers).await.problem(400);
            assert!(detail.contains(&field.to_lowercase()), "{fields} {trailers}: {detail}");
        }
    }
    let head = format!("GET /messages/{} HTTP/1.1", MessageHash::of(b"foo"));
    ask(server.api, &head, "").await.problem(404);
    for (fields, trailers, status) in [
        ("Trailer: Content-Digest\r\n", format!("Content-Digest: {right}\r\n"), 201),
        ("", format!("X: 1\r\nrepr-digest: {right}\r\n"), 200),
        ("Trailer: X\r\n", String::new(), 200),
    ] {
        assert_eq!(send_chunks(&server, fields, &trailers).await.status, status, "{fields} {trailers}");
    }
}
