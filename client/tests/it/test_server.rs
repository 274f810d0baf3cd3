//! A TCP server that sends canned responses, one connection per request, and records the requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub const TEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The first byte of a TLS handshake record (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// The reaction to one request.
#[derive(Debug, Clone)]
pub enum CannedResponse {
    /// Sends these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Sends these bytes and keeps the connection open.
    Stall(Vec<u8>),
    /// Closes the connection before reading the request.
    Close,
}

/// A response with this status, headers and JSON body.
pub fn response(status: &str, headers: &str, body: &str) -> CannedResponse {
    let content_type = if status.starts_with('2') { "application/json" } else { "application/problem+json" };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {content_type}\r\nContent-Length: {length}"
    );
    CannedResponse::Bytes(format!("{head}\r\n{headers}\r\n{body}").into_bytes())
}

/// The response to a `GET` of a stored message.
pub fn found(message: &str) -> CannedResponse {
    let headers = "ETag: \"x\"\r\nCache-Control: public\r\n";
    response("200 OK", headers, &serde_json::json!({ "message": message }).to_string())
}

/// The response to a `POST` of a stored message.
pub fn acknowledged(digest: &str) -> CannedResponse {
    response("200 OK", "", &serde_json::json!({ "digest": digest }).to_string())
}

/// A problem document with this status and detail.
pub fn problem(status: u16, headers: &str, detail: &str) -> CannedResponse {
    let body = serde_json::json!({
        "type": "about:blank", "title": "Title", "status": status, "detail": detail, "err_msg": detail,
    });
    response(&format!("{status} Title"), headers, &body.to_string())
}

/// The server. Request `n` gets response `n`; requests beyond the last response get the last one.
pub struct TestServer {
    pub address: SocketAddr,
    requests: watch::Receiver<Vec<String>>,
    accepting: JoinHandle<()>,
}

impl TestServer {
    pub async fn start(responses: &[CannedResponse]) -> Self {
        Self::start_with(responses, None).await
    }

    pub async fn start_with(responses: &[CannedResponse], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (received, requests) = watch::channel(Vec::new());
        let (received, responses) = (Arc::new(received), responses.to_vec());
        let accepting = tokio::spawn(async move {
            for index in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let response = responses[index.min(responses.len() - 1)].clone();
                let (received, tls) = (Arc::clone(&received), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => respond(stream, response, &received).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => respond(stream, response, &received).await,
                            Err(error) => received.send_modify(|received| received.push(error.to_string())),
                        },
                    }
                });
            }
        });
        Self { address, requests, accepting }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until `count` requests have arrived, and returns all of them.
    pub async fn requests(&self, count: usize) -> Vec<String> {
        let mut requests = self.requests.clone();
        let enough = requests.wait_for(|received| received.len() >= count);
        timeout(TEST_TIMEOUT, enough).await.unwrap_or_else(|_| panic!("no {count} requests")).unwrap().clone()
    }

    /// Asserts that exactly `count` requests have arrived.
    pub async fn assert_requests(&self, count: usize) {
        assert_eq!(self.requests(count).await.len(), count);
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn respond(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    response: CannedResponse,
    received: &watch::Sender<Vec<String>>,
) {
    let request = if matches!(response, CannedResponse::Close) {
        String::new()
    } else {
        read_request(&mut stream).await
    };
    received.send_modify(|received| received.push(request));
    match response {
        CannedResponse::Close => {}
        CannedResponse::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await; // the client may disconnect
            let _ = stream.shutdown().await;
        }
        CannedResponse::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0]).await; // until the client gives up
        }
    }
}

/// Reads the head and body of a request, or the start of a TLS handshake.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if read.first() == Some(&TLS_HANDSHAKE) {
            return text;
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}
