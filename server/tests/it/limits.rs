//! Limits for one client: size, time and connections. Other clients are served as before.

use std::process::Stdio;
use std::time::Duration;

use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::support::{FOO, Server, TIMEOUT, ask, authorization, command, parse, raw};

const LARGE: usize = 300 << 20;
/// Shorter than the default timeouts, so that an option without effect fails its test.
const SOON: Duration = Duration::from_secs(TIMEOUT.as_secs() / 2);

/// Asserts that the server never used much memory.
fn assert_small(server: &Server) {
    let max = server.memory_kib("VmHWM");
    assert!(max < 64 << 10, "{max} KiB were resident");
}

#[tokio::test]
async fn chunked_300_mb_upload_is_413_for_curl() {
    let server = Server::start(&[]);
    let mut curl = Command::new("curl")
        .args(["-sS", "-i", "-T", "-", "-X", "POST", "-H", "Content-Type: application/json"])
        .arg(format!("{}/messages", server.url()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("curl runs");
    let mut upload = curl.stdin.take().unwrap();
    let feed = tokio::spawn(async move {
        let part = vec![b' '; 1 << 20];
        for _ in 0..LARGE / part.len() {
            if upload.write_all(&part).await.is_err() {
                return; // curl has its answer
            }
        }
    });
    let output = timeout(TIMEOUT, curl.wait_with_output()).await.expect("curl ends").unwrap();
    feed.abort();
    let answer = String::from_utf8(output.stdout).unwrap();
    let answer = answer.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&answer);
    assert!(!answer.is_empty(), "curl: {}", String::from_utf8_lossy(&output.stderr));
    parse(answer).problem(413);
    assert_small(&server);
}

#[tokio::test]
async fn upload_of_300_mb_is_413_for_the_generated_client() {
    let server = Server::start(&[]);
    let refused = server.client().add_message(Message::new("x".repeat(LARGE))).await.unwrap();
    assert!(matches!(refused, AddMessageResponse::ContentTooLarge { .. }), "{refused:?}");
    assert_small(&server);
}

/// Python's client reads only after it has sent the whole body. A reset by the server would lose the response.
#[tokio::test]
async fn client_that_writes_before_reading_gets_its_413() {
    let server = Server::start(&[]);
    let program = format!(
        "import http.client\n\
         c = http.client.HTTPConnection('{}')\n\
         c.request('POST', '/messages', body=iter([b' ' * 65536] * 256), encode_chunked=True,\n\
         headers={{'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked'}})\n\
         print(c.getresponse().status)",
        server.api
    );
    let output = Command::new("python3").args(["-c", &program]).output().await.expect("python3 runs");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "413\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn announced_oversized_body_is_refused_before_it_is_sent() {
    let server = Server::start(&[]);
    let head =
        "POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: 999999999\r\nExpect: 100-continue\r\n\r\n";
    let answer = parse(&raw(server.api, head).await);
    answer.problem(413);
    assert_eq!(answer.header("connection"), Some("close"));
}

#[tokio::test]
async fn slow_request_head_closes_its_connection_only() {
    let server = Server::start(&["--header-timeout", "300ms"]);
    let mut slow = TcpStream::connect(server.api).await.unwrap();
    slow.write_all(b"GET /messages/aa HTTP/1.1\r\nX-Sl").await.unwrap();
    ask(server.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    let mut rest = String::new();
    timeout(SOON, slow.read_to_string(&mut rest))
        .await
        .expect("the server closes the slow connection")
        .unwrap();
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 4"), "{rest}");
}

#[tokio::test]
async fn idle_connection_is_closed() {
    let server = Server::start(&["--header-timeout", "300ms"]);
    let request = "GET /messages/aa HTTP/1.1\r\nHost: it\r\n\r\n";
    // `raw` returns when the server closes the connection.
    parse(&timeout(SOON, raw(server.api, request)).await.expect("the server closes the connection"))
        .problem(404);
}

#[tokio::test]
async fn slow_request_body_is_408() {
    let server = Server::start(&["--body-timeout", "300ms"]);
    let mut slow = TcpStream::connect(server.api).await.unwrap();
    slow.write_all(b"POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: 17\r\n\r\n{\"mess")
        .await
        .unwrap();
    ask(server.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    let mut answer = vec![0; 4096];
    let read = timeout(SOON, slow.read(&mut answer)).await.expect("it is answered").unwrap();
    let answer = parse(std::str::from_utf8(&answer[..read]).unwrap());
    assert_eq!(answer.problem(408), "The request body did not arrive in time");
    assert_eq!(answer.header("connection"), Some("close"));
}

#[tokio::test]
async fn client_that_does_not_read_is_disconnected() {
    let server = Server::start(&["--body-timeout", "300ms", "--max-connections", "1"]);
    let text = "x".repeat(1 << 20);
    let AddMessageResponse::Created { body, .. } =
        server.client().add_message(Message::new(text)).await.unwrap()
    else {
        panic!("not created")
    };
    let stuck = tokio::net::TcpSocket::new_v4().unwrap();
    stuck.set_recv_buffer_size(4096).unwrap();
    let mut stuck = stuck.connect(server.api).await.unwrap();
    let request = format!("GET /messages/{} HTTP/1.1\r\nHost: it\r\n\r\n", body.digest);
    stuck.write_all(request.repeat(8).as_bytes()).await.unwrap();
    server.stdout.wait_for(&[&body.digest, " 200 "]);
    // The server allows one connection, which is free again after the server has closed the stuck one.
    let next = timeout(SOON, ask(server.api, "GET /messages/aa HTTP/1.1", ""));
    next.await.expect("the server closes the slow connection").problem(404);
}

#[tokio::test]
async fn connection_beyond_the_limit_waits() {
    let server = Server::start(&["--max-connections", "2"]);
    let request = b"GET /messages/aa HTTP/1.1\r\nHost: it\r\n\r\n";
    let mut answer = [0; 64];
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut connection = TcpStream::connect(server.api).await.unwrap();
        connection.write_all(request).await.unwrap();
        assert!(connection.read(&mut answer).await.unwrap() > 0);
        open.push(connection);
    }
    let mut third = TcpStream::connect(server.api).await.unwrap();
    third.write_all(request).await.unwrap();
    let early = timeout(Duration::from_millis(300), third.read(&mut answer)).await;
    assert!(early.is_err(), "a third connection is served while two are open: {early:?}");
    open.pop();
    let length =
        timeout(TIMEOUT, third.read(&mut answer)).await.expect("the third connection is served").unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 404"));
}

#[tokio::test]
async fn connection_stays_open_after_a_client_error() {
    let server = Server::start(&[]);
    let two = format!(
        "POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: 2\r\n\r\n{{}}\
         GET /messages/{FOO} HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n"
    );
    let answers = raw(server.api, two).await;
    let (first, second) = answers.split_at(answers.rfind("HTTP/1.1").unwrap());
    parse(first.trim_end()).problem(400);
    parse(second).problem(404);
}

#[tokio::test]
async fn invalid_http_is_refused() {
    let server = Server::start(&[]);
    let broken: [&[u8]; 5] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET /messages/aa HTTP/1.1\r\nHost: it\r\nBad Header: x\r\n\r\n",
        b"POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /messages HTTP/1.1\r\nHost: it\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
    ];
    for request in broken {
        assert!(raw(server.api, request).await.starts_with("HTTP/1.1 400"), "{request:?}");
    }
    let large = format!("GET /messages/aa HTTP/1.1\r\nHost: it\r\nX-Large: {}\r\n\r\n", "x".repeat(1 << 20));
    let mut stream = TcpStream::connect(server.api).await.unwrap();
    let _ = stream.write_all(large.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    ask(server.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
}

#[tokio::test]
async fn request_head_above_64_kib_is_refused() {
    let server = Server::start(&[]);
    let head = |bytes: usize| {
        let padding = "x".repeat(bytes);
        format!(
            "GET /messages/{FOO} HTTP/1.1\r\nHost: it\r\nConnection: close\r\nX-Large: {padding}\r\n{}\r\n",
            authorization()
        )
    };
    parse(&raw(server.api, head(60 << 10)).await).problem(404);
    let mut stream = TcpStream::connect(server.api).await.unwrap();
    // Sends only as much as the server reads, so that no reset loses the response.
    stream.write_all(&head(70 << 10).as_bytes()[..64 << 10]).await.unwrap();
    let mut answer = String::new();
    timeout(TIMEOUT, stream.read_to_string(&mut answer)).await.expect("it is answered").unwrap();
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    // A head that arrives at once is refused, too, but a reset may lose the response.
    let mut stream = TcpStream::connect(server.api).await.unwrap();
    let _ = stream.write_all(head(70 << 10).as_bytes()).await;
    let mut answer = Vec::new();
    let _ =
        timeout(TIMEOUT, stream.read_to_end(&mut answer)).await.expect("the server closes the connection");
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn request_head_above_100_lines_is_refused() {
    let server = Server::start(&[]);
    let head = |lines: usize| {
        let line = authorization();
        let more = "X-More: x\r\n".repeat(lines - 2 - line.lines().count());
        format!("GET /messages/{FOO} HTTP/1.1\r\nHost: it\r\nConnection: close\r\n{line}{more}\r\n")
    };
    parse(&raw(server.api, head(100)).await).problem(404);
    let answer = raw(server.api, head(101)).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn http_2_preface_is_refused_without_an_answer() {
    let server = Server::start(&[]);
    assert_eq!(raw(server.api, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, "");
    server.stderr.wait_for(&["sent an invalid request"]);
}

#[tokio::test]
async fn ambiguous_framing_is_refused() {
    let server = Server::start(&[]);
    let of = |version: &str, lines: &str| {
        format!("GET /messages/{FOO} {version}\r\nConnection: close\r\n{lines}{}\r\n", authorization())
    };
    for (version, lines, status) in [
        ("HTTP/1.1", "Host: it\r\n", 404),
        ("HTTP/1.1", "Host: [::1]:80\r\n", 404),
        ("HTTP/1.1", "Host:\r\n", 404),
        ("HTTP/1.0", "", 404),
        ("HTTP/1.1", "", 400),
        ("HTTP/1.1", "Host: it\r\nHost: it\r\n", 400),
        ("HTTP/1.0", "Host: it\r\nHost: it\r\n", 400),
        ("HTTP/1.1", "Host: a b\r\n", 400),
        ("HTTP/1.1", "Host: a/b\r\n", 400),
        ("HTTP/1.1", "Host: it\r\nTransfer-Encoding: gzip, chunked\r\n", 501),
        ("HTTP/1.1", "Host: it\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 501),
    ] {
        parse(&raw(server.api, of(version, lines)).await).problem(status);
    }
}

/// The store needs file descriptors more than connections do: without them it cannot store messages.
#[tokio::test]
async fn connections_leave_file_descriptors_to_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = format!("file:{}", folder.path().join("data").display());
    let server = command(&["--store", &store]);
    let mut limited = std::process::Command::new("/usr/bin/prlimit");
    limited.arg("--nofile=80:80").arg(server.get_program()).args(server.get_args());
    limited.env_clear().env("MESSAGE_TO_HASH_STORE_MIN_FREE", "0");
    let server = Server::spawn(&mut limited).unwrap();
    server.stderr.wait_for(&["40 connections at a time", "limit of open files is 80"]);
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(TcpStream::connect(server.api).await.unwrap());
    }
    let large = serde_json::json!({ "message": "x".repeat(1 << 20) }).to_string();
    let post = format!(
        "POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: {}\r\n{}\r\n{large}",
        large.len(),
        authorization()
    );
    let mut answer = [0; 12];
    idle[0].write_all(post.as_bytes()).await.unwrap();
    timeout(TIMEOUT, idle[0].read_exact(&mut answer)).await.expect("it is answered").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201");
}
