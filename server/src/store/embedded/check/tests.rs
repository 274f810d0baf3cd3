//! Tests of the check on golden folders, which the pinned version of fjall wrote.
//!
//! After an upgrade of fjall, read its changelog for changes of the file format, adapt the check, and write new folders:
//! `rm -r server/tests/golden && cargo test -p message-to-hash --lib -- --ignored write_golden_folders`

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::message::Message;
use crate::store::embedded::engine::Engine;
use crate::store::embedded::mutation::Mutation;

/// The version of fjall that wrote the golden folders.
const GOLDEN_VERSION: &str = "3.1.13";
/// Written and closed: all messages are in tables.
const CLOSED: &str = "closed";
/// Copied while the store was open: the messages are in the journal.
const OPEN: &str = "open";
/// Large enough for a file of large messages.
const LARGE_BYTES: usize = 4096;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn messages() -> Vec<Message> {
    [String::new(), "foo".to_owned(), "x".repeat(LARGE_BYTES)].map(Message::from).into()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in list(from).unwrap() {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A copy of a golden folder that a test may change.
fn copy_of(name: &str) -> (TempDir, PathBuf) {
    let temporary = TempDir::new().unwrap();
    let data = temporary.path().join("data");
    copy_folder(&golden(name), &data);
    for tree in list(&data.join(TREES)).unwrap() {
        fs::create_dir_all(tree.join("tables")).unwrap(); // Git stores no empty folders
        fs::create_dir_all(tree.join("blobs")).unwrap();
    }
    (temporary, data)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut all): (Vec<_>, Vec<_>) =
        list(folder).unwrap().into_iter().partition(|path| path.is_dir());
    all.extend(folders.iter().flat_map(|folder| files(folder)));
    all
}

/// The journals are stored without the zeros at their ends.
#[test]
#[ignore = "writes server/tests/golden: see the module's documentation"]
fn write_golden_folders() {
    let temporary = TempDir::new().unwrap();
    let data = temporary.path().join("data");
    let engine = Engine::open(&data, 0, Some(Duration::from_hours(876_000))).unwrap();
    let puts: Vec<_> =
        messages().into_iter().map(|message| (message.hash(), Mutation::Put(message))).collect();
    engine.apply(&puts).unwrap();
    copy_folder(&data, &golden(OPEN));
    engine.close();
    copy_folder(&data, &golden(CLOSED));
    for journal in [OPEN, CLOSED].iter().flat_map(|name| journals(&golden(name)).unwrap()) {
        let content = fs::read(&journal).unwrap();
        fs::write(&journal, without_trailing_zeros(&content)).unwrap();
    }
}

#[test]
fn golden_folders_are_of_the_pinned_fjall() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap();
    let pinned = format!("name = \"fjall\"\nversion = \"{GOLDEN_VERSION}\"\n");
    assert!(
        lock.contains(&pinned),
        "fjall was upgraded: check its file format, and write new golden folders (see the documentation of this module)"
    );
}

#[test]
fn fjall_still_writes_the_checked_format() {
    let temporary = TempDir::new().unwrap();
    let data = temporary.path().join("data");
    let engine = Engine::open(&data, 0, None).unwrap();
    let message = Message::from("foo".to_owned());
    engine.apply(&[(message.hash(), Mutation::Put(message))]).unwrap();
    let version = fs::read(data.join(VERSION)).unwrap();
    assert_eq!(version, FORMAT, "the check knows version 3 of the format, and fjall writes another one");
    let report = check(&data).unwrap();
    assert!(
        report.unfinished.is_none() && !report.is_half_created,
        "fjall writes other journals: {report:?}"
    );
    engine.close();
    let tables =
        files(&data.join(TREES)).into_iter().filter(|path| path.parent().unwrap().ends_with("tables"));
    for table in tables {
        assert!(archive::has_contents(&table).unwrap(), "fjall writes other tables: {}", table.display());
    }
}

#[test]
fn golden_folder_is_opened_with_its_messages() {
    for name in [OPEN, CLOSED] {
        let (_temporary, data) = copy_of(name);
        let report = check(&data).unwrap();
        assert!(report.unfinished.is_none() && !report.is_half_created, "{name}: {report:?}");
        let engine = Engine::open(&data, 0, None).unwrap();
        for message in messages() {
            let stored = engine.get(message.hash()).unwrap().expect("a message of the golden folder");
            assert_eq!(stored.message, message, "{name}");
        }
    }
}

#[test]
fn check_changes_no_file() {
    for name in [OPEN, CLOSED] {
        let (_temporary, data) = copy_of(name);
        let read =
            || files(&data).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect::<Vec<_>>();
        let before = read();
        check(&data).unwrap();
        assert_eq!(read(), before, "{name}");
    }
}

#[test]
fn truncated_journal_ends_with_an_unfinished_write() {
    let (_temporary, data) = copy_of(OPEN);
    let journal = journals(&data).unwrap().pop().unwrap();
    let content = fs::read(&journal).unwrap();
    fs::write(&journal, &content[..content.len() - 1]).unwrap();
    let unfinished = check(&data).unwrap().unfinished.expect("an unfinished write");
    assert_eq!(unfinished.journal, journal);
    assert_eq!(unfinished.at + unfinished.bytes, content.len() - 1);
}

#[test]
fn missing_or_changed_file_is_damage() {
    let (_temporary, data) = copy_of(CLOSED);
    for file in [data.join("keyspaces/1/current"), data.join("keyspaces/0/current"), data.join(VERSION)] {
        let content = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let error = check(&data).unwrap_err();
        assert!(matches!(&error, CheckError::Damaged { path, .. } if *path == file), "{error}");
        fs::write(&file, content).unwrap();
    }
    let mut content = fs::read(data.join("keyspaces/1/current")).unwrap();
    content[8] ^= 1;
    fs::write(data.join("keyspaces/1/current"), content).unwrap();
    assert!(matches!(check(&data), Err(CheckError::Damaged { .. })));
}
