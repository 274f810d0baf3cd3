//! SIGTERM: first the server is not ready, then it refuses new connections, answers every accepted request, and exits
//! with 0.

use std::io::ErrorKind;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::support::{FOO, Server, TIMEOUT, ask, parse};

const CLIENTS: usize = 64;

/// Posts messages, each on a new connection, until the server refuses connections. Returns the number of answered
/// requests. Panics if an accepted request gets no answer.
async fn post_until_refused(address: std::net::SocketAddr, client: usize, under_way: Arc<Barrier>) -> usize {
    let mut answered = 0;
    loop {
        let mut stream = match TcpStream::connect(address).await {
            Ok(stream) => stream,
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => return answered,
            Err(error) => panic!("{error}"),
        };
        loop {
            let body = format!(r#"{{"message":"{client} {answered}"}}"#);
            let request = format!(
                "POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(request.as_bytes()).await.expect("an open connection takes a request");
            let mut answer = vec![0; 4096];
            let read = stream.read(&mut answer).await.expect("an accepted request is answered");
            assert!(read > 0, "an accepted request gets no response");
            let answer = parse(std::str::from_utf8(&answer[..read]).unwrap());
            assert_eq!(answer.status, 201, "{answer:?}");
            answered += 1;
            if answered == 10 {
                under_way.wait().await;
            }
            if answer.header("connection") == Some("close") {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_answers_every_accepted_request() {
    let mut server = Server::start(&["--shutdown-delay", "500ms", "--log-filter", "info,access=off"]);
    let under_way = Arc::new(Barrier::new(CLIENTS + 1));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(post_until_refused(server.api, client, Arc::clone(&under_way))))
        .collect();
    under_way.wait().await;
    server.terminate();
    let mut answered = 0;
    for client in clients {
        answered += client.await.unwrap();
    }
    assert!(answered >= CLIENTS * 10);
    assert_eq!(server.wait().code(), Some(0));
    server.stderr.wait_for(&["stopped"]);
}

#[tokio::test]
async fn shutdown_drops_readiness_before_refusing_connections() {
    let server = Server::start(&["--shutdown-delay", "1h"]);
    assert_eq!(ask(server.admin, "GET /ready HTTP/1.1", "").await.status, 200);
    server.terminate();
    server.stderr.wait_for(&["stopping"]);
    let ready = ask(server.admin, "GET /ready HTTP/1.1", "").await;
    assert_eq!((ready.status, ready.json()["checks"]["draining"].as_bool()), (503, Some(true)));
    assert_eq!(ask(server.admin, "GET /live HTTP/1.1", "").await.status, 200);
    let late = ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await;
    late.problem(404);
}

#[tokio::test]
async fn shutdown_waits_for_slow_requests_within_the_grace_time() {
    let mut server = Server::start(&["--shutdown-delay", "0s"]);
    let mut slow = TcpStream::connect(server.api).await.unwrap();
    slow.write_all(b"POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: 17\r\n\r\n{\"mess")
        .await
        .unwrap();
    // A later request that is answered on another connection shows that the server has read this head.
    ask(server.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    server.terminate();
    let deadline = Instant::now() + TIMEOUT;
    while TcpStream::connect(server.api).await.is_ok() {
        assert!(Instant::now() < deadline, "the server still accepts connections");
        tokio::task::yield_now().await;
    }
    slow.write_all(b"age\":\"foo\"}").await.unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert_eq!(parse(&answer).status, 201);
    assert_eq!(server.wait().code(), Some(0));
}

#[tokio::test]
async fn shutdown_ends_stuck_requests_after_the_grace_time() {
    let mut server = Server::start(&["--shutdown-delay", "0s", "--shutdown-grace", "200ms"]);
    let mut stuck = TcpStream::connect(server.api).await.unwrap();
    stuck
        .write_all(b"POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: 17\r\n\r\n{\"mess")
        .await
        .unwrap();
    ask(server.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
    server.stderr.wait_for(&["some requests were not answered"]);
    server.stdout.wait_for(&[" POST /messages - "]);
}

#[tokio::test]
async fn second_signal_exits_at_once() {
    let mut server = Server::start(&["--shutdown-delay", "1h"]);
    server.terminate();
    server.stderr.wait_for(&["stopping"]);
    // For a short time the server takes a second signal for a duplicate of the first.
    let deadline = Instant::now() + TIMEOUT;
    while server.is_running() {
        assert!(Instant::now() < deadline, "a second signal does not end the server");
        server.terminate();
    }
    assert_eq!(server.wait().code(), Some(1));
}

/// Sends the signal twice, as happens when it is sent to the process and to its group.
#[test]
fn duplicated_signal_counts_once() {
    let mut server = Server::start(&["--shutdown-delay", "1s"]);
    server.terminate();
    server.stderr.wait_for(&["stopping"]);
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
    server.stderr.wait_for(&["stopped"]);
}

#[test]
fn sigint_shuts_down_gracefully() {
    let mut server = Server::start(&["--shutdown-delay", "0s"]);
    assert!(Command::new("kill").args(["-INT", &server.pid().to_string()]).status().unwrap().success());
    assert_eq!(server.wait().code(), Some(0));
    server.stderr.wait_for(&["stopped"]);
}
