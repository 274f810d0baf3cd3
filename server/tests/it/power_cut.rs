//! The power is cut while many clients write: no message that was acknowledged before is lost.
//!
//! The disk is a file on a filesystem that copies files atomically by sharing their blocks (a reflink). A copy taken
//! under load has the state after a power cut: it lacks all data that is only in the page cache. A control without
//! fsync must lose messages; otherwise these tests could not fail.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use message_to_hash_api::AddMessageResponse;
use tempfile::TempDir;

use crate::support::disk::{DiskMount, path, run};
use crate::support::http::delete;
use crate::support::issuer::TokenIssuer;
use crate::support::messages::digest;
use crate::support::writers::{QUIET, ReadResult, Writers, get, incorrect_messages, post};
use crate::support::{Server, command};

const CUTS: usize = 20;
/// Enough cuts for the control without fsync to lose messages.
const CUTS_WITHOUT_FSYNC: usize = 5;
const GIB: u64 = 1 << 30;

const EXT4: &[&str] = &["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"];
const BTRFS: &[&str] = &["mkfs.btrfs", "-q"];

#[tokio::test]
async fn power_cut_on_ext4_loses_no_acknowledged_message() {
    let (acknowledged, lost) = cut_power(CUTS, EXT4, None, &[]).await;
    println!("{CUTS} power cuts on ext4, {acknowledged} messages acknowledged before them");
    assert_eq!(lost, 0);
}

#[tokio::test]
async fn power_cut_on_btrfs_loses_no_acknowledged_message() {
    let (acknowledged, lost) = cut_power(CUTS, BTRFS, None, &["--retention", "1h"]).await;
    println!("{CUTS} power cuts on btrfs, {acknowledged} messages acknowledged before them");
    assert_eq!(lost, 0);
}

#[tokio::test]
async fn power_cut_without_fsync_loses_messages() {
    let folder = TempDir::new().unwrap();
    let library = folder.path().join("no_fsync.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/no_fsync.c");
    run("cc", &["-shared", "-fPIC", "-o", &path(&library), source]);
    let (acknowledged, lost) = cut_power(CUTS_WITHOUT_FSYNC, EXT4, Some(&library), &[]).await;
    println!("{CUTS_WITHOUT_FSYNC} power cuts without fsync: {lost} of {acknowledged} messages lost");
    assert!(lost > 0, "the control without fsync lost no message");
}

/// Deletes one message at a time, so that no other write flushes the deletion to the disk.
#[tokio::test]
async fn deletions_survive_power_cuts() {
    let (issuer, folder) = (TokenIssuer::new(), TempDir::new().unwrap());
    let token = issuer.token("messages:delete messages:read");
    let outer = DiskMount::new(&folder.path().join("outer"), 2 * GIB, &["mkfs.btrfs", "-q"]);
    let image = outer.join("disk");
    let mut disk = DiskMount::new(&image, GIB, EXT4);
    let store_all = start(disk.path(), None, &[]);
    let texts: Vec<_> = (0..CUTS_WITHOUT_FSYNC).map(|number| format!("deleted {number}")).collect();
    for text in &texts {
        let stored = post(&store_all.client(), text.clone()).await;
        assert!(matches!(stored, Some(AddMessageResponse::Created { .. })), "{stored:?}");
    }
    drop(store_all);
    for text in &texts {
        let server = start(disk.path(), None, &issuer.options(&[]));
        assert_eq!(delete(&server, &digest(text), Some(&token)).await.status, 204);
        let cut = outer.join("cut");
        run("cp", &["--reflink=always", &path(&image), &path(&cut)]);
        drop(server);
        disk.unmount();
        std::fs::rename(&cut, &image).unwrap();
        disk = DiskMount::mount(&image);
        let server = start(disk.path(), None, &[]);
        assert_eq!(get(&server.client(), text).await, ReadResult::Missing, "{text}");
    }
}

/// Cuts the power of a disk repeatedly, each time of the disk as the last cut left it. Returns the number of messages
/// that were acknowledged before a cut, and how many of them are lost.
async fn cut_power(
    cuts: usize,
    mkfs: &[&str],
    preload: Option<&PathBuf>,
    options: &[&str],
) -> (usize, usize) {
    let folder = TempDir::new().unwrap();
    let outer = DiskMount::new(&folder.path().join("outer"), 8 * GIB, &["mkfs.btrfs", "-q"]);
    let image = outer.join("disk");
    let mut disk = DiskMount::new(&image, GIB, mkfs);
    run("sync", &[]);
    let next = Arc::<AtomicU64>::default();
    let (mut all, mut lost) = (Vec::new(), 0);
    for number in 0..cuts {
        let mut server = start(disk.path(), preload, &[options, &["--shutdown-delay", "0s"]].concat());
        let load = Writers::start(&server, &next);
        load.wait_for(fastrand::usize(1..600)).await;
        let acknowledged = load.acknowledged();
        // Cuts the power under load, while the server stops, and after it has stopped.
        if number % 3 > 0 {
            server.terminate();
        }
        match number % 3 {
            // Waits for a random moment of the stop; there is no event to wait for.
            1 => tokio::time::sleep(Duration::from_millis(fastrand::u64(500..700))).await,
            2 => assert!(server.wait().success()),
            _ => {}
        }
        let cut = outer.join("cut");
        run("cp", &["--reflink=always", &path(&image), &path(&cut)]);
        drop(server);
        load.end().await;
        disk.unmount();
        std::fs::rename(&cut, &image).unwrap();
        disk = DiskMount::mount(&image);
        lost += count_lost(&disk, &acknowledged, options).await;
        all.extend(acknowledged);
    }
    if lost == 0 {
        lost = count_lost(&disk, &all, options).await;
    }
    (all.len(), lost)
}

/// Returns how many of these messages a server on this disk lacks: all of them if it does not start.
async fn count_lost(disk: &DiskMount, numbers: &[u64], options: &[&str]) -> usize {
    match Server::spawn(&mut command_on(disk.path(), options)) {
        Ok(server) => incorrect_messages(&server, numbers).await.len(),
        Err((_, stderr)) => {
            println!("no server starts after the cut: {stderr}");
            numbers.len()
        }
    }
}

fn start(disk: &Path, preload: Option<&PathBuf>, options: &[&str]) -> Server {
    let mut command = command_on(disk, options);
    if let Some(library) = preload {
        command.env("LD_PRELOAD", library);
    }
    Server::spawn(&mut command).unwrap()
}

fn command_on(disk: &Path, options: &[&str]) -> Command {
    let store = format!("file:{}", disk.join("data").display());
    command(&[&["--store", &store], options, QUIET.as_slice()].concat())
}
