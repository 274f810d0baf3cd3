//! Standard streams that are closed, full, or opened for the wrong direction: every command reports an error.

use std::process::Output;

use tempfile::TempDir;

use crate::support::program::{out, shell};
use crate::support::{EMPTY, FOO, Server, ask};

/// Asserts this exit code, an empty stdout, and one line on stderr about this stream.
fn assert_fails(output: &Output, code: i32, stream: &str, command: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command}: {stderr}");
    assert_eq!(out(output), "", "{command}");
    assert_eq!(stderr.lines().count(), 1, "{command}: {stderr}");
    assert!(stderr.contains(&format!("{stream}: ")), "{command}: {stderr}");
}

async fn is_there(server: &Server, hash: &str) -> bool {
    ask(server.api, &format!("GET /messages/{hash} HTTP/1.1"), "").await.status == 200
}

#[tokio::test]
async fn closed_stdin_is_not_an_empty_message() {
    let (server, folder) = (Server::start(&[]), TempDir::new().unwrap());
    for closed in ["<&-", "0>written", "0<>/dev/null"] {
        for (command, code) in [("put", 2), ("put -", 2), ("hash", 2), ("import --store file:new", 1)] {
            let command = format!("message-to-hash {command} {closed}");
            assert_fails(&shell(&server, folder.path(), &command), code, "stdin", &command);
        }
    }
    assert!(!is_there(&server, EMPTY).await);
    assert!(!folder.path().join("new").exists());
    let empty = shell(&server, folder.path(), "message-to-hash put </dev/null");
    assert_eq!((empty.status.code(), out(&empty)), (Some(0), format!("{EMPTY}\n")));
}

#[tokio::test]
async fn unwritable_stdout_is_an_error() {
    let (server, folder) = (Server::start(&[]), TempDir::new().unwrap());
    let exported = Server::start_on(&folder.path().join("data"), &[]);
    for server in [&server, &exported] {
        let stored = ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
        assert_eq!(stored.status, 201);
    }
    std::fs::write(folder.path().join("bar"), "bar").unwrap();
    std::fs::write(folder.path().join("read"), "").unwrap();
    let commands = [
        ("get FOO".replace("FOO", FOO), 2),
        ("hash bar".to_owned(), 2),
        ("completions bash".to_owned(), 2),
        ("man".to_owned(), 2),
        ("--help".to_owned(), 2),
        ("serve --help".to_owned(), 2),
        ("--version".to_owned(), 2),
    ];
    for unwritable in [">&-", ">/dev/full", "1<read", "1<>/dev/null"] {
        for (command, code) in &commands {
            let command = format!("message-to-hash {command} {unwritable}");
            assert_fails(&shell(&server, folder.path(), &command), *code, "stdout", &command);
        }
        let command = format!("message-to-hash export --store file:data {unwritable}");
        let output = shell(&server, folder.path(), &command);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}: {printed}");
        assert!(printed.lines().last().is_some_and(|line| line.contains("stdout: ")), "{command}: {printed}");
        // A message is not stored if its hash cannot be printed.
        if unwritable != ">/dev/full" {
            let command = format!("message-to-hash put bar {unwritable}");
            assert_fails(&shell(&server, folder.path(), &command), 2, "stdout", &command);
        }
    }
    let bar = message_to_hash_client::MessageHash::from_message("bar").to_string();
    assert!(!is_there(&server, &bar).await);
    let dropped = format!("message-to-hash get {FOO} >/dev/null && message-to-hash exists {FOO} >&- 2>&-");
    assert_eq!(shell(&server, folder.path(), &dropped).status.code(), Some(0));
    let no_reader = format!("set -o pipefail; message-to-hash get {FOO} | true; message-to-hash man | true");
    assert_eq!(shell(&server, folder.path(), &no_reader).status.code(), Some(0));
}

#[tokio::test]
async fn server_without_streams_serves() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&[]);
    let options = "serve --store memory: --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0";
    // The port is read from stderr. A signal still stops the server.
    let script = format!(
        "message-to-hash {options} >&- 2>log & pid=$!; until grep -q 'serving on' log; do kill -0 $pid || exit 9; done; \
         kill $pid; wait $pid"
    );
    let output = shell(&server, folder.path(), &script);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(output.status.code(), Some(0), "{log}");
    assert!(log.contains("requests are not logged: stdout: it is closed"), "{log}");
    let full = Server::start_with_stdout("/dev/full");
    ask(full.api, "GET /messages/aa HTTP/1.1", "").await.problem(404);
    full.stderr.wait_for(&["ERROR", "log lines are lost"]);
}
