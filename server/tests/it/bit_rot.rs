//! A flipped bit in a stored file: the server never returns a wrong message, and names the reason if it does not start.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use futures::StreamExt as _;
use message_to_hash::message::Message;
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{Embedded, MessageStore as _};
use message_to_hash_api::AddMessageResponse;
use tempfile::TempDir;

use crate::support::disk::{DiskMount, path, run};
use crate::support::wait_until::wait_until;
use crate::support::writers::{QUIET, ReadResult, get, post, text_of};
use crate::support::{Server, command};

const GIB: u64 = 1 << 30;
/// Short messages are in the engine's tables, long ones in its blob files.
const SHORT: std::ops::Range<u64> = 0..200;
const LONG: std::ops::Range<u64> = 200..240;
/// These messages are written last, so only the journal has them.
const LATE: std::ops::Range<u64> = 240..300;
const FLIPS_PER_FILE: usize = 12;
/// Files in which at least some flipped bits must be noticed.
const DAMAGE_SHOWS: [&str; 4] =
    ["0.jnl", "keyspaces/0/tables/0", "keyspaces/1/blobs/0", "keyspaces/1/tables/0"];

/// A data folder with all kinds of files, on a disk that copies files instantly.
struct Folder {
    disk: DiskMount,
    _image: TempDir,
}

impl Folder {
    async fn written() -> Self {
        let image = TempDir::new().unwrap();
        let disk = DiskMount::new(&image.path().join("disk"), GIB, &["mkfs.btrfs", "-q"]);
        let folder = Self { disk, _image: image };
        let original = folder.disk.join("original");
        let mut server = start(&original);
        let client = server.client();
        let store = async |text| {
            let stored = post(&client, text).await;
            assert!(matches!(stored, Some(AddMessageResponse::Created { .. })), "{stored:?}");
        };
        for number in SHORT.chain(LONG) {
            store(text(number)).await;
        }
        // The engine writes tables when its buffer in memory is full.
        let mut number = 1_000;
        while files(&original, "tables").is_empty() || files(&original, "blobs").is_empty() {
            store(format!("{number} {}", "x".repeat(1_000_000))).await;
            number += 1;
            assert!(number < 1_200, "the engine writes no tables");
        }
        for number in LATE {
            store(text(number)).await;
        }
        // The next start shortens the journal to its used length, which makes copies small.
        server.kill();
        server = start(&original);
        server.kill(); // to stop it in good order would leave the journal empty
        folder
    }

    fn copy(&self) -> PathBuf {
        let copy = self.disk.join("copy");
        let _ = fs::remove_dir_all(&copy);
        let original = self.disk.join("original");
        run("cp", &["-a", "--reflink=always", &path(&original), &path(&copy)]);
        copy
    }

    /// Returns the blob file that contains this message, and the position of one of its bytes.
    fn find_blob(&self, message: &str) -> (PathBuf, usize) {
        let position = |file: &PathBuf| {
            let content = fs::read(file).unwrap();
            // The file contains the message compressed; its beginning is stored as it was, because it has no
            // repetition.
            content.windows(16).position(|window| window == &message.as_bytes()[..16]).map(|at| at + 8)
        };
        let blobs = files(&self.disk.join("original"), "blobs");
        blobs
            .into_iter()
            .find_map(|file| position(&file).map(|at| (file, at)))
            .expect("a blob file has the message")
    }

    /// Returns a copy of the folder with one bit flipped.
    fn damaged(&self, file: &Path, at: usize) -> PathBuf {
        let copy = self.copy();
        let file = copy.join(file.strip_prefix(self.disk.join("original")).unwrap());
        let file = OpenOptions::new().read(true).write(true).open(file).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at as u64).unwrap();
        byte[0] ^= 1 << fastrand::u8(..8);
        file.write_all_at(&byte, at as u64).unwrap();
        copy
    }
}

fn text(number: u64) -> String {
    let length = usize::try_from(number).unwrap();
    text_of(number, if LONG.contains(&number) { 2_000 + 50 * length } else { length })
}

fn start(folder: &Path) -> Server {
    Server::start_on(folder, &QUIET)
}

/// Returns the engine's journals, oldest first.
fn journals(folder: &Path) -> Vec<PathBuf> {
    let mut journals: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    journals.retain(|file| file.extension().is_some_and(|extension| extension == "jnl"));
    journals.sort_by_key(|file| (file.as_os_str().len(), file.clone()));
    journals
}

/// Returns the files of one kind in the engine's folder for messages.
fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("keyspaces/1").join(kind));
    entries.map_or(Vec::new(), |entries| entries.map(|entry| entry.unwrap().path()).collect())
}

/// Returns the length and a checksum of all files below a folder, except empty ones.
fn all_files(folder: &Path) -> BTreeMap<PathBuf, (usize, u64)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            all.extend(all_files(&entry.path()));
        } else if kind.is_file() {
            let content = fs::read(entry.path()).unwrap();
            all.insert(entry.path(), (content.len(), xxhash_rust::xxh3::xxh3_64(&content)));
        }
    }
    all.retain(|_, (length, _)| *length > 0);
    all
}

