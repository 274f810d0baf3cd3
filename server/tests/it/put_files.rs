//! `put` of many files: complete, partial, and interrupted.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Output};

use message_to_hash_client::MessageHash;
use tempfile::TempDir;

use crate::support::program::{assert_fails, out, run, shell, with_pipes};
use crate::support::{EMPTY, FOO, Server};

const MANY: usize = 10_000;

/// Makes a folder with many small files.
fn many_files() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("notes")).unwrap();
    for number in 0..MANY {
        fs::write(folder.path().join(format!("notes/{number}.txt")), format!("note {number}\n")).unwrap();
    }
    folder
}

/// Returns the sums of the summaries of `put`: stored, already there, and skipped messages.
fn summary(output: &Output) -> [usize; 3] {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let mut sums = [0; 3];
    for line in stderr.lines().filter(|line| line.contains("there before")) {
        let numbers = line.split([' ', ',']).filter_map(|word| word.parse().ok());
        for (sum, number) in sums.iter_mut().zip(numbers.collect::<Vec<usize>>()) {
            *sum += number;
        }
    }
    sums
}

#[test]
fn put_skips_blocked_messages_and_get_refuses_them() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("blocked"), FOO).unwrap();
    fs::write(folder.path().join("foo"), "foo").unwrap();
    fs::write(folder.path().join("bar"), "bar").unwrap();
    let list = folder.path().join("blocked").display().to_string();
    let server = Server::start(&["--blocked-hashes-file", &list]);
    assert_fails(&run(&server.url(), &["put"], "foo"), 2, &["blocked"]);
    assert_fails(&run(&server.url(), &["get", FOO], ""), 3, &["blocked"]);
    let put = shell(&server, folder.path(), "message-to-hash put foo bar");
    assert_eq!((put.status.code(), summary(&put)), (Some(2), [1, 0, 1]), "{put:?}");
    assert_eq!(out(&put), format!("{}  bar\n", MessageHash::from_message("bar")));
}

#[test]
fn put_of_10_000_files_prints_sha256sum_lines() {
    let (server, folder) = (Server::start(&["--log-filter", "info,access=off"]), many_files());
    let put = "find notes -type f -print0 | xargs -0 message-to-hash put > sums";
    let first = shell(&server, folder.path(), put);
    assert_eq!((first.status.code(), summary(&first)), (Some(0), [MANY, 0, 0]));
    let checked = shell(&server, folder.path(), "wc -l < sums; sha256sum --check --quiet --strict sums");
    assert_eq!((out(&checked).trim(), checked.status.code()), (MANY.to_string().as_str(), Some(0)));
    let again = shell(&server, folder.path(), put);
    assert_eq!((again.status.code(), summary(&again)), (Some(0), [0, MANY, 0]));
    let got = shell(&server, folder.path(), "message-to-hash get $(sed -n '/\\/4711.txt/s/ .*//p' sums)");
    assert_eq!(out(&got), "note 4711\n");
}

/// Starts `put` with many files, and reads the first lines of its output. It then blocks, because its output is not
/// read further.
fn put_half_way(server: &Server, folder: &TempDir) -> (Child, BufReader<std::process::ChildStdout>) {
    let names: Vec<_> = (0..MANY).map(|number| format!("notes/{number}.txt")).collect();
    // A process in the background may ignore SIGINT and pass that on to its children, so the test resets it.
    let mut put = Command::new("/usr/bin/env");
    put.args(["--default-signal=INT", env!("CARGO_BIN_EXE_message-to-hash")]);
    let mut put = with_pipes(put, &server.url(), &["put"]);
    let mut child = put.args(&names).current_dir(folder).spawn().unwrap();
    let mut printed = BufReader::with_capacity(100, child.stdout.take().unwrap());
    for number in 0..100 {
        let mut line = String::new();
        printed.read_line(&mut line).unwrap();
        let hash = MessageHash::from_message(&format!("note {number}\n"));
        assert_eq!(line, format!("{hash}  notes/{number}.txt\n"));
    }
    (child, printed)
}

#[test]
fn interrupted_put_can_be_repeated() {
    let (server, folder) = (Server::start(&["--log-filter", "info,access=off"]), many_files());
    let (child, mut printed) = put_half_way(&server, &folder);
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let status = child.wait_with_output().unwrap().status;
    assert_eq!(status.signal(), Some(2));
    let mut rest = String::new();
    printed.read_to_string(&mut rest).unwrap();
    let printed = 100 + rest.lines().count();
    assert!(printed < MANY);

    let put = "find notes -type f -print0 | xargs -0 message-to-hash put > sums";
    let again = shell(&server, folder.path(), put);
    let [stored, were_there, left_out] = summary(&again);
    assert_eq!((again.status.code(), stored + were_there, left_out), (Some(0), MANY, 0));
    assert!(were_there >= printed && stored > 0, "{stored} stored, {were_there} there before");
}

#[test]
fn put_exits_3_if_the_server_stops() {
    let (mut server, folder) = (Server::start(&["--log-filter", "info,access=off"]), many_files());
    let (child, mut printed) = put_half_way(&server, &folder);
    server.kill();
    let mut rest = String::new();
    printed.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_fails(&output, 3, &["the connection failed", "run the same again to go on"]);
    let [stored, were_there, left_out] = summary(&output);
    assert_eq!((stored, were_there, left_out), (100 + rest.lines().count(), 0, 0));
}

#[test]
fn put_skips_files_that_are_not_messages() {
    let (server, folder) = (Server::start(&["--max-message-bytes", "1000"]), TempDir::new().unwrap());
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("no-text", b"\xff");
    write("large", &[b'x'; 1001]);
    File::create(folder.path().join("huge")).unwrap().set_len((64 << 20) + 1).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    write("first", b"foo");
    write("last", b"");
    let put = "message-to-hash put first no-text large huge folder missing last";
    let output = shell(&server, folder.path(), put);
    assert_eq!((output.status.code(), summary(&output)), (Some(2), [2, 0, 5]));
    assert_eq!(out(&output), format!("{FOO}  first\n{EMPTY}  last\n"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    let reasons =
        ["no-text: it is not text", "large: the message is too large", "huge: it has more than 64 MiB"];
    for reason in reasons.into_iter().chain(["folder: it is a folder", "missing: No such file"]) {
        assert!(stderr.contains(reason), "no {reason:?} in {stderr}");
    }
    assert_fails(&run(&server.url(), &["put"], b"\xff"), 2, &["stdin", "not text in UTF-8"]);
    assert_fails(&run(&server.url(), &["put"], [b'x'; 1001]), 2, &["too large", "1000 bytes"]);
}
