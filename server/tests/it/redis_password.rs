//! The password file of Redis is replaced while the server runs. Error messages name the file when it is empty or
//! unreadable.

use std::fs;

use tempfile::TempDir;

use crate::support::ports::free_port;
use crate::support::redis::{MASTER, RedisServer};
use crate::support::store::{SHORT_TIMEOUTS, open_store, put, put_until_acknowledged, wait_until_ready};
use crate::support::{self, Server};

/// Rotates the password: the old connections end, and the new ones log in with the new password.
#[tokio::test(flavor = "multi_thread")]
async fn rotated_password_needs_no_restart() {
    let redis = RedisServer::start("user app on >first ~m:* nocommands +get +set");
    let port = free_port();
    let configuration = format!(
        "port {port}\nsentinel monitor {MASTER} 127.0.0.1 {} 1\nuser app on >first ~* &* +@all\n\
         user admin on nopass ~* &* +@all\nuser default off",
        redis.port
    );
    let sentinel = RedisServer::start_sentinel(port, &configuration);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "first\n").unwrap();
    let options = [&SHORT_TIMEOUTS[..], &["--redis-password-file", file.to_str().unwrap()]].concat();
    let direct = open_store(&format!("redis://app@127.0.0.1:{}", redis.port), &options).await;
    let watched = open_store(&format!("redis+sentinel://app@127.0.0.1:{port}/{MASTER}"), &options).await;
    for store in [&direct, &watched] {
        wait_until_ready(&**store).await;
        put(&**store, "before").await.unwrap();
    }
    fs::write(&file, "second\n").unwrap();
    let admin = ["--user", "admin", "--pass", "any"];
    for (server, login) in [(&redis, &[][..]), (&sentinel, &admin[..])] {
        let set = ["ACL", "SETUSER", "app", "resetpass", ">second"];
        assert_eq!(server.cli(&[login, &set].concat()), "OK");
        server.cli(&[login, &["CLIENT", "KILL", "USER", "app"]].concat());
    }
    for (store, text) in [(&direct, "after"), (&watched, "after, too")] {
        wait_until_ready(&**store).await;
        put_until_acknowledged(&**store, text).await;
    }
    // If the file cannot be read, the last password stays in use.
    fs::remove_file(&file).unwrap();
    redis.cli(&["CLIENT", "KILL", "USER", "app"]);
    put_until_acknowledged(&*direct, "without the file").await;
}

#[test]
fn password_file_without_a_password_is_rejected() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("password");
    for (text, named) in [("\u{feff}secret\n", "byte order mark"), ("", "is empty"), ("\n", "is empty")] {
        fs::write(&file, text).unwrap();
        let path = file.display().to_string();
        let options = ["--store", "redis://127.0.0.1", "--redis-password-file", &path];
        let Err((status, stderr)) = Server::spawn(&mut support::command(&options)) else {
            panic!("the server starts with {text:?}");
        };
        assert_eq!(status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(named) && stderr.contains(&path) && !stderr.contains("secret"), "{stderr}");
    }
}
