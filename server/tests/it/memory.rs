//! Limits of the memory that all clients use together: unfinished request bodies and unread responses.

use std::time::Duration;

use futures::future::{join, join_all, pending, select_all};
use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use crate::support::{FOO, Server, TIMEOUT, ask, authorization, parse};

/// The limit of all request bodies together.
const MAX_BYTES: usize = 256 << 20;
const LARGE_BYTES: usize = 6 << 20;
/// More clients than bodies fit in the limit.
const CLIENTS: usize = MAX_BYTES / LARGE_BYTES + 5;

#[tokio::test]
async fn request_bodies_share_a_bounded_memory() {
    let server = Server::start(&["--body-timeout", "10m"]);
    let body = vec![b' '; LARGE_BYTES];
    let mut clients = begin(&server, body.len() + 1).await;
    // A client exceeds the limit, and never finishes its body. The other clients wait; a reset may lose one of the
    // responses.
    let send = async |client: &mut TcpStream| {
        let _ = client.write_all(&body).await; // all but the last byte, as far as it is taken
        let mut answer = vec![0; 4096];
        let Ok(read @ 1..) = client.read(&mut answer).await else { return pending().await };
        answer.truncate(read);
        answer
    };
    let refused = timeout(TIMEOUT, select_all(clients.iter_mut().map(|client| Box::pin(send(client)))));
    let small = async {
        loop {
            let post = ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
            assert!(matches!(post.status, 200 | 201), "a small request is not refused: {post:?}");
        }
    };
    let (answer, ..) = tokio::select! {
        refused = refused => refused.expect("a client is refused"),
        () = small => unreachable!(),
    };
    let answer = parse(std::str::from_utf8(&answer).unwrap());
    assert_eq!(answer.problem(503), "Too many large requests are under way; repeat the request later");
    assert!(answer.header("retry-after").is_some());
    let max = server.memory_kib("VmHWM");
    assert!(max < 400 << 10, "{max} KiB were resident");
    drop(clients);
    server.stdout.wait_for(&[" 400 "]); // the server has noticed that they are gone
    let deadline = Instant::now() + TIMEOUT;
    while ask(server.api, "POST /messages HTTP/1.1", &body).await.status == 503 {
        assert!(Instant::now() < deadline, "the memory does not become free");
    }
}

/// When the limit is reached, none of the bodies is complete.
#[tokio::test]
async fn started_bodies_finish_beyond_the_memory_bound() {
    let server = Server::start(&["--body-timeout", "10m"]);
    let body = vec![b' '; LARGE_BYTES];
    let mut clients = begin(&server, body.len()).await;
    assert_bodies_are_read(&mut clients, &body).await;
}

/// The clients wait for the server's memory, so the body timeout must not count this time.
#[tokio::test]
async fn waiting_for_memory_does_not_count_as_body_timeout() {
    let server = Server::start(&["--body-timeout", "8s"]);
    let body = vec![b' '; LARGE_BYTES];
    let mut clients = begin(&server, body.len()).await;
    let time_is_over = sleep_until(Instant::now() + Duration::from_secs(9));
    // Sends all but one byte until the timeout has passed. Some clients use all of the memory, and the others wait.
    let send = async |client: &mut TcpStream| drop(client.write_all(&body[1..]).await);
    let waiting = join(join_all(clients.iter_mut().map(send)), time_is_over);
    timeout(TIMEOUT, waiting).await.expect("the wait for memory ends");
    let end = async |client: &mut TcpStream| {
        let mut answer = vec![0; 4096];
        let _ = client.write_all(&body[..1]).await;
        // A reset may lose one of the responses.
        let read = client.read(&mut answer).await.unwrap_or(0);
        (read > 0).then(|| parse(std::str::from_utf8(&answer[..read]).unwrap()).status)
    };
    let ended = timeout(TIMEOUT, join_all(clients.iter_mut().map(end))).await.expect("all requests end");
    assert!(ended.iter().flatten().all(|status| [400, 408, 503].contains(status)), "{ended:?}");
    let slow = ended.iter().flatten().filter(|status| **status == 408).count();
    assert!(slow <= MAX_BYTES / LARGE_BYTES + 1, "more clients timed out than fit in the memory: {ended:?}");
    assert!(ended.contains(&Some(400)), "no client that waited could finish: {ended:?}");
}

/// Starts requests whose bodies the server waits for.
async fn begin(server: &Server, bytes: usize) -> Vec<TcpStream> {
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = TcpStream::connect(server.api).await.unwrap();
        let head = format!(
            "POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: {bytes}\r\nExpect: 100-continue\r\n{}\r\n",
            authorization()
        );
        client.write_all(head.as_bytes()).await.unwrap();
        let mut wait_for_requests = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
        timeout(TIMEOUT, client.read_exact(&mut wait_for_requests)).await.expect("it is answered").unwrap();
        assert_eq!(&wait_for_requests, b"HTTP/1.1 100 Continue\r\n\r\n");
        clients.push(client);
    }
    clients
}

/// Sends this body, which is not a message, and asserts that every client gets 400.
async fn assert_bodies_are_read(clients: &mut [TcpStream], body: &[u8]) {
    let post = async |client: &mut TcpStream| {
        client.write_all(body).await.unwrap();
        let mut answer = vec![0; 4096];
        let read = client.read(&mut answer).await.unwrap();
        parse(std::str::from_utf8(&answer[..read]).unwrap()).problem(400);
    };
    timeout(TIMEOUT, join_all(clients.iter_mut().map(post))).await.expect("all clients get a response");
}

