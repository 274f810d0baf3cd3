//! Blocked hashes: their messages are neither returned nor stored, and a changed list is read again.

use std::path::Path;

use serde_json::json;
use tempfile::{NamedTempFile, TempDir};
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::support::disk::DiskMount;
use crate::support::http::{delete, get, post};
use crate::support::issuer::TokenIssuer;
use crate::support::messages::digest;
use crate::support::redis::RedisServer;
use crate::support::wait::eventually;
use crate::support::{FOO, Server, TIMEOUT, ask, command};

const BLOCKED: &str = "This message is blocked here";

/// Waits until a GET of this text gets this status.
async fn wait_until(server: &Server, text: &str, status: u16) {
    let deadline = Instant::now() + TIMEOUT;
    while get(server, text).await.status != status {
        assert!(
            Instant::now() < deadline,
            "the status for {text} is never {status}: {:?}",
            server.stderr.all()
        );
        sleep(Duration::from_millis(20)).await;
    }
}

fn write(file: &Path, lines: &[&str]) {
    // Writes another file and renames it, so that the server never reads half a list.
    let new = file.with_extension("new");
    std::fs::write(&new, lines.join("\n")).unwrap();
    std::fs::rename(new, file).unwrap();
}

#[tokio::test]
async fn blocked_message_is_451_for_get_and_post() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("blocked");
    write(&file, &["# by order 7", &digest("bad")]);
    let server = Server::start(&["--blocked-hashes-file", file.to_str().unwrap()]);
    assert_eq!(post(&server, "bad").await.problem(451), BLOCKED);
    assert_eq!(
        get(&server, "bad").await.problem(451),
        BLOCKED,
        "the status does not tell whether the message is stored"
    );
    assert_eq!(get(&server, "bad").await.header("cache-control"), Some("no-store"));

    let item =
        |text: &str| json!({ "digest": digest(text), "problem": { "status": 451, "detail": BLOCKED } });
    let batch =
        ask(server.api, "POST /messages/batch HTTP/1.1", r#"{"messages":["good","bad"]}"#).await.json();
    assert_eq!(batch["results"], json!([{ "digest": digest("good"), "created": true }, item("bad")]));
    let digests = json!({ "digests": [digest("bad"), digest("good")] }).to_string();
    let lookup = async || ask(server.api, "POST /messages/lookup HTTP/1.1", &digests).await.json();
    let good = json!({ "digest": digest("good"), "message": "good" });
    assert_eq!(lookup().await["results"], json!([item("bad"), good]));

    // The server stops returning a stored and cached message when it is blocked.
    assert_eq!(get(&server, "good").await.status, 200);
    write(&file, &[&digest("good").to_uppercase()]);
    wait_until(&server, "good", 451).await;
    for method in ["GET", "HEAD"] {
        let tag = digest("good");
        let known = format!("{method} /messages/{tag} HTTP/1.1\r\nIf-None-Match: \"{tag}\"");
        assert_eq!(ask(server.api, &known, "").await.status, 451);
    }
    assert_eq!(lookup().await["results"][1], item("good"));
    assert_eq!(get(&server, "bad").await.status, 404, "no message of the batch was stored");
    assert_eq!(post(&server, "bad").await.status, 201);
    write(&file, &[]);
    wait_until(&server, "good", 200).await;
}

#[tokio::test]
async fn unreadable_block_list_keeps_the_last_one() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("blocked");
    write(&file, &[&digest("foo")]);
    let server = Server::start(&["--blocked-hashes-file", file.to_str().unwrap()]);
    server.stderr.wait_for(&["INFO", "hashes that are blocked: 1"]);
    let complaints = || server.stderr.all().iter().filter(|line| line.contains("stays blocked")).count();
    post(&server, "bar").await;

    std::fs::remove_file(&file).unwrap();
    let line = server.stderr.wait_for(&["--blocked-hashes-file: cannot read"]);
    assert!(line.contains("what was read before stays blocked"), "{line}");
    assert_eq!(get(&server, "foo").await.status, 451);

    // Every new version of the file with a mistake is reported once, even if the mistake is the same.
    for number in 2..4 {
        write(&file, &["no hash", &digest("bar")]);
        eventually("the mistake is logged", || complaints() == number);
        assert!(server.stderr.all().iter().any(|line| line.contains("line 1")));
    }
    assert_eq!((get(&server, "foo").await.status, get(&server, "bar").await.status), (451, 200));

    write(&file, &[&digest("bar")]);
    wait_until(&server, "bar", 451).await;
    assert_eq!(get(&server, "foo").await.status, 404);
    write(&file, &[&digest("bar"), "no hash"]);
    server.stderr.wait_for(&["line 2", "stays blocked"]);
    std::fs::remove_file(&file).unwrap();
    eventually("the missing file is logged", || complaints() == 5);
    assert_eq!(get(&server, "bar").await.status, 451);
    // The missing file is reported once, however often the server looks for it. The test waits, because no event
    // follows.
    sleep(Duration::from_millis(2500)).await;
    assert_eq!(complaints(), 5);
    write(&file, &[]);
    wait_until(&server, "bar", 200).await;
    assert_eq!(complaints(), 5);
    server.stderr.wait_for(&["WARN", "nothing is blocked any more"]);
}

