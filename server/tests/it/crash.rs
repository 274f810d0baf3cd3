//! The server is killed (SIGKILL) repeatedly while many clients write: every acknowledged message is still there,
//! unchanged.
//!
//! A kill does not affect the page cache, so these tests cannot detect a missing fsync. `power_cut` does.

use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::writers::{QUIET, Writers, incorrect_messages, post, text};
use crate::support::{Server, command};

const KILLS: usize = 50;
const KILLS_AT_FIRST_START: usize = 30;

#[tokio::test]
async fn sigkill_loses_no_acknowledged_message() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let next = Arc::default();
    let mut all = Vec::new();
    let mut server = Server::start_on(&data, &QUIET);
    for kill in 0..KILLS {
        let load = Writers::start(&server, &next);
        load.wait_for(fastrand::usize(1..300)).await;
        server.kill();
        let acknowledged = load.end().await;
        server = Server::start_on(&data, &QUIET);
        assert_eq!(incorrect_messages(&server, &acknowledged).await, [], "after kill {kill}");
        all.extend(acknowledged);
    }
    assert_eq!(incorrect_messages(&server, &all).await, []);
    println!("{KILLS} kills, {} messages acknowledged, none lost", all.len());
}

/// A second server must not read the first one's journal and take its last write for unfinished.
#[tokio::test]
async fn second_server_on_the_same_folder_is_refused() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_on(&data, &QUIET);
    let load = Writers::start(&server, &Arc::default());
    let store = format!("file:{}", data.display());
    for starts in 1..=10 {
        load.wait_for(20 * starts).await;
        let (status, stderr) =
            Server::spawn(&mut command(&["--store", &store])).err().expect("the server refuses to start");
        assert_eq!(status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("is in use by another process"), "{stderr}");
    }
    server.kill();
    let acknowledged = load.end().await;
    assert_eq!(incorrect_messages(&Server::start_on(&data, &QUIET), &acknowledged).await, []);
}

/// The first start creates the files of the folder. After a kill at any moment the next start succeeds.
#[tokio::test]
async fn killed_first_start_can_be_repeated() {
    for _ in 0..KILLS_AT_FIRST_START {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data");
        let store = format!("file:{}", data.display());
        let mut starting = command(&["--store", &store]).stderr(Stdio::null()).spawn().unwrap();
        // Waits for a random moment of the start; there is no event to wait for.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(1..60))).await;
        starting.kill().unwrap();
        starting.wait().unwrap();
        assert_usable(&data).await;
    }
}

/// States of the folder that a kill at a random moment may never produce.
#[tokio::test]
async fn half_made_folder_can_be_opened() {
    let half_made: [&[(&str, &[u8])]; 6] = [
        &[],
        &[("lock", b"")],
        &[("lock", b""), ("0.jnl", &[0; 4096])],
        &[("0.jnl", b""), ("version", b"")],
        &[("lock", b""), ("0.jnl", &[0; 4096]), ("version", b"FJL")],
        &[("lock", b""), ("0.jnl", &[0; 4096]), ("version", b"FJL\x03")],
    ];
    for files in half_made {
        for with_keyspaces in [false, true] {
            let folder = TempDir::new().unwrap();
            for (name, content) in files {
                fs::write(folder.path().join(name), content).unwrap();
            }
            if with_keyspaces {
                fs::create_dir(folder.path().join("keyspaces")).unwrap();
            }
            assert_usable(folder.path()).await;
        }
    }
}

/// After a clean stop all messages are in tables, and the journal is empty. A missing table is still detected then.
#[tokio::test]
async fn clean_stop_empties_the_journals() {
    let folder = TempDir::new().unwrap();
    for round in 0..3 {
        let mut server = Server::start_on(folder.path(), &QUIET);
        assert!(post(&server.client(), text(round)).await.is_some());
        server.terminate();
        assert!(server.wait().success());
        let journals = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        let journals = journals.filter(|entry| entry.path().extension().is_some_and(|kind| kind == "jnl"));
        let bytes: Vec<_> = journals.map(|journal| journal.metadata().unwrap().len()).collect();
        assert_eq!(bytes, [0]);
    }
    let mut server = Server::start_on(folder.path(), &QUIET);
    assert_eq!(incorrect_messages(&server, &[0, 1, 2]).await, []);
    server.kill();
    fs::remove_dir_all(folder.path().join("keyspaces/1")).unwrap();
    let store = format!("file:{}", folder.path().display());
    let refused = command(&["--store", &store]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("keyspaces/1/current is missing"));
}

/// Asserts that a server can use this folder, and finds its messages after a kill.
async fn assert_usable(data: &std::path::Path) {
    let mut server = Server::start_on(data, &QUIET);
    let load = Writers::start(&server, &Arc::default());
    load.wait_for(1).await;
    server.kill();
    let acknowledged = load.end().await;
    let server = Server::start_on(data, &QUIET);
    assert_eq!(incorrect_messages(&server, &acknowledged).await, []);
}

/// A message may look like a part of a journal. A torn last write is still a torn write then, and not damage.
#[tokio::test]
async fn message_shaped_like_a_journal_is_harmless() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start_on(folder.path(), &QUIET);
    let first = post(&server.client(), text(0)).await;
    assert!(first.is_some(), "the first message is stored");
    let text_of = |write| {
        let batches = (10_000_000..99_999_999).map(|value| batch_with(write, value));
        batches.map(String::from_utf8).find_map(Result::ok).unwrap()
    };
    assert!(post(&server.client(), text_of(0x70)).await.is_some());
    server.kill();

    let path = folder.path().join("0.jnl");
    let mut journal = fs::read(&path).unwrap();
    let end = journal.iter().rposition(|byte| *byte != 0).unwrap();
    journal[end - 3..=end].fill(0);
    fs::write(&path, journal).unwrap();
    let mut server = Server::start_on(folder.path(), &QUIET);
    server.stderr.wait_for(&["unfinished write"]);
    assert_eq!(incorrect_messages(&server, &[0]).await, []);

    // The same if the message itself is torn. A client cannot know the number of a write, so the message cannot contain
    // a valid one.
    let message = text_of(0x70_0000) + &"y".repeat(2000);
    assert!(post(&server.client(), message.clone()).await.is_some());
    server.kill();
    let journal = fs::read(&path).unwrap();
    let begin =
        memchr::memmem::find(&journal, message.as_bytes()).expect("the journal has the message uncompressed");
    fs::write(&path, &journal[..begin + message.len() - 1000]).unwrap();
    let server = Server::start_on(folder.path(), &QUIET);
    server.stderr.wait_for(&["unfinished write"]);
    assert_eq!(incorrect_messages(&server, &[0]).await, []);
}

/// Encodes a batch of fjall 3 with this sequence number and one item with this value.
fn batch_with(write: u64, value: u32) -> Vec<u8> {
    let mut item = vec![2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 32, 0, 8, 0, 0, 0, 8, 0, 0, 0];
    item.extend([b'k'; 32]);
    item.extend(value.to_string().into_bytes());
    let mut batch = vec![1, 1, 0, 0, 0];
    batch.extend(write.to_le_bytes());
    batch.extend(&item);
    batch.push(3);
    batch.extend(xxhash_rust::xxh3::xxh3_64(&item).to_le_bytes());
    batch.extend(b"FJL\x03");
    batch
}
