//! Foreign files in the data folder are never changed, and the store's files are readable by their owner only.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::disk::{DiskMount, path, run};
use crate::support::{FOO, Server, ask, command};

fn refused(data: &Path, text: &str) {
    let store = format!("file:{}", path(data));
    let (status, stderr) =
        Server::spawn(&mut command(&["--store", &store])).err().expect("the server refuses to start");
    assert_eq!(status.code(), Some(1), "{stderr}");
    assert!(stderr.contains(text), "{stderr}");
}

/// Returns the path, mode and content of everything below a folder.
fn all_of(folder: &Path) -> Vec<(PathBuf, u32, Option<Vec<u8>>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
        all.push((path.clone(), mode, fs::read(&path).ok()));
        if path.is_dir() {
            all.extend(all_of(&path));
        }
    }
    all.sort();
    all
}

async fn stored(server: &Server) -> u16 {
    ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await.status
}

fn export(data: &Path) -> Output {
    let mut export = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    export.env_clear().args(["export", "--store", &format!("file:{}", path(data))]).output().unwrap()
}

fn assert_exports_foo(data: &Path) {
    let output = export(data);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("{{\"hash\":\"{FOO}\",\"message\":\"foo\"}}\n"),
        "{printed}"
    );
}

#[test]
fn folder_with_foreign_files_is_not_opened() {
    let folder = TempDir::new().unwrap();
    let foreign: [(&str, &[u8]); 6] = [
        ("photo.jpg", b"x"),
        (".hidden", b""),
        ("lock", b"4711\n"),
        ("0.jnl", b"a journey"),
        ("version", b"1.2.3"),
        ("x.jnl", b""),
    ];
    for (number, (name, content)) in foreign.into_iter().enumerate() {
        let data = folder.path().join(number.to_string());
        fs::create_dir(&data).unwrap();
        fs::write(data.join(name), content).unwrap();
        let before = all_of(&data);
        refused(&data, &format!("{} is not this program's", path(&data.join(name))));
        let left = all_of(&data).into_iter().filter(|(path, ..)| !path.ends_with("lock") || name == "lock");
        assert_eq!(left.collect::<Vec<_>>(), before, "{name}");
    }
    // `lost+found` is made by the filesystem, and allowed.
    let data = folder.path().join("disk");
    fs::create_dir_all(data.join("lost+found")).unwrap();
    Server::start_on(&data, &[]);
}

#[tokio::test]
async fn foreign_file_of_one_of_our_names_is_not_replaced() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    Server::start_on(&data, &[]).terminate();
    fs::write(folder.path().join("elsewhere"), "precious").unwrap();
    fs::remove_file(data.join("export.sock")).ok();
    for name in ["export.sock", "journal-copy"] {
        fs::write(data.join(name), "precious").unwrap();
        let server = Server::start_on(&data, &[]);
        assert_ne!(stored(&server).await, 503, "{name}");
        assert_eq!(fs::read_to_string(data.join(name)).unwrap(), "precious", "{name}");
        fs::remove_file(data.join(name)).unwrap();
    }
    symlink(folder.path().join("elsewhere"), data.join("journal-copy")).unwrap();
    let server = Server::start_on(&data, &[]);
    assert_eq!(stored(&server).await, 200);
    assert_eq!(fs::read_to_string(folder.path().join("elsewhere")).unwrap(), "precious");
    // A leftover of the program's own crash is removed.
    drop(server);
    fs::remove_file(data.join("journal-copy")).unwrap();
    fs::write(data.join("journal-copy"), [1, 0, 0]).unwrap();
    Server::start_on(&data, &[]);
    assert!(!data.join("journal-copy").exists());
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let folder = TempDir::new().unwrap();
    for (name, mode) in [("new", None), ("private", Some(0o700)), ("open", Some(0o755))] {
        let data = folder.path().join(name);
        if let Some(mode) = mode {
            fs::create_dir(&data).unwrap();
            fs::set_permissions(&data, fs::Permissions::from_mode(mode)).unwrap();
        }
        let server = Server::start_on(&data, &[]);
        assert_eq!(stored(&server).await, 201);
        for (path, mode, _) in all_of(&data) {
            assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
        }
        let warned =
            server.stderr.all().iter().any(|line| {
                line.contains("WARN") && line.contains("open to every user") && line.contains("755")
            });
        assert_eq!(warned, name == "open", "{name}: {:?}", server.stderr.all());
    }
}

#[tokio::test]
async fn served_folder_with_a_long_path_is_exported() {
    let folder = TempDir::new().unwrap();
    let deep = folder.path().join("d".repeat(100)).join("e".repeat(100));
    fs::create_dir_all(&deep).unwrap();
    let server = Server::start_on(&deep.join("data"), &[]);
    assert_eq!(stored(&server).await, 201);
    assert!(
        server.stderr.all().iter().all(|line| !line.contains("export.sock")),
        "{:?}",
        server.stderr.all()
    );
    assert_exports_foo(&deep.join("data"));
}

#[tokio::test]
async fn read_only_folder_is_exported() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    for is_closed in [false, true] {
        let mut server = Server::start_on(&data, &[]);
        assert!(matches!(stored(&server).await, 200 | 201));
        if is_closed {
            server.terminate();
            server.wait();
        } else {
            server.kill(); // the message is in the journal alone
        }
        let mount = DiskMount::read_only(&data);
        let before = all_of(mount.path());
        assert_exports_foo(mount.path());
        assert_eq!(all_of(mount.path()), before);
    }
    // A folder that is mounted elsewhere is not read while a server uses it.
    let server = Server::start_on(&data, &[]);
    let mount = DiskMount::read_only(&data);
    assert_exports_foo(mount.path());
    fs::remove_file(data.join("export.sock")).unwrap();
    let refused = export(mount.path());
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in use by another process"), "{refused:?}");
    drop(server);
}

#[tokio::test]
async fn read_only_folder_with_tables_is_exported() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let mut server = Server::start_on(&data, &["--log-filter", "info,access=off"]);
    assert_eq!(stored(&server).await, 201);
    for number in 0..30 {
        let message = crate::support::writers::text_of(number, 900_000);
        let message = serde_json::json!({ "message": message }).to_string();
        assert_eq!(ask(server.api, "POST /messages HTTP/1.1", message).await.status, 201);
    }
    server.terminate();
    server.wait();
    run("chmod", &["-R", "a-w", &path(&data)]);
    let mount = DiskMount::read_only(&data);
    let output = export(mount.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 31);
    let server = Server::start_on(&data, &[]);
    assert_eq!(stored(&server).await, 200);
}
