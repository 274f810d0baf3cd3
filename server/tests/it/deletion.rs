//! Deletion: who may delete, the responses after it, and that it survives restarts. `staleness_bound` tests how soon all
//! copies are gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use message_to_hash_api::models::Message;
use message_to_hash_api::{
    AddMessageResponse, ApiNoContext, DeleteMessageResponse, GetMessageByHashResponse,
};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep};

use crate::support::disk::{path, run};
use crate::support::http::{delete, get, post};
use crate::support::issuer::TokenIssuer;
use crate::support::messages::digest;
use crate::support::wait_until::wait_until;
use crate::support::writers::QUIET;
use crate::support::{EMPTY, FOO, Server, TIMEOUT, ask, command};

#[tokio::test]
async fn delete_requires_its_scope() {
    let issuer = TokenIssuer::new();
    let (read_and_write, all) =
        (issuer.token("messages:read messages:write"), issuer.token("messages:delete"));
    for anonymous in ["none", "read", "all"] {
        let server = Server::start(&issuer.options(&["--identity-anonymous", anonymous]));
        let client = issuer.client(&server);
        let foo = || client.get_message_by_hash(FOO.to_owned(), None, None);
        let post = async || client.add_message(Message::new("foo".to_owned())).await.unwrap();
        assert!(matches!(post().await, AddMessageResponse::Created { .. }));

        assert_eq!(delete(&server, FOO, None).await.problem(401), "A bearer token is required");
        let refused = delete(&server, FOO, Some(&read_and_write)).await;
        assert_eq!(refused.problem(403), "The bearer token lacks the scope messages:delete");
        assert!(refused.header("www-authenticate").unwrap().ends_with(r#"scope="messages:delete""#));
        assert!(matches!(foo().await.unwrap(), GetMessageByHashResponse::Found { .. }));

        for hash in [FOO, FOO, &FOO.to_uppercase(), EMPTY] {
            let deleted = delete(&server, hash, Some(&all)).await;
            assert_eq!(
                (deleted.status, deleted.body.as_str()),
                (204, ""),
                "the status does not tell whether the message was stored"
            );
            assert!(deleted.header("x-span-id").is_some());
        }
        assert!(matches!(foo().await.unwrap(), GetMessageByHashResponse::NotFound { .. }));
        for text in ["aa", &FOO[1..], &format!("{FOO}0")] {
            let no_digest = delete(&server, text, Some(&all)).await.problem(404);
            assert_eq!(no_digest, "A digest has 64 hexadecimal digits");
        }
        assert!(
            matches!(post().await, AddMessageResponse::Created { .. }),
            "a deleted message can be stored again"
        );
        assert!(matches!(foo().await.unwrap(), GetMessageByHashResponse::Found { .. }));
    }
}

#[tokio::test]
async fn delete_without_issuer_is_refused() {
    let server = Server::start(&[]);
    assert_eq!(post(&server, "foo").await.status, 201);
    for token in [None, Some("any")] {
        let refused = delete(&server, FOO, token).await;
        let why = "Nothing can be deleted here, since nobody is asked for an identity; see --identity-issuer";
        assert_eq!(refused.problem(403), why);
    }
    assert_eq!(
        get(&server, "foo").await.header("cache-control").unwrap(),
        "public, max-age=31536000, immutable"
    );
}

/// A deletion that failed may still take effect later. It must not remove a message that was acknowledged after the
/// failure.
#[tokio::test]
async fn failed_deletion_does_not_remove_a_later_message() {
    let (issuer, folder) = (TokenIssuer::new(), TempDir::new().unwrap());
    let (library, fails) = (folder.path().join("failing_fsync.so"), folder.path().join("fails"));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/failing_fsync.c");
    run("cc", &["-shared", "-fPIC", "-o", &path(&library), source]);
    let store = format!("file:{}", folder.path().join("data").display());
    let options = issuer.options(&["--store", &store, "--cache-bytes", "0", QUIET[0], QUIET[1]]);
    let mut command = command(&options);
    command.env("LD_PRELOAD", library).env("FSYNC_FAILS_WHILE", &fails);
    let server = Server::spawn(&mut command).unwrap();
    let client = issuer.client(&server);
    let stored = async || client.add_message(Message::new("foo".to_owned())).await.unwrap();
    assert!(matches!(stored().await, AddMessageResponse::Created { .. }));
    std::fs::write(&fails, "").unwrap();
    let deleted = client.delete_message(FOO.to_owned(), None).await.unwrap();
    assert!(matches!(deleted, DeleteMessageResponse::ServiceUnavailable { .. }), "{deleted:?}");
    let refused = stored().await;
    assert!(matches!(refused, AddMessageResponse::ServiceUnavailable { .. }), "{refused:?}");
    std::fs::remove_file(&fails).unwrap();
    wait_until("the message is stored again", async || {
        !matches!(stored().await, AddMessageResponse::ServiceUnavailable { .. })
    })
    .await;
    let found = client.get_message_by_hash(FOO.to_owned(), None, None).await.unwrap();
    assert!(matches!(found, GetMessageByHashResponse::Found { .. }), "{found:?}");
}

#[tokio::test]
async fn preflight_allows_delete() {
    let issuer = TokenIssuer::new();
    let server = Server::start(&issuer.options(&["--cors-allowed-origins", "*"]));
    let asks = format!(
        "OPTIONS /messages/{FOO} HTTP/1.1\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: DELETE"
    );
    let allowed = ask(server.api, &asks, "").await;
    assert_eq!(allowed.header("access-control-allow-methods"), Some("GET, HEAD, DELETE"));
}

#[tokio::test]
async fn deletion_is_logged_and_counted() {
    let issuer = TokenIssuer::new();
    let server = Server::start(&issuer.options(&[]));
    delete(&server, FOO, Some(&issuer.token("messages:delete"))).await;
    let line = server.stdout.wait_for(&["DELETE"]);
    assert!(
        line.contains(FOO) && line.contains("DeleteMessage") && line.ends_with("subject=tester"),
        "{line}"
    );
    // The log names the deleted hash even if the path has it percent-encoded.
    let encoded = format!("{}%{:x}", &EMPTY[..63], EMPTY.as_bytes()[63]);
    assert_eq!(delete(&server, &encoded, Some(&issuer.token("messages:delete"))).await.status, 204);
    server.stderr.wait_for(&["INFO", &format!("tester deletes {EMPTY}")]);
    let metrics = ask(server.admin, "GET /metrics HTTP/1.1", "").await.body;
    let counted =
        |line: &&str| line.contains(r#"operation="delete""#) && line.contains(r#"result="deleted""#);
    assert!(metrics.lines().any(|line| counted(&line)), "{metrics}");
}

/// The acknowledged changes.
#[derive(Default)]
struct AcknowledgedChanges {
    /// Whether each text must be stored.
    is_there: HashMap<String, bool>,
    deletions: usize,
}

/// Starts clients that each store and delete their own texts until the server is gone.
fn store_and_delete(
    issuer: &TokenIssuer,
    server: &Server,
    round: usize,
    known: &Arc<Mutex<AcknowledgedChanges>>,
) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for number in 0..16 {
        let (client, known) = (issuer.client(server), Arc::clone(known));
        clients.spawn(async move {
            for text in 0.. {
                // A few texts are repeated, so that one batch may contain a put and a deletion of the same text.
                let text = format!("{number} {}", if text % 2 == 0 { text % 6 } else { round * 1000 + text });
                // A change without acknowledgement may or may not have happened.
                let deletes = known.lock().unwrap().is_there.remove(&text).unwrap_or(false);
                if deletes {
                    let Ok(answer) = client.delete_message(digest(&text), None).await else { return };
                    assert!(matches!(answer, DeleteMessageResponse::Deleted { .. }), "{answer:?}");
                    known.lock().unwrap().deletions += 1;
                } else {
                    let Ok(put) = client.add_message(Message::new(text.clone())).await else { return };
                    assert!(matches!(
                        put,
                        AddMessageResponse::Created { .. } | AddMessageResponse::AlreadyStored { .. }
                    ));
                }
                known.lock().unwrap().is_there.insert(text, !deletes);
            }
        });
    }
    clients
}

async fn assert_changes_are_kept(
    issuer: &TokenIssuer,
    server: &Server,
    known: &Mutex<AcknowledgedChanges>,
    when: &str,
) {
    let client = issuer.client(server);
    let known = known.lock().unwrap().is_there.clone();
    assert!(known.values().any(|is_there| *is_there) && known.values().any(|is_there| !*is_there));
    for (text, is_there) in known {
        let found = client.get_message_by_hash(digest(&text), None, None).await.unwrap();
        assert_eq!(matches!(found, GetMessageByHashResponse::Found { .. }), is_there, "{text} {when}");
    }
}

#[tokio::test]
async fn deletions_survive_kills_and_stops() {
    let (issuer, folder) = (TokenIssuer::new(), TempDir::new().unwrap());
    let data = folder.path().join("data");
    let known = Arc::<Mutex<AcknowledgedChanges>>::default();
    for retention in [&[][..], &["--retention", "1h"]] {
        let options = issuer.options(&[&QUIET[..], retention].concat());
        for round in 0..5 {
            let mut server = Server::start_on(&data, &options);
            if round > 0 {
                assert_changes_are_kept(&issuer, &server, &known, &format!("after kill {round}")).await;
            }
            let clients = store_and_delete(&issuer, &server, round, &known);
            let deletions = || known.lock().unwrap().deletions;
            let (enough, deadline) = (deletions() + fastrand::usize(10..80), Instant::now() + TIMEOUT);
            while deletions() < enough {
                assert!(Instant::now() < deadline, "{} of {enough} are gone", deletions());
                sleep(Duration::from_millis(1)).await;
            }
            server.kill();
            clients.join_all().await;
        }
        let mut server = Server::start_on(&data, &options);
        assert_changes_are_kept(&issuer, &server, &known, "after the last kill").await;
        server.terminate();
        server.wait();
        assert_changes_are_kept(&issuer, &Server::start_on(&data, &options), &known, "after a stop").await;
    }
}
