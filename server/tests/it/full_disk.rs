//! The disk becomes full or read-only, or fails, while the server runs: puts are refused, stored messages can still be
//! read, and the server recovers without a restart when the disk works again.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use message_to_hash_api::AddMessageResponse;
use tempfile::TempDir;

use crate::support::disk::{DiskMount, path, run};
use crate::support::wait_until::wait_until;
use crate::support::writers::{QUIET, Writers, incorrect_messages, post, text};
use crate::support::{Server, ask};

const MIB: u64 = 1 << 20;
const READS_WHILE_BROKEN: usize = 8;
/// The log lines for the begin and the end of a failure.
const FAILS: &str = "nothing more is stored until writes succeed again";
const WORKS: &str = "messages are stored again";
const EXT4: &[&str] = &["mkfs.ext4", "-q", "-F"];
/// A failed write does not make this filesystem read-only for good.
const EXT4_WITHOUT_JOURNAL: &[&str] = &["mkfs.ext4", "-q", "-F", "-O", "^has_journal"];

#[tokio::test]
async fn puts_are_refused_below_min_free() {
    let disk = DiskMount::in_memory(256 * MIB);
    let mut test = DiskTest::start(&disk, "64MiB").await;
    let filler = disk.join("filler");
    test.assert_recovers(|| fill(&filler, 32 * MIB), || fs::remove_file(&filler).unwrap()).await;
    test.assert_loses_nothing_when_killed(|| disk).await;
}

#[tokio::test]
async fn full_disk_without_min_free_recovers() {
    let folder = TempDir::new().unwrap();
    let disk = DiskMount::new(&folder.path().join("disk"), 256 * MIB, EXT4);
    let mut test = DiskTest::start(&disk, "0").await;
    let filler = disk.join("filler");
    for _ in 0..3 {
        test.assert_recovers(|| fill(&filler, 0), || fs::remove_file(&filler).unwrap()).await;
    }
    test.assert_loses_nothing_when_killed(|| disk).await;
}

#[tokio::test]
async fn read_only_folder_recovers() {
    let folder = TempDir::new().unwrap();
    let disk = DiskMount::new(&folder.path().join("disk"), 256 * MIB, EXT4);
    let mut test = DiskTest::start(&disk, "0").await;
    let data = path(&disk.join("data"));
    // chattr fails on sockets.
    let chattr = |to: &str| run("find", &[&data, "-not", "-type", "s", "-exec", "chattr", to, "{}", "+"]);
    test.assert_recovers(|| chattr("+i"), || chattr("-i")).await;
    test.assert_loses_nothing_when_killed(|| disk).await;
}

/// After a failed fsync the kernel marks the pages as written, so a later fsync of them succeeds without writing them.
#[tokio::test]
async fn messages_after_a_failed_fsync_survive_a_power_cut() {
    let outer = DiskMount::in_memory(128 * MIB);
    let image = outer.join("disk");
    let disk = DiskMount::new(&image, 512 * MIB, EXT4_WITHOUT_JOURNAL);
    let mut test = DiskTest::start(&disk, "0").await;
    let filler = outer.join("filler");
    test.assert_recovers(|| fill(&filler, 0), || fs::remove_file(&filler).unwrap()).await;
    let unplug = || {
        disk.unmount(); // with it goes what only the page cache has
        DiskMount::mount(&image)
    };
    test.assert_loses_nothing_when_killed(unplug).await;
}

/// The next start must not take the pages for written either.
#[tokio::test]
async fn messages_after_a_failed_fsync_and_restart_survive_a_power_cut() {
    let outer = DiskMount::in_memory(128 * MIB);
    let image = outer.join("disk");
    let disk = DiskMount::new(&image, 512 * MIB, EXT4_WITHOUT_JOURNAL);
    let mut test = DiskTest::start(&disk, "0").await;
    let filler = outer.join("filler");
    fill(&filler, 0);
    test.post_until_refused().await;
    test.server.kill();
    fs::remove_file(&filler).unwrap();
    test.server = Server::start_on(&disk.join("data"), &QUIET);
    wait_until("a message is stored again", async || test.post().await).await;
    let unplug = || {
        disk.unmount();
        DiskMount::mount(&image)
    };
    test.assert_loses_nothing_when_killed(unplug).await;
}

/// The server can be stopped whatever the state of the disk.
#[tokio::test]
async fn server_on_a_full_disk_stops() {
    let folder = TempDir::new().unwrap();
    let disk = DiskMount::new(&folder.path().join("disk"), 256 * MIB, EXT4);
    let mut test = DiskTest::start(&disk, "0").await;
    fill(&disk.join("filler"), 0);
    test.post_until_refused().await;
    test.server.terminate();
    assert!(test.server.wait().success());
}

