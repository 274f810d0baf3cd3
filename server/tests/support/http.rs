//! HTTP requests on new connections.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;

use super::messages::digest;
use super::response::{TextResponse, parse};
use super::server::Server;
use super::{TIMEOUT, authorization, wait};

/// Sends these bytes on a new connection, and reads until the server closes it.
pub async fn raw(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("the server accepts");
    stream.write_all(request.as_ref()).await.expect("the server reads");
    let mut answer = Vec::new();
    tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut answer))
        .await
        .expect("a response in time")
        .expect("a complete response");
    String::from_utf8(answer).expect("the response is UTF-8")
}

/// Sends one request on a new connection. `head` is the request without `Host`, `Connection`, the token and the body.
pub async fn ask(address: SocketAddr, head: &str, body: impl AsRef<[u8]>) -> TextResponse {
    let mut request = format!("{}\r\nHost: it\r\nConnection: close\r\n", head.trim_end()).into_bytes();
    request.extend(authorization().into_bytes());
    let body = body.as_ref();
    if !body.is_empty() {
        request.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
    }
    request.extend(b"\r\n");
    request.extend(body);
    parse(&raw(address, request).await)
}

/// Repeats a GET of this path until it gets this status, and returns the response.
pub async fn wait_for_status(admin: SocketAddr, path: &str, status: u16) -> TextResponse {
    let deadline = Instant::now() + wait::FAILOVER_TIMEOUT;
    loop {
        let answer = ask(admin, &format!("GET {path} HTTP/1.1"), "").await;
        if answer.status == status {
            return answer;
        }
        assert!(Instant::now() < deadline, "the status is never {status}: {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub async fn delete(server: &Server, hash: &str, token: Option<&str>) -> TextResponse {
    let line = token.map(|token| format!("\r\nAuthorization: Bearer {token}")).unwrap_or_default();
    ask(server.api, &format!("DELETE /messages/{hash} HTTP/1.1{line}"), "").await
}

pub async fn post(server: &Server, text: &str) -> TextResponse {
    ask(server.api, "POST /messages HTTP/1.1", json!({ "message": text }).to_string()).await
}

pub async fn get(server: &Server, text: &str) -> TextResponse {
    ask(server.api, &format!("GET /messages/{} HTTP/1.1", digest(text)), "").await
}
