//! Redis is slow, disconnected, paused, full, read-only or sends wrong data: the store never returns a wrong message
//! and recovers without a restart.

use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use message_to_hash::message::MessageHash;
use message_to_hash::store::{Put, StoreError};

use crate::support::ports::free_port;
use crate::support::redis::proxy::{FAIR, Proxy, ROUGH, SILENT};
use crate::support::redis::tls::{PASSWORD, Tls};
use crate::support::redis::{RedisServer, Sentinel};
use crate::support::store::{
    MAX_REQUEST_TIME, SHORT_TIMEOUTS, get, message, open_store, put, put_until_acknowledged,
    wait_until_not_ready, wait_until_ready,
};
use crate::support::wait::eventually;
use crate::support::{FOO, Server, ask};

#[tokio::test(flavor = "multi_thread")]
async fn unreliable_network_loses_and_corrupts_nothing() {
    let server = RedisServer::start("");
    let proxy = Proxy::start(server.port);
    let store = open_store(&proxy.url(), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    proxy.set_mode(ROUGH);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let mut failures = 0;
    let clients = (0..32).map(|client| {
        let (store, acknowledged) = (Arc::clone(&store), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            let mut failures = 0;
            for turn in 0..60 {
                // Texts have many sizes, so that a piece of the network stream can contain the end of one reply and the
                // beginning of the next.
                let text = format!("{client}: {turn} {}", "x".repeat(fastrand::usize(0..2000)));
                let stored = put(&*store, &text).await;
                match get(&*store, &text).await {
                    Ok(Some(got)) => assert!(got.as_str() == text),
                    Ok(None) => assert!(stored.is_err(), "acknowledged and missing"),
                    Err(StoreError::Unavailable(_)) => failures += 1,
                    Err(error) => panic!("{error}"),
                }
                match stored {
                    Ok(_) => acknowledged.lock().unwrap().push(text),
                    Err(StoreError::Unavailable(_)) => failures += 1,
                    Err(error) => panic!("{error}"),
                }
            }
            failures
        })
    });
    for client in clients.collect::<Vec<_>>() {
        failures += client.await.unwrap();
    }
    proxy.set_mode(FAIR);
    wait_until_ready(&*store).await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    println!("{} cuts, {} acknowledged, {failures} failed", proxy.cuts(), acknowledged.len());
    assert!(proxy.cuts() > 10 && acknowledged.len() > 100);
    for text in acknowledged {
        assert_eq!(get(&*store, &text).await.unwrap().unwrap().as_str(), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connection_times_out_and_is_replaced() {
    let server = RedisServer::start("");
    let proxy = Proxy::start(server.port);
    let store = open_store(&proxy.url(), &SHORT_TIMEOUTS).await;
    put(&*store, "foo").await.unwrap();
    proxy.set_mode(SILENT);
    let clients = (0..64).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            assert!(matches!(put(&*store, &number.to_string()).await, Err(StoreError::Unavailable(_))));
            assert!(matches!(get(&*store, "foo").await, Err(StoreError::Unavailable(_))));
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    proxy.set_mode(FAIR);
    wait_until_ready(&*store).await;
    assert_eq!(get(&*store, "foo").await.unwrap().unwrap().as_str(), "foo");
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_idle_connection_is_not_a_failure() {
    let server = RedisServer::start("");
    let store = open_store(&server.url(), &SHORT_TIMEOUTS).await;
    for round in 0..10 {
        assert_eq!(put(&*store, &round.to_string()).await.unwrap(), Put::Created);
        server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_redis_leaves_cached_reads_and_503_in_time() {
    let redis = RedisServer::start("");
    let server = Server::start_with(&[&["--store", &redis.url()], &SHORT_TIMEOUTS[..]].concat());
    let post = async |text: &str| {
        let begun = Instant::now();
        let head = "POST /messages HTTP/1.1\r\nContent-Type: application/json";
        let answer = ask(server.api, head, format!("{{\"message\":\"{text}\"}}")).await;
        assert!(begun.elapsed() < MAX_REQUEST_TIME);
        answer
    };
    let get = async |hash: &str| {
        let begun = Instant::now();
        let answer = ask(server.api, &format!("GET /messages/{hash} HTTP/1.1"), "").await;
        assert!(begun.elapsed() < MAX_REQUEST_TIME);
        answer
    };
    let admin = async |path: &str| ask(server.admin, &format!("GET {path} HTTP/1.1"), "").await.status;
    assert_eq!(post("foo").await.status, 201);
    redis.pause();
    for _ in 0..3 {
        assert_eq!(get(FOO).await.status, 200);
        let refused = post("bar").await;
        refused.problem(503);
        assert!(refused.header("retry-after").is_some());
        assert_eq!(get(&MessageHash::of(b"bar").to_hex()).await.status, 503);
        assert_eq!((admin("/ready").await, admin("/live").await), (503, 200));
    }
    redis.resume();
    let deadline = Instant::now() + crate::support::wait::FAILOVER_TIMEOUT;
    while admin("/ready").await != 200 {
        assert!(Instant::now() < deadline, "the server does not become ready");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!([200, 201].contains(&post("bar").await.status), "an unacknowledged message may be stored");
    assert_eq!(get(&MessageHash::of(b"bar").to_hex()).await.status, 200);
}

#[test]
fn redis_outage_is_logged_without_any_request() {
    let port = free_port();
    let url = format!("redis://127.0.0.1:{port}");
    let server = Server::start_with(&["--store", &url]);
    server.stderr.wait_for(&["WARN", "the store is not available"]);
    let _redis = RedisServer::start_on(port, "");
    server.stderr.wait_for(&["INFO", "the store works again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn demoted_primary_is_not_ready_until_promoted() {
    let server = RedisServer::start("");
    let store = open_store(&server.url(), &SHORT_TIMEOUTS).await;
    put(&*store, "foo").await.unwrap();
    server.cli(&["REPLICAOF", "127.0.0.1", &free_port().to_string()]);
    assert!(wait_until_not_ready(&*store).await.contains("replica"));
    let refused = put(&*store, "bar").await.unwrap_err().to_string();
    assert!(refused.contains("replica"), "{refused}");
    server.cli(&["REPLICAOF", "NO", "ONE"]);
    wait_until_ready(&*store).await;
    assert_eq!(put(&*store, "bar").await.unwrap(), Put::Created);
}

#[tokio::test(flavor = "multi_thread")]
async fn unconfirmed_message_is_not_acknowledged_even_if_stored() {
    let primary = RedisServer::start("");
    let store =
        open_store(&primary.url(), &[&SHORT_TIMEOUTS[..], &["--redis-min-replicas", "1"]].concat()).await;
    assert!(wait_until_not_ready(&*store).await.contains("0 replicas"));
    // On a loaded machine a write may time out behind the readiness probe, which waits for the replica too.
    let unconfirmed = |put| {
        let reasons = ["0 of 1 replicas", "replicas confirmed nothing within"];
        matches!(put, Err(StoreError::Unavailable(text)) if reasons.iter().any(|reason| text.contains(reason)))
    };
    assert!(unconfirmed(put(&*store, "foo").await));
    let replica = RedisServer::start(&format!("replicaof 127.0.0.1 {}", primary.port));
    wait_until_ready(&*store).await;
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    assert_eq!(put_until_acknowledged(&*store, "foo").await, Put::AlreadyStored);
    replica.pause();
    assert!(unconfirmed(put(&*store, "new").await));
    assert!(unconfirmed(put(&*store, "new").await), "only the primary has the message");
    let large = put(&*store, &"x".repeat(1 << 20)).await;
    replica.resume();
    assert!(unconfirmed(large));
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    assert_eq!(put_until_acknowledged(&*store, "new").await, Put::AlreadyStored);
    let new = MessageHash::of(b"new");
    let on_replica = || replica.cli(&["EXISTS", &format!("m:{new}")]);
    assert_eq!(on_replica(), "1");

    replica.pause();
    let unconfirmed =
        |deleted| matches!(deleted, Err(StoreError::Unavailable(text)) if text.contains("confirmed"));
    assert!(unconfirmed(store.delete(new).await));
    assert!(unconfirmed(store.delete(new).await), "the replica still has the message");
    replica.resume();
    eventually("the replica is up to date", || primary.online_replicas() == 1);
    wait_until_ready(&*store).await;
    store.delete(new).await.unwrap();
    assert_eq!(on_replica(), "0");
    store.delete(new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn full_redis_refuses_writes_and_serves_reads() {
    let server = RedisServer::start("maxmemory 3mb\nmaxmemory-policy noeviction");
    let store = open_store(&server.url(), &[]).await;
    put(&*store, "foo").await.unwrap();
    let mut filled = Ok(Put::Created);
    for number in 0..100 {
        filled = put(&*store, &format!("{number}{}", "x".repeat(100 << 10))).await;
        if filled.is_err() {
            break;
        }
    }
    assert!(matches!(filled, Err(StoreError::Full(text)) if text.contains("OOM")));
    assert_eq!(get(&*store, "foo").await.unwrap().unwrap().as_str(), "foo");
    store.ready().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_login_is_logged_without_the_password() {
    let server = RedisServer::start("maxclients 20");
    let hog: Vec<_> = (0..40).map_while(|_| TcpStream::connect(("127.0.0.1", server.port)).ok()).collect();
    let store = open_store(&server.url(), &SHORT_TIMEOUTS).await;
    assert!(wait_until_not_ready(&*store).await.contains("Redis at 127.0.0.1"));
    drop(hog);
    wait_until_ready(&*store).await;

    let tls = Tls::start();
    let ca = tls.ca();
    let wrong = format!("rediss://app:hunter2@127.0.0.1:{}", tls.server.port);
    let reason = wait_until_not_ready(&*open_store(&wrong, &["--redis-ca-file", &ca]).await).await;
    assert!(reason.contains("password") && !reason.contains("hunter2"), "{reason}");
    let nobody = format!("rediss://127.0.0.1:{}", tls.server.port);
    let reason = wait_until_not_ready(&*open_store(&nobody, &["--redis-ca-file", &ca]).await).await;
    assert!(reason.contains("NOAUTH"), "{reason}");
    let reason = wait_until_not_ready(&*open_store(&Tls::url("rediss", tls.server.port), &[]).await).await;
    assert!(reason.contains("certificate") && !reason.contains(PASSWORD), "{reason}");
    let reason =
        wait_until_not_ready(&*open_store(&wrong.replace("rediss", "redis"), &SHORT_TIMEOUTS).await).await;
    assert!(!reason.contains("hunter2"), "{reason}");
    let not_allowed = ["--redis-ca-file", &ca, "--redis-key-prefix", "other:"];
    let store = open_store(&Tls::url("rediss", tls.server.port), &not_allowed).await;
    let error = put(&*store, "foo").await.unwrap_err().to_string();
    assert!(error.contains("NOPERM"), "{error}");
    assert!(wait_until_not_ready(&*store).await.contains("NOPERM"));
}

#[tokio::test(flavor = "multi_thread")]
async fn loading_redis_is_not_ready() {
    let mut server = RedisServer::start("key-load-delay 10000\nloading-process-events-interval-bytes 1024");
    let store = open_store(&server.url(), &[]).await;
    put(&*store, "foo").await.unwrap();
    server.cli(&["DEBUG", "POPULATE", "300", "other", "100"]);
    assert_eq!(server.cli(&["SAVE"]), "OK");
    server.kill();
    server.start_again();
    let deadline = Instant::now() + crate::support::wait::FAILOVER_TIMEOUT;
    while !wait_until_not_ready(&*store).await.contains("still loading") {
        assert!(Instant::now() < deadline, "the server is ready although Redis loads");
    }
    wait_until_ready(&*store).await;
    assert!(get(&*store, "foo").await.unwrap().is_some());
}

#[test]
fn password_file_is_read_without_its_line_end() {
    let tls = Tls::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{PASSWORD}\n")).unwrap();
    let url = format!("rediss://app@127.0.0.1:{}", tls.server.port);
    let (ca, file) = (tls.ca(), file.path().display().to_string());
    let server =
        Server::start_with(&["--store", &url, "--redis-ca-file", &ca, "--redis-password-file", &file]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    eventually("the server is ready", || {
        runtime.block_on(ask(server.admin, "GET /ready HTTP/1.1", "")).status == 200
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn lagging_replica_causes_no_false_404() {
    let sentinel = Sentinel::start("replica-read-only no");
    let writer = open_store(&sentinel.url(), &[]).await;
    let reader =
        open_store(&sentinel.url(), &[&SHORT_TIMEOUTS[..], &["--redis-read-from", "replica"]].concat()).await;
    wait_until_ready(&*reader).await;
    let replicas: Vec<_> = sentinel.nodes.iter().filter(|node| !node.is_primary()).collect();
    for number in 0..20 {
        let text = number.to_string();
        put(&*writer, &text).await.unwrap();
        // Deletes the message on the replicas, as if replication had not delivered it yet.
        let key = format!("m:{}", message(&text).0);
        for replica in &replicas {
            eventually("the replica has the message", || replica.cli(&["DEL", &key]) == "1");
        }
        assert_eq!(get(&*reader, &text).await.unwrap().unwrap().as_str(), text);
    }
    for replica in &replicas {
        replica.pause();
    }
    put(&*writer, "foo").await.unwrap();
    assert_eq!(get(&*reader, "foo").await.unwrap().unwrap().as_str(), "foo");
    for replica in &replicas {
        replica.resume();
    }
}
