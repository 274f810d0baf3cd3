//! `export`, `import` and `copy` transfer all messages, despite interruptions.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use message_to_hash::message::{Message, MessageHash};
use message_to_hash::metrics::StoreMetrics;
use message_to_hash::store::{Embedded, MessageStore};
use message_to_hash_api::ApiNoContext as _;
use message_to_hash_api::models;
use tempfile::TempDir;

use crate::support::redis::{RedisServer, TestCluster};
use crate::support::store::open_store;
use crate::support::{FOO, Server, TIMEOUT};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    command.env_clear().env("MESSAGE_TO_HASH_STORE_MIN_FREE", "0").args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// Runs the program, asserts that it succeeds, and returns its stdout and the last line of its stderr.
fn done(arguments: &[&str]) -> (Vec<u8>, String) {
    let output = run(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    (output.stdout, stderr.lines().last().unwrap_or_default().to_owned())
}

/// Runs the program, asserts this exit code, and returns its stderr.
fn refused(arguments: &[&str], code: i32) -> String {
    let output = run(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    stderr
}

fn file(folder: &TempDir, name: &str) -> String {
    format!("file:{}", folder.path().join(name).display())
}

async fn fill(folder: &Path, texts: impl Iterator<Item = String>) {
    let store = &Embedded::open(folder, 0, None, &StoreMetrics::default()).await.unwrap();
    let puts = texts.map(|text| async move {
        let message = Message::from(text);
        store.put(message.hash(), message).await.unwrap();
    });
    futures::stream::iter(puts).buffer_unordered(1024).collect::<()>().await;
    store.close().await;
}

/// Returns the lines of `export`, ordered by hash.
fn all_of(store: &str) -> Vec<String> {
    let lines = String::from_utf8(done(&["export", "--store", store]).0).unwrap();
    let mut lines: Vec<_> = lines.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[tokio::test]
async fn export_and_import_round_trip() {
    let folder = TempDir::new().unwrap();
    let planes: String = (0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x41)).collect();
    let odd = ["", "\0", "a\r\nb\n", "\"\\\u{7f}\u{2028}", &planes, &"x".repeat(1 << 20)].map(str::to_owned);
    fill(&folder.path().join("a"), odd.into_iter().chain((0..3000).map(|number| number.to_string()))).await;
    let exported = done(&["export", "--store", &file(&folder, "a")]).0;
    assert_eq!(exported.split_inclusive(|&byte| byte == b'\n').count(), 3006);
    let first: serde_json::Value =
        serde_json::from_slice(exported.split(|&byte| byte == b'\n').next().unwrap()).unwrap();
    let text = first["message"].as_str().unwrap();
    assert_eq!(first["hash"], MessageHash::of(text.as_bytes()).to_hex());

    let compressed = folder.path().join("compressed");
    fs::write(&compressed, done(&["export", "--zstd", "--store", &file(&folder, "a")]).0).unwrap();
    assert!(fs::metadata(&compressed).unwrap().len() < 1 << 20);
    let cut_off = folder.path().join("cut-off");
    fs::write(&cut_off, &fs::read(&compressed).unwrap()[..1000]).unwrap();
    let output = program(&["import", "--store", &file(&folder, "c"), &cut_off.display().to_string()])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(
        printed.contains("nothing can be read from there on") && !printed.contains("run the same again"),
        "{printed}"
    );

    let redis = RedisServer::start("");
    let (_, summary) = done(&["import", "--store", &redis.url(), &compressed.display().to_string()]);
    assert!(summary.starts_with("import: 3006 messages read, 3006 stored and 0 there before"), "{summary}");

    let mut import =
        program(&["import", "--store", &file(&folder, "b")]).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(all_of(&redis.url()).join("\n").as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    assert!(done(&["export", "--store", &file(&folder, "b")]).0 == exported);
}

#[tokio::test]
async fn import_and_copy_restart_the_retention() {
    let folder = TempDir::new().unwrap();
    fill(&folder.path().join("data"), ["foo".to_owned()].into_iter()).await;
    let (from, redis) = (file(&folder, "data"), RedisServer::start(""));
    let exported = folder.path().join("exported");
    fs::write(&exported, done(&["export", "--store", &from]).0).unwrap();
    let copy = ["copy", "--from", &from, "--to", &redis.url()];
    let import = ["import", "--store", &redis.url(), exported.to_str().unwrap()];
    let ttl = || redis.cli(&["TTL", &format!("m:{FOO}")]).parse::<i64>().unwrap();
    for pour in [&copy[..], &import] {
        done(pour);
        assert_eq!(ttl(), -1);
        redis.cli(&["FLUSHALL"]);
        done(&[pour, &["--retention", "1h"]].concat());
        assert!((3600 - TIMEOUT.as_secs().cast_signed()..=3600).contains(&ttl()), "{}", ttl());
        redis.cli(&["FLUSHALL"]);
    }
}

#[test]
fn transfer_errors_are_explained() {
    let folder = TempDir::new().unwrap();
    let store = file(&folder, "data");
    assert!(refused(&["export", "--store", &store], 1).contains("there is no data folder"));
    assert!(!folder.path().join("data").exists());
    fs::create_dir(folder.path().join("photos")).unwrap();
    assert!(refused(&["export", "--store", &file(&folder, "photos")], 1).contains("never had any"));
    assert_eq!(fs::read_dir(folder.path().join("photos")).unwrap().count(), 0);
    assert!(refused(&["copy", "--from", &store, "--to", "memory:"], 2).contains("memory:"));
    assert!(refused(&["copy", "--from", &store], 2).contains("--to"));
    assert!(refused(&["import", "--store", &store, "/nowhere"], 1).contains("/nowhere"));
    let nobody = "redis://127.0.0.1:1";
    let unreachable = refused(&["export", "--redis-connect-timeout", "100ms", "--store", nobody], 1);
    assert!(unreachable.contains("run the same again"), "{unreachable}");
}

#[tokio::test]
async fn import_names_damaged_and_truncated_lines_and_stores_the_rest() {
    let folder = TempDir::new().unwrap();
    let from = RedisServer::start("");
    let store = open_store(&from.url(), &[]).await;
    for text in ["foo", "bar", "secret"] {
        let message = Message::from(text.to_owned());
        store.put(message.hash(), message).await.unwrap();
    }
    let secret = MessageHash::of(b"secret").to_hex();
    from.cli(&["SET", &format!("m:{secret}"), "tampered"]);
    for command in [
        &["copy", "--from", &from.url(), "--to", &file(&folder, "copied")][..],
        &["export", "--store", &from.url()],
    ] {
        let printed = refused(command, 1);
        assert!(
            printed.contains(&secret) && printed.contains("3 messages read") && printed.contains("1 damaged"),
            "{printed}"
        );
        assert!(!printed.contains("tampered"));
    }
    assert_eq!(all_of(&file(&folder, "copied")).len(), 2);

    let compressed = done(&["export", "--zstd", "--store", &file(&folder, "copied")]).0;
    let cut = folder.path().join("cut");
    fs::write(&cut, &compressed[..compressed.len() - 4]).unwrap();
    let printed = refused(&["import", "--store", &file(&folder, "imported"), &cut.display().to_string()], 1);
    assert!(printed.contains("nothing can be read from there on"), "{printed}");
    let lines = folder.path().join("lines");
    let damaged = r#"{"damaged":"a\u001b[2Jb"}"#;
    fs::write(&lines, format!("no JSON\n{damaged}\n{}\n", all_of(&file(&folder, "copied")).join("\n")))
        .unwrap();
    let printed =
        refused(&["import", "--store", &file(&folder, "imported"), &lines.display().to_string()], 1);
    assert!(
        printed.contains("line 1") && printed.contains("4 messages read") && printed.contains("2 damaged"),
        "{printed}"
    );
    assert!(printed.contains(r"a\u{1b}[2Jb"), "control characters are escaped: {printed:?}");
    assert_eq!(all_of(&file(&folder, "imported")).len(), 2);
}

#[test]
fn import_waits_for_an_unavailable_target() {
    let (redis, folder) = (RedisServer::start(""), TempDir::new().unwrap());
    let lines = folder.path().join("lines");
    fs::write(&lines, format!("{{\"hash\":\"{FOO}\",\"message\":\"foo\"}}\n")).unwrap();
    redis.pause();
    let options = ["import", "--redis-connect-timeout", "200ms", "--store", &redis.url()];
    let mut import = KillOnDrop(program(&options).arg(&lines).spawn().unwrap());
    let mut printed = BufReader::new(import.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(printed.any(|line| line.contains("WARN") && line.contains("waiting for the target")));
    redis.resume();
    assert!(printed.any(|line| line.contains("1 stored")));
    assert!(import.0.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn export_reads_a_folder_that_is_served() {
    let folder = TempDir::new().unwrap();
    let server = Server::start_on(&folder.path().join("data"), &["--log-filter", "info,access=off"]);
    let client = server.client();
    let post = async |number: usize| {
        let posted = client.add_message(models::Message::new(number.to_string())).await;
        assert!(matches!(posted, Ok(message_to_hash_api::AddMessageResponse::Created { .. })), "{posted:?}");
    };
    for number in 0..2000 {
        post(number).await;
    }
    let target = RedisServer::start("");
    let copy = program(&["copy", "--from", &file(&folder, "data"), "--to", &target.url()]).spawn().unwrap();
    let mut number = 2000;
    let copied = tokio::task::spawn_blocking(move || copy.wait_with_output().unwrap());
    while !copied.is_finished() {
        post(number).await;
        number += 1;
    }
    let output = copied.await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let store = open_store(&target.url(), &[]).await;
    for number in 0..2000 {
        assert!(
            store.get(MessageHash::of(number.to_string().as_bytes())).await.unwrap().is_some(),
            "{number}"
        );
    }
    // The next copy transfers the messages that were stored during the first.
    let (_, summary) = done(&["copy", "--from", &file(&folder, "data"), "--to", &target.url()]);
    assert!(summary.starts_with(&format!("copy: {number} messages read")), "{summary}");
    assert_eq!(target.cli(&["DBSIZE"]), number.to_string());
    // Only a reader can share the folder with a server.
    let printed = refused(&["copy", "--from", &target.url(), "--to", &file(&folder, "data")], 1);
    assert!(printed.contains("in use by another process"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_copy_can_be_repeated() {
    const MESSAGES: usize = 20_000;
    let folder = TempDir::new().unwrap();
    fill(&folder.path().join("data"), (0..MESSAGES).map(|number| number.to_string())).await;
    let cluster = TestCluster::start("");
    let stored = || {
        let sizes = cluster.nodes.iter().filter(|node| node.is_primary()).map(|node| node.cli(&["DBSIZE"]));
        sizes.map(|size| size.parse::<usize>().unwrap()).sum::<usize>()
    };
    let from = file(&folder, "data");
    let copy = ["copy", "--from", &from, "--to", &cluster.url()];
    let mut first = KillOnDrop(program(&copy).spawn().unwrap());
    let deadline = Instant::now() + TIMEOUT;
    while stored() < 500 {
        assert!(first.0.try_wait().unwrap().is_none() && Instant::now() < deadline);
        thread::sleep(Duration::from_millis(5));
    }
    first.0.kill().unwrap();
    first.0.wait().unwrap();
    let there = stored();
    assert!(there < MESSAGES, "the copy was killed too late");
    let (_, summary) = done(&copy);
    let rest = MESSAGES - there;
    let expected = format!(
        "copy: {MESSAGES} messages read, {rest} stored and {there} there before, all of these read back"
    );
    assert!(summary.starts_with(&expected), "{summary}");
    assert_eq!(stored(), MESSAGES);
    // Copies everything back.
    done(&["copy", "--from", &cluster.url(), "--to", &file(&folder, "back")]);
    assert_eq!(all_of(&file(&folder, "back")), all_of(&from));
}

#[tokio::test]
async fn interrupted_import_says_so() {
    let folder = TempDir::new().unwrap();
    let mut import = KillOnDrop(
        program(&["import", "--store", &file(&folder, "data")]).stdin(Stdio::piped()).spawn().unwrap(),
    );
    let mut stdin = import.0.stdin.take().unwrap();
    let deadline = Instant::now() + TIMEOUT;
    // More data than fits a pipe: once it is written, the import has started to read.
    for number in 0_u32.. {
        assert!(Instant::now() < deadline);
        let message = Message::from(format!("{number}{}", "x".repeat(1000)));
        writeln!(stdin, r#"{{"hash":"{}","message":"{}"}}"#, message.hash(), message.as_str()).unwrap();
        if number == 1000 {
            break;
        }
    }
    assert!(Command::new("kill").arg(import.0.id().to_string()).status().unwrap().success());
    let status = import.0.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    let mut printed = String::new();
    std::io::Read::read_to_string(&mut import.0.stderr.take().unwrap(), &mut printed).unwrap();
    assert!(printed.contains("interrupted; run the same again"), "{printed}");
}

/// A small file that decompresses to lines larger than the memory.
#[test]
fn import_of_a_bomb_takes_little_memory() {
    const LINE: usize = 450 << 20;
    const MAX_KIB: u64 = 400 << 10;
    let folder = TempDir::new().unwrap();
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let part = vec![b'x'; 1 << 20];
    for begin in [format!("{{\"hash\":\"{FOO}\",\"message\":\""), String::new()] {
        bomb.write_all(begin.as_bytes()).unwrap();
        (0..LINE / part.len()).for_each(|_| bomb.write_all(&part).unwrap());
        bomb.write_all(b"\n").unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let rest =
        zstd::encode_all(format!("{{\"hash\":\"{FOO}\",\"message\":\"foo\"}}\n").as_bytes(), 1).unwrap();
    assert!(bomb.len() < 1 << 20);

    let mut import = KillOnDrop(
        program(&["import", "--store", &file(&folder, "data")]).stdin(Stdio::piped()).spawn().unwrap(),
    );
    let mut stdin = import.0.stdin.take().unwrap();
    stdin.write_all(&bomb).unwrap();
    // More data than fits a pipe: once it is written, the data before it was read.
    stdin.write_all(&skippable_frame(1 << 20)).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", import.0.id())).unwrap();
    let max = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let max: u64 = max.unwrap().parse().unwrap();
    stdin.write_all(&rest).unwrap();
    drop(stdin);
    let mut printed = String::new();
    std::io::Read::read_to_string(&mut import.0.stderr.take().unwrap(), &mut printed).unwrap();
    assert_eq!(import.0.wait().unwrap().code(), Some(1), "{printed}");
    assert!(printed.contains("line 1: it has more than 64 MiB"), "{printed}");
    assert!(printed.contains("1 stored") && printed.contains("2 damaged"), "{printed}");
    assert!(max < MAX_KIB, "{max} KiB");
}

/// Encodes a Zstandard frame that decoders skip.
fn skippable_frame(length: u32) -> Vec<u8> {
    let head = [0x184d_2a50_u32.to_le_bytes(), length.to_le_bytes()].concat();
    [head, vec![0; length as usize]].concat()
}

/// A process that is killed when dropped.
struct KillOnDrop(Child);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
