//! The data folder is deleted, moved or overwritten while the server runs: the server acknowledges no message that the
//! next start would not find.

use std::fs;
use std::path::{Path, PathBuf};

use message_to_hash_api::AddMessageResponse;
use tempfile::TempDir;

use crate::support::disk::{path, run};
use crate::support::wait_until::wait_until;
use crate::support::writers::{QUIET, incorrect_messages, post, text, text_of};
use crate::support::{Server, ask};

/// The log line for the begin of the failure.
const FAILS: &str = "nothing more is stored until writes succeed again";
const REPLACED: &str = "was changed under the running server";
const WORKS: &str = "messages are stored again";

/// A running server with two messages, and a backup of its folder that has only the first.
struct FolderTest {
    server: Server,
    data: PathBuf,
    backup: PathBuf,
    _folder: TempDir,
}

impl FolderTest {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let (data, backup) = (folder.path().join("data"), folder.path().join("backup"));
        let server = Server::start_on(&data, &[&["--shutdown-delay", "0s"], QUIET.as_slice()].concat());
        let test = Self { server, data, backup, _folder: folder };
        assert!(matches!(test.post(0).await, Some(AddMessageResponse::Created { .. })));
        run("cp", &["-a", &path(&test.data), &path(&test.backup)]);
        assert!(matches!(test.post(1).await, Some(AddMessageResponse::Created { .. })));
        test
    }

    async fn post(&self, number: u64) -> Option<AddMessageResponse> {
        post(&self.server.client(), text(number)).await
    }

    /// Asserts that new and repeated messages are refused, and that the log has one line about it.
    async fn assert_refuses(&self, how: &str) {
        for number in [2, 1, 3] {
            let refused = self.post(number).await;
            assert!(
                matches!(refused, Some(AddMessageResponse::ServiceUnavailable { .. })),
                "{how}: {number}: {refused:?}"
            );
        }
        assert_eq!(self.ready().await, 503, "{how}");
        self.server.stderr.wait_for(&["ERROR", REPLACED]);
        let lines = self.server.stderr.all();
        assert_eq!(lines.iter().filter(|line| line.contains(FAILS)).count(), 1, "{how}: {lines:#?}");
    }

    async fn ready(&self) -> u16 {
        ask(self.server.admin, "GET /ready HTTP/1.1", "").await.status
    }
}

type Replace<'a> = &'a dyn Fn(&FolderTest);

fn remove_content(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        } else {
            fs::remove_file(entry.path()).unwrap();
        }
    }
}

#[tokio::test]
async fn replaced_folder_acknowledges_nothing() {
    let content_of_backup = |test: &FolderTest| format!("{}/.", path(&test.backup));
    let replacements: [(&str, Replace); 9] = [
        ("its content is deleted", &|test| remove_content(&test.data)),
        ("it is deleted and made again", &|test| {
            fs::remove_dir_all(&test.data).unwrap();
            fs::create_dir(&test.data).unwrap();
        }),
        ("it is moved away", &|test| fs::rename(&test.data, test.data.with_extension("old")).unwrap()),
        ("a backup takes its place", &|test| {
            fs::rename(&test.data, test.data.with_extension("old")).unwrap();
            fs::rename(&test.backup, &test.data).unwrap();
        }),
        ("a backup is copied over it", &|test| {
            run("cp", &["-a", &content_of_backup(test), &path(&test.data)]);
        }),
        ("a backup is copied over it with new times", &|test| {
            run("cp", &["-r", "--remove-destination", &content_of_backup(test), &path(&test.data)]);
        }),
        ("its journal is deleted", &|test| fs::remove_file(test.data.join("0.jnl")).unwrap()),
        ("its lock is deleted", &|test| fs::remove_file(test.data.join("lock")).unwrap()),
        ("its list of tables is deleted", &|test| {
            fs::remove_file(test.data.join("keyspaces/1/current")).unwrap();
        }),
    ];
    for (how, replace) in replacements {
        let test = FolderTest::start().await;
        replace(&test);
        test.assert_refuses(how).await;
    }
}

#[tokio::test]
async fn idle_server_reports_a_replaced_folder() {
    let test = FolderTest::start().await;
    remove_content(&test.data);
    test.server.stderr.wait_for(&["ERROR", REPLACED]);
    assert_eq!(test.ready().await, 503);
}

#[tokio::test]
async fn folder_that_is_moved_back_works_again() {
    let mut test = FolderTest::start().await;
    let away = test.data.with_extension("away");
    fs::rename(&test.data, &away).unwrap();
    let refused = test.post(2).await;
    assert!(matches!(refused, Some(AddMessageResponse::ServiceUnavailable { .. })), "{refused:?}");
    fs::rename(&away, &test.data).unwrap();
    wait_until("messages are stored again", async || {
        matches!(test.post(3).await, Some(AddMessageResponse::Created { .. }))
    })
    .await;
    test.server.stderr.wait_for(&[WORKS]);
    test.server.kill();
    let server = Server::start_on(&test.data, &QUIET);
    assert_eq!(incorrect_messages(&server, &[0, 1, 3]).await, []);
}

#[tokio::test]
async fn stop_leaves_the_replacement_as_it_is() {
    let mut test = FolderTest::start().await;
    fs::rename(&test.data, test.data.with_extension("old")).unwrap();
    run("cp", &["-a", &path(&test.backup), &path(&test.data)]);
    test.server.terminate();
    assert!(test.server.wait().success());
    test.server.stderr.wait_for(&["is left as it is"]);
    let journal = |folder: &Path| fs::read(folder.join("0.jnl")).unwrap();
    assert!(journal(&test.data) == journal(&test.backup));
    let server = Server::start_on(&test.data, &QUIET);
    assert_eq!(incorrect_messages(&server, &[0]).await, []);
}

/// Changes by an administrator that remove nothing from the folder.
#[tokio::test]
async fn harmless_changes_of_the_folder_go_unnoticed() {
    let test = FolderTest::start().await;
    run("chmod", &["-R", "u+x", &path(&test.data)]);
    run("cp", &["-al", &path(&test.data), &path(&test.data.with_extension("links"))]);
    run("touch", &[&path(&test.data.join("0.jnl"))]);
    // Stores enough messages for the engine to begin a new journal and to replace its lists of tables.
    for number in 2..90 {
        let big = text_of(number, 1_000_000);
        let stored = post(&test.server.client(), big).await;
        assert!(matches!(stored, Some(AddMessageResponse::Created { .. })), "{stored:?}");
    }
    assert_eq!(test.ready().await, 200);
    assert!(test.data.join("1.jnl").exists(), "the engine did not begin a new journal");
}