/// A server and the messages that it has acknowledged.
struct DiskTest {
    server: Server,
    next: Arc<AtomicU64>,
    acknowledged: Vec<u64>,
}

impl DiskTest {
    /// Stores some messages on this disk. The server has no cache, so every read reaches the store.
    async fn start(disk: &DiskMount, min_free: &str) -> Self {
        let options = ["--store-min-free", min_free, "--cache-bytes", "0", "--shutdown-delay", "0s"];
        let server = Server::start_on(&disk.join("data"), &[&options, QUIET.as_slice()].concat());
        let next = Arc::default();
        let load = Writers::start(&server, &next);
        load.wait_for(300).await;
        let acknowledged = load.end().await;
        Self { server, next, acknowledged }
    }

    /// Asserts the behaviour while the disk is broken, and after it is repaired.
    async fn assert_recovers(&mut self, break_disk: impl FnOnce(), heal_disk: impl FnOnce()) {
        let (failed, mended) = (self.lines(FAILS), self.lines(WORKS));
        break_disk();
        self.post_until_refused().await;
        let message = serde_json::json!({ "message": self.text() }).to_string();
        let post = "POST /messages HTTP/1.1\r\nContent-Type: application/json";
        let refused = ask(self.server.api, post, message).await;
        refused.problem(503);
        assert_eq!(refused.header("retry-after"), Some("1"));
        // While the test reads, the writer thread repeats its write.
        for _ in 0..READS_WHILE_BROKEN {
            assert_eq!(incorrect_messages(&self.server, &self.acknowledged).await, []);
            assert_eq!((self.admin("/live").await, self.admin("/ready").await), (200, 503));
            assert!(!self.post().await);
        }
        heal_disk();
        let test = &mut *self;
        wait_until("a message is stored again", async || test.post().await).await;
        assert_eq!(self.admin("/ready").await, 200);
        wait_until("the recovery is logged", async || self.lines(WORKS) > mended).await;
        assert_eq!((self.lines(FAILS), self.lines(WORKS)), (failed + 1, mended + 1));
        assert_eq!(incorrect_messages(&self.server, &self.acknowledged).await, []);
    }

    /// Kills the server, and asserts that a new one on `disk()` has all messages.
    async fn assert_loses_nothing_when_killed(mut self, disk: impl FnOnce() -> DiskMount) {
        self.server.kill();
        let disk = disk();
        let server = Server::start_on(&disk.join("data"), &QUIET);
        assert_eq!(incorrect_messages(&server, &self.acknowledged).await, []);
    }

    async fn post_until_refused(&mut self) {
        wait_until("a message is refused", async || !self.post().await).await;
    }

    /// Posts a new message, and returns whether it was acknowledged.
    async fn post(&mut self) -> bool {
        let text = self.text();
        match post(&self.server.client(), text).await {
            Some(AddMessageResponse::Created { .. }) => {
                self.acknowledged.push(self.next.load(Ordering::Relaxed) - 1);
                true
            }
            Some(AddMessageResponse::ServiceUnavailable { retry_after: 1, .. }) => false,
            other => panic!("{other:?}"),
        }
    }

    /// Returns a new message.
    fn text(&self) -> String {
        text(self.next.fetch_add(1, Ordering::Relaxed))
    }

    async fn admin(&self, path: &str) -> u16 {
        ask(self.server.admin, &format!("GET {path} HTTP/1.1"), "").await.status
    }

    /// Returns the number of log lines with this text.
    fn lines(&self, text: &str) -> usize {
        self.server.stderr.all().iter().filter(|line| line.contains(text)).count()
    }
}

/// Writes a file until only `left` bytes are free.
fn fill(filler: &Path, left: u64) {
    let mut file = File::create(filler).unwrap();
    let folder = filler.parent().unwrap();
    let block = vec![1; 1 << 16];
    let mut length = block.len();
    while length > 0 && free(folder) >= left + length as u64 {
        match file.write(&block[..length]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => length /= 2,
            Err(error) => panic!("{error}"),
        }
    }
    match file.sync_all() {
        Err(error) if error.kind() != ErrorKind::StorageFull => panic!("{error}"),
        _ => {}
    }
}

fn free(folder: &Path) -> u64 {
    let disk = rustix::fs::statvfs(folder).unwrap();
    disk.f_bfree * disk.f_frsize
}
