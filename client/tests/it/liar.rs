//! A server that answers as it is told, one connection for each request, and counts them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a client begins with that wants TLS.
const TLS: u8 = 0x16;

/// What becomes of one request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, and then the connection is closed.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing for ever.
    Stall(Vec<u8>),
    /// The connection is closed before anything is read.
    Close,
}

/// An answer with this status, headers and JSON body.
pub fn answer(status: &str, headers: &str, body: &str) -> Answer {
    let kind = if status.starts_with('2') { "application/json" } else { "application/problem+json" };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {length}");
    Answer::Bytes(format!("{head}\r\n{headers}\r\n{body}").into_bytes())
}

/// The answer to a `GET`.
pub fn found(message: &str) -> Answer {
    let headers = "ETag: \"x\"\r\nCache-Control: public\r\n";
    answer("200 OK", headers, &serde_json::json!({ "message": message }).to_string())
}

/// The answer to a `POST`.
pub fn acknowledged(digest: &str) -> Answer {
    answer("200 OK", "", &serde_json::json!({ "digest": digest }).to_string())
}

/// A problem with what the service says about it.
pub fn problem(status: u16, headers: &str, detail: &str) -> Answer {
    let body = serde_json::json!({
        "type": "about:blank", "title": "Title", "status": status, "detail": detail, "err_msg": detail,
    });
    answer(&format!("{status} Title"), headers, &body.to_string())
}

/// The server: its n-th request gets the n-th answer, and all further ones the last.
pub struct Liar {
    pub address: SocketAddr,
    requests: watch::Receiver<Vec<String>>,
    accepting: JoinHandle<()>,
}

impl Liar {
    pub async fn start(answers: &[Answer]) -> Self {
        Self::start_with(answers, None).await
    }

    pub async fn start_with(answers: &[Answer], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, requests) = watch::channel(Vec::new());
        let (seen, answers) = (Arc::new(seen), answers.to_vec());
        let accepting = tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let answer = answers[number.min(answers.len() - 1)].clone();
                let (seen, tls) = (Arc::clone(&seen), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => converse(stream, answer, &seen).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => converse(stream, answer, &seen).await,
                            Err(error) => seen.send_modify(|seen| seen.push(error.to_string())),
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

    /// The requests so far, once there are so many of them.
    pub async fn requests(&self, number: usize) -> Vec<String> {
        let mut requests = self.requests.clone();
        let enough = requests.wait_for(|seen| seen.len() >= number);
        timeout(PATIENCE, enough).await.unwrap_or_else(|_| panic!("no {number} requests")).unwrap().clone()
    }

    /// Asserts how many requests there were.
    pub async fn assert_requests(&self, number: usize) {
        assert_eq!(self.requests(number).await.len(), number);
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: Answer,
    seen: &watch::Sender<Vec<String>>,
) {
    let request = if matches!(answer, Answer::Close) { String::new() } else { read(&mut stream).await };
    seen.send_modify(|seen| seen.push(request));
    match answer {
        Answer::Close => {}
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await; // a client may go away
            let _ = stream.shutdown().await;
        }
        Answer::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0]).await; // until the client gives up
        }
    }
}

/// Head and body of a request.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if read.first() == Some(&TLS) {
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