/// Asserts that the server refuses this folder without changing it, and returns its stderr.
fn refused(data: &Path) -> String {
    let files = all_files(data);
    let store = format!("file:{}", data.display());
    let (status, stderr) =
        Server::spawn(&mut command(&["--store", &store])).err().expect("the server refuses to start");
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert_eq!(all_files(data), files, "{stderr}");
    stderr
}

/// How often a flipped bit had which effect.
#[derive(Default, Debug)]
struct Outcomes {
    harmless: usize,
    refused: usize,
    missing: usize,
    failed: usize,
}

#[tokio::test]
async fn flipped_bit_never_changes_a_message() {
    let folder = Folder::written().await;
    let original = folder.disk.join("original");
    let mut shown = 0;
    for (file, (length, _)) in all_files(&original) {
        let mut outcomes = Outcomes::default();
        for flip in 0..FLIPS_PER_FILE {
            // The positions are near the beginning, near the end, and anywhere in the file.
            let at = match flip % 3 {
                0 => fastrand::usize(..length.min(64)),
                1 => fastrand::usize(length.saturating_sub(256)..length),
                _ => fastrand::usize(..length),
            };
            assert_serves_only_intact_messages(
                &folder.damaged(&file, at),
                &format!("{} {at}", file.display()),
                &mut outcomes,
            )
            .await;
        }
        let name = path(file.strip_prefix(&original).unwrap());
        println!("{name} ({length} bytes): {outcomes:?}");
        if DAMAGE_SHOWS.contains(&name.as_str()) {
            assert!(outcomes.harmless < FLIPS_PER_FILE, "{name}: no flipped bit is detected");
            shown += 1;
        }
    }
    assert_eq!(shown, DAMAGE_SHOWS.len());
}

async fn assert_serves_only_intact_messages(data: &Path, flipped: &str, outcomes: &mut Outcomes) {
    let store = format!("file:{}", data.display());
    let files = all_files(data);
    let server = match Server::spawn(&mut command(&[&["--store", &store], QUIET.as_slice()].concat())) {
        Ok(server) => server,
        Err((status, stderr)) => {
            outcomes.refused += 1;
            assert_eq!(all_files(data), files, "{flipped}: {stderr}");
            assert_eq!(status.code(), Some(1), "{flipped}: {stderr}");
            let last = stderr.lines().last().unwrap_or_default();
            assert!(last.starts_with("message-to-hash: --store: "), "{flipped}: {stderr}");
            assert!(last.contains(&path(data)), "{flipped}: {stderr}");
            return;
        }
    };
    let client = server.client();
    let (mut missing, mut failed) = (Vec::new(), 0);
    for number in SHORT.chain(LONG).chain(LATE) {
        match get(&client, &text(number)).await {
            ReadResult::Intact => {}
            ReadResult::Missing => missing.push(number),
            ReadResult::Failed => failed += 1,
            ReadResult::Wrong => panic!("{flipped}: the response has another message"),
        }
    }
    if !missing.is_empty() {
        // Damage in the very last write cannot be told from a write that a crash interrupted.
        assert_eq!(missing, [LATE.end - 1], "{flipped}");
        server.stderr.wait_for(&["unfinished write; dropped"]);
    }
    outcomes.harmless += usize::from(missing.is_empty() && failed == 0);
    outcomes.missing += usize::from(!missing.is_empty());
    outcomes.failed += usize::from(failed > 0);
}

/// The engine alone would start with an empty tree, and delete the messages as leftovers.
#[tokio::test]
async fn folder_with_a_missing_file_is_not_changed() {
    let folder = Folder::written().await;
    for missing in ["version", "keyspaces/0/current", "keyspaces/1/current"] {
        let data = folder.copy();
        fs::remove_file(data.join(missing)).unwrap();
        // The journal ends with an unfinished write, as after a crash. The server must not repair even that.
        let last = journals(&data).pop().unwrap();
        OpenOptions::new().append(true).open(last).unwrap().write_all(&[1]).unwrap();
        let stderr = refused(&data);
        assert!(stderr.contains(&format!("{} is missing", path(&data.join(missing)))), "{stderr}");
    }
    // A missing journal is refused, too: the writes of a new one would count as older than the tables.
    let data = folder.copy();
    for journal in journals(&data) {
        fs::remove_file(journal).unwrap();
    }
    let stderr = refused(&data);
    assert!(stderr.contains(&format!("{} is missing", path(&data.join("*.jnl")))), "{stderr}");
}