/// A response stays in memory until the client reads it. The response of a lookup can be 100 times as large as the
/// request.
#[tokio::test]
async fn unread_responses_share_a_bounded_memory() {
    let server = Server::start(&["--body-timeout", "10m"]);
    let mut digests = Vec::new();
    for letter in ["a", "b", "c", "d", "e", "f"] {
        let stored = server.client().add_message(Message::new(letter.repeat((1 << 20) - 100))).await.unwrap();
        let AddMessageResponse::Created { body, .. } = stored else { panic!("not created") };
        digests.push(body.digest);
    }
    // Makes the responses large enough that less memory is left than a page of the documentation has.
    digests.extend((0..600).map(|number| format!("{number:064x}")));
    let body = serde_json::json!({ "digests": digests }).to_string();
    let lookup = format!(
        "POST /messages/lookup HTTP/1.1\r\nHost: it\r\nContent-Length: {}\r\n{}\r\n{body}",
        body.len(),
        authorization()
    );
    let mut clients = Vec::new();
    loop {
        let client = tokio::net::TcpSocket::new_v4().unwrap();
        client.set_recv_buffer_size(4096).unwrap();
        let mut client = client.connect(server.api).await.unwrap();
        client.write_all(lookup.as_bytes()).await.unwrap();
        let mut status = [0; "HTTP/1.1 200".len()];
        timeout(TIMEOUT, client.read_exact(&mut status)).await.expect("it is answered").unwrap();
        if &status == b"HTTP/1.1 503" {
            break;
        }
        assert_eq!(&status, b"HTTP/1.1 200");
        clients.push(client);
        assert!(clients.len() < 50, "every response has 6 MiB");
    }
    // All clients share one copy of a page of the documentation.
    let page = ask(server.api, "GET /docs/swagger-ui-bundle.js HTTP/1.1", "").await;
    assert_eq!(page.status, 200);
    // Small responses are still sent, and the memory is free again after the server has given up the unread ones.
    ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await.problem(404);
    drop(clients);
    let deadline = Instant::now() + TIMEOUT;
    while ask(server.api, "POST /messages/lookup HTTP/1.1", &body).await.status == 503 {
        assert!(Instant::now() < deadline, "the memory does not become free");
    }
}

#[tokio::test]
async fn memory_store_holds_as_much_as_its_entries_take() {
    let server = Server::start_with(&["--store", "memory:4MiB", "--cache-bytes", "0"]);
    let before = server.memory_kib("VmRSS");
    let mut stored = 0;
    for batch in 0..50 {
        let texts: Vec<_> = (0..1000).map(|number| format!("{}", 100_000 + batch * 1000 + number)).collect();
        let results = crate::support::batch::add(&server.client(), &texts).await;
        stored += results.iter().filter(|result| result.created == Some(true)).count();
    }
    assert!((10_000..20_000).contains(&stored), "{stored} messages are stored");
    let grown = server.memory_kib("VmRSS") - before;
    assert!(grown < 12 << 10, "{stored} messages take {grown} KiB");
}

/// Every connection that the manifests allow has an unfinished body just small enough not to be counted, and the
/// larger bodies take all of their share.
#[tokio::test]
async fn full_server_stays_within_the_memory_of_the_manifests() {
    let settings = [
        (
            read("deploy/api.env"),
            "MESSAGE_TO_HASH_MAX_CONNECTIONS=",
            read("docker-compose.yml"),
            "memory: 1536m, pids: 1024",
        ),
        (
            read("deploy/kubernetes/deployment.yaml"),
            "MESSAGE_TO_HASH_MAX_CONNECTIONS, value: \"",
            read("deploy/kubernetes/deployment.yaml"),
            "limits: { memory: 1536Mi }",
        ),
    ];
    let mut connections = 0;
    for (options, name, limits, memory) in &settings {
        let value = options.split(name).nth(1).expect("the manifest bounds connections");
        let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
        connections = connections.max(digits.parse().expect("a number of connections"));
        assert!(limits.contains(memory), "the manifest's limit is {memory}");
    }
    rlimit::increase_nofile_limit(u64::MAX).expect("the test may open files");
    let server = Server::start(&["--body-timeout", "10m", "--max-connections", &connections.to_string()]);
    let large_body = vec![b' '; LARGE_BYTES];
    let mut large = begin(&server, large_body.len() + 1).await;
    let body = vec![b' '; 64 << 10];
    let head = format!("POST /messages HTTP/1.1\r\nHost: it\r\nContent-Length: {}\r\n\r\n", body.len() + 1);
    let mut small = Vec::new();
    for _ in large.len()..connections {
        let mut client = TcpStream::connect(server.api).await.unwrap();
        client.write_all(head.as_bytes()).await.unwrap();
        timeout(TIMEOUT, client.write_all(&body)).await.expect("the server reads").unwrap();
        small.push(client);
    }
    // One of the large bodies is refused: all of their memory is taken then.
    let send = async |client: &mut TcpStream| {
        let _ = client.write_all(&large_body).await;
        let mut answer = [0; 12];
        if !client.read_exact(&mut answer).await.is_ok_and(|read| read == answer.len()) {
            pending::<()>().await;
        }
    };
    let refused = select_all(large.iter_mut().map(|client| Box::pin(send(client))));
    timeout(TIMEOUT, refused).await.expect("a client is refused");
    let resident = server.memory_kib("VmHWM");
    assert!(resident < 1228 << 10, "{resident} KiB of the 1,536 MiB of the manifests were resident");
}

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR")))
        .expect("a file of the project")
}
