//! A disk that hangs, and a disk on which only the engine's background writes fail.

use std::sync::Arc;

use message_to_hash_api::AddMessageResponse;
use tempfile::TempDir;

use crate::support::disk::{DiskMount, path, run};
use crate::support::wait_until::wait_until;
use crate::support::writers::{QUIET, ReadResult, Writers, get, incorrect_messages, post};
use crate::support::{Server, ask};

const MIB: u64 = 1 << 20;
const EXT4: &[&str] = &["mkfs.ext4", "-q", "-F"];

/// Freezes a filesystem until dropped. Every write to it waits.
struct Frozen(String);

impl Frozen {
    fn new(disk: &DiskMount) -> Self {
        let disk = path(disk.path());
        run("fsfreeze", &["--freeze", &disk]);
        Self(disk)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        run("fsfreeze", &["--unfreeze", &self.0]);
    }
}

async fn ready(server: &Server) -> u16 {
    ask(server.admin, "GET /ready HTTP/1.1", "").await.status
}

#[tokio::test]
async fn hung_disk_fails_writes_and_does_not_block_shutdown() {
    let folder = TempDir::new().unwrap();
    let disk = DiskMount::new(&folder.path().join("disk"), 256 * MIB, EXT4);
    let options = ["--cache-bytes", "0", "--store-timeout", "200ms", "--shutdown-delay", "0s"];
    let mut server = Server::start_on(&disk.join("data"), &[&options, QUIET.as_slice()].concat());
    let load = Writers::start(&server, &Arc::default());
    load.wait_for(100).await;
    let acknowledged = load.end().await;
    let client = server.client();

    let frozen = Frozen::new(&disk);
    let refused = post(&client, "frozen".to_owned()).await;
    assert!(matches!(refused, Some(AddMessageResponse::ServiceUnavailable { .. })), "{refused:?}");
    wait_until("the server is not ready", async || ready(&server).await == 503).await;
    assert_eq!(incorrect_messages(&server, &acknowledged).await, []);
    drop(frozen);
    wait_until("the server is ready", async || ready(&server).await == 200).await;
    assert_eq!(get(&client, "frozen").await, ReadResult::Intact, "the message was stored late");

    let frozen = Frozen::new(&disk);
    let refused = post(&client, "frozen again".to_owned()).await;
    assert!(matches!(refused, Some(AddMessageResponse::ServiceUnavailable { .. })), "{refused:?}");
    server.terminate();
    server.stderr.wait_for(&["the disk hangs while closing"]);
    drop(frozen); // no process ends while the kernel holds one of its threads in a write
    assert!(server.wait().success());
}

#[tokio::test]
async fn failed_table_writes_do_not_stop_the_store() {
    let folder = TempDir::new().unwrap();
    let disk = DiskMount::new(&folder.path().join("disk"), 1024 * MIB, EXT4);
    let data = disk.join("data");
    let options = ["--cache-bytes", "0", "--shutdown-delay", "0s"];
    let mut server = Server::start_on(&data, &[&options, QUIET.as_slice()].concat());
    let client = server.client();
    // A message is written to the journal at once, and to a table only after many others.
    let tables = path(&data.join("keyspaces/1/tables"));
    run("chattr", &["+i", &tables]);
    let large = |number: u32| format!("{number} {}", "x".repeat(1_000_000));
    let mut acknowledged = Vec::new();
    let mut number = 0;
    wait_until("a message is refused", async || {
        number += 1;
        let answer = post(&client, large(number)).await;
        let created = matches!(answer, Some(AddMessageResponse::Created { .. }));
        acknowledged.extend(created.then_some(number));
        !created
    })
    .await;
    for number in &acknowledged {
        assert_eq!(get(&client, &large(*number)).await, ReadResult::Intact);
    }

    run("chattr", &["-i", &tables]);
    wait_until("a table is written", async || {
        number += 1;
        let answer = post(&client, large(number)).await;
        acknowledged.extend(matches!(answer, Some(AddMessageResponse::Created { .. })).then_some(number));
        std::fs::read_dir(&tables).unwrap().next().is_some() && ready(&server).await == 200
    })
    .await;
    server.kill();
    let server = Server::start_on(&data, &QUIET);
    for number in &acknowledged {
        assert_eq!(get(&server.client(), &large(*number)).await, ReadResult::Intact);
    }
}