/// A write begins only after the one before it is complete. An incomplete write before others is therefore damage and
/// not the trace of a crash.
#[tokio::test]
async fn unfinished_write_before_others_is_damage() {
    let folder = Folder::written().await;
    for damaged in [false, true] {
        let data = folder.copy();
        let journal = journals(&data).pop().unwrap();
        let number: u64 = journal.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        let content = fs::read(&journal).unwrap();
        // Splits the journal between two writes.
        let middle = content.windows(5).rposition(|bytes| bytes == b"FJL\x03\x01").unwrap() + 4;
        fs::write(data.join(format!("{}.jnl", number + 1)), &content[middle..]).unwrap();
        fs::write(&journal, &content[..middle - usize::from(damaged)]).unwrap();
        if damaged {
            let stderr = refused(&data);
            assert!(stderr.contains(&format!("{} is not what was written", path(&journal))), "{stderr}");
            continue;
        }
        let server = start(&data);
        let client = server.client();
        for number in SHORT.chain(LONG).chain(LATE) {
            assert!(matches!(get(&client, &text(number)).await, ReadResult::Intact), "{number}");
        }
    }
}

/// Runs `export`, asserts its exit code, and returns the number of exported lines and its stderr.
fn exported(data: &Path, code: i32) -> (usize, String) {
    let mut export = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    let output = export.args(["export", "--store", &format!("file:{}", data.display())]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    (String::from_utf8(output.stdout).unwrap().lines().count(), stderr)
}

#[tokio::test]
async fn export_names_damaged_messages_and_continues() {
    let folder = Folder::written().await;
    let (all, _) = exported(&folder.copy(), 0);
    let message = text(LONG.start);
    let (file, at) = folder.find_blob(&message);
    let (rest, printed) = exported(&folder.damaged(&file, at), 1);
    assert_eq!(rest, all - 1, "{printed}");
    assert!(printed.contains(&Message::from(message).hash().to_string()), "{printed}");

    // Damages the middle of the largest table.
    let tables = files(&folder.disk.join("original"), "tables");
    let lengths = tables.iter().map(|table| fs::metadata(table).unwrap().len());
    let (length, table) = lengths.zip(&tables).max().unwrap();
    let (rest, printed) = exported(&folder.damaged(table, usize::try_from(length / 3).unwrap()), 1);
    assert!(all / 2 < rest && rest < all, "{rest} of {all}: {printed}");
    assert!(printed.contains("cannot be listed") && printed.contains(" 1 damaged"), "{printed}");
    assert!(printed.lines().count() < 100, "{printed}");
}

#[tokio::test]
async fn damaged_expiry_counts_as_expired() {
    const ALL: usize = 5000;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let a_month = Some(Duration::from_hours(30 * 24));
    let store = &Embedded::open(&data, 0, a_month, &StoreMetrics::default()).await.unwrap();
    let puts = (0..ALL).map(|number| async move {
        let message = Message::from(format!("message {number}"));
        store.put(message.hash(), message).await.unwrap();
    });
    futures::stream::iter(puts).buffer_unordered(512).collect::<()>().await;
    store.close().await;
    let (table, at) = files(&data, "tables")
        .into_iter()
        .find_map(|table| {
            let content = fs::read(&table).unwrap();
            let keys: Vec<_> = memchr::memmem::find_iter(&content, b"expires:").collect();
            Some((table, *keys.get(keys.len() / 2)?))
        })
        .expect("keys of expiries");
    let table = OpenOptions::new().write(true).open(table).unwrap();
    table.write_all_at(b"X", at as u64).unwrap();
    let (rest, printed) = exported(&data, 1);
    let times = printed.lines().filter(|line| line.contains("the expiry of")).count();
    assert!(times > 0 && rest < ALL && rest > ALL * 9 / 10, "{rest}: {printed}");

    // Posting the messages again repairs them, and the other messages stay intact.
    let store = Embedded::open(&data, 0, a_month, &StoreMetrics::default()).await.unwrap();
    for number in 0..ALL {
        let message = Message::from(format!("message {number}"));
        store.put(message.hash(), message.clone()).await.unwrap();
        assert_eq!(store.get(message.hash()).await.unwrap().unwrap().message, message);
    }
    store.close().await;
    assert_eq!(exported(&data, 0).0, ALL);
}

/// Posting a message whose stored copy is damaged stores it again.
#[tokio::test]
async fn posting_a_damaged_message_repairs_it() {
    let folder = Folder::written().await;
    let message = text(LONG.start);
    let (file, at) = folder.find_blob(&message);
    let data = folder.damaged(&file, at);
    let mut server = start(&data);
    let client = server.client();
    assert_eq!(get(&client, &message).await, ReadResult::Failed);
    let mended = post(&client, message.clone()).await;
    assert!(matches!(mended, Some(AddMessageResponse::Created { .. })), "{mended:?}");
    assert_eq!(get(&client, &message).await, ReadResult::Intact);
    server.kill();
    wait_until("the repaired message is read", async || {
        get(&start(&data).client(), &message).await == ReadResult::Intact
    })
    .await;
}