/// Reading a pipe would wait for its writer forever, and reading a huge file would need its size in memory.
#[tokio::test]
async fn block_list_that_is_not_a_regular_file_is_not_read() {
    let folder = TempDir::new().unwrap();
    let (file, other) = (folder.path().join("blocked"), folder.path().join("other"));
    write(&file, &[&digest("foo")]);
    let server = Server::start(&["--blocked-hashes-file", file.to_str().unwrap()]);
    assert!(std::process::Command::new("mkfifo").arg(&other).status().unwrap().success());
    std::fs::rename(&other, &file).unwrap();
    server.stderr.wait_for(&["ERROR", "is not a regular file; what was read before stays blocked"]);
    std::fs::File::create(&other).unwrap().set_len(400 << 30).unwrap();
    std::fs::rename(&other, &file).unwrap();
    server.stderr.wait_for(&["ERROR", "has more than 268435456 bytes"]);
    assert_eq!(get(&server, "foo").await.status, 451);
    write(&file, &[&digest("bar")]);
    wait_until(&server, "bar", 451).await;
}

#[tokio::test]
async fn block_list_on_a_hung_disk_keeps_the_last_one() {
    let folder = TempDir::new().unwrap();
    let (file, other) = (folder.path().join("blocked"), folder.path().join("other"));
    let start = || {
        write(&file, &[&digest("foo")]);
        Server::start(&["--blocked-hashes-file", file.to_str().unwrap(), "--shutdown-delay", "0s"])
    };
    let hang = |server: &Server| {
        let (mount, device) = DiskMount::hung();
        std::os::unix::fs::symlink(mount.join("blocked"), &other).unwrap();
        std::fs::rename(&other, &file).unwrap();
        server.stderr.wait_for(&["ERROR", "has not been read for 5s; what was read before stays blocked"]);
        (mount, device)
    };
    let server = start();
    let (_mount, device) = hang(&server);
    assert_eq!(get(&server, "foo").await.status, 451);
    drop(device);
    server.stderr.wait_for(&["INFO", "has answered"]);
    server.stderr.wait_for(&["ERROR", "cannot read"]);
    write(&file, &[&digest("bar")]);
    wait_until(&server, "bar", 451).await;
    drop(server); // two that look for one name wait for each other

    let mut server = start();
    let _hung = hang(&server);
    server.terminate();
    assert!(server.wait().success(), "the server stops although the read hangs");
}

#[tokio::test]
async fn message_blocked_during_a_read_is_not_returned() {
    let (redis, file) = (RedisServer::start(""), NamedTempFile::new().unwrap());
    let patient = ["--redis-command-timeout", "60s", "--store-timeout", "60s", "--cache-bytes", "0"];
    let blocks = ["--blocked-hashes-file", file.path().to_str().unwrap(), "--store", &redis.url()];
    let server = Server::start(&[&patient[..], &blocks[..]].concat());
    assert_eq!(post(&server, "foo").await.status, 201);
    redis.pause();
    let digests = json!({ "digests": [digest("foo")] }).to_string();
    let lookup = ask(server.api, "POST /messages/lookup HTTP/1.1", &digests);
    let block = async {
        let metrics = async || ask(server.admin, "GET /metrics HTTP/1.1", "").await.body;
        while !metrics().await.contains("requests_in_flight 2\n") {
            sleep(Duration::from_millis(20)).await;
        }
        std::fs::write(file.path(), digest("foo")).unwrap();
        server.stderr.wait_for(&["hashes that are blocked: 1"]);
        redis.resume();
    };
    let all = async { tokio::join!(get(&server, "foo"), lookup, block) };
    let (got, looked_up, ()) = timeout(TIMEOUT, all).await.expect("both requests get a response");
    assert_eq!(got.problem(451), BLOCKED);
    assert_eq!(looked_up.json()["results"][0]["problem"]["status"], 451);
}

#[test]
fn invalid_block_list_is_refused_at_start() {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("# comment\n{FOO}\nfoo\n")).unwrap();
    let path = file.path().to_str().unwrap();
    for (given, reason) in
        [(path, format!("{path}, line 3:")), ("/no/such", "cannot read /no/such".to_owned())]
    {
        let refused = Server::spawn(&mut command(&["--blocked-hashes-file", given]));
        let (status, stderr) = refused.err().expect("the server refuses to start");
        assert_eq!(status.code(), Some(2));
        assert!(stderr.contains(&reason), "{stderr}");
    }
    for (given, reason) in [("0s", "1s to 365d"), ("soon", "500ms, 10s or 2m")] {
        let refused = Server::spawn(&mut command(&["--delete-within", given]));
        assert!(refused.err().expect("the server refuses to start").1.contains(reason));
    }
}

#[tokio::test]
async fn blocked_message_can_be_deleted() {
    let (issuer, folder) = (TokenIssuer::new(), TempDir::new().unwrap());
    let file = folder.path().join("blocked");
    write(&file, &[]);
    let server = Server::start(&issuer.options(&[
        "--identity-anonymous",
        "all",
        "--blocked-hashes-file",
        file.to_str().unwrap(),
    ]));
    post(&server, "foo").await;
    write(&file, &[FOO]);
    wait_until(&server, "foo", 451).await;
    assert_eq!(delete(&server, FOO, Some(&issuer.token("messages:delete"))).await.status, 204);
    write(&file, &[]);
    wait_until(&server, "foo", 404).await;
}
