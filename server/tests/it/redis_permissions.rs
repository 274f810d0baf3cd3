//! Redis users with few permissions, and Redis services without some commands: the store needs only the commands for
//! messages.

use message_to_hash::message::MessageHash;
use message_to_hash::store::Put;

use crate::support::ports::free_port;
use crate::support::redis::{MASTER, RedisServer};
use crate::support::store::{
    SHORT_TIMEOUTS, get, open_store, put, put_until_acknowledged, wait_until_not_ready, wait_until_ready,
};
use crate::support::wait::eventually;

/// Returns the URL of this server for the user that `allow` sets up.
fn url_as_user(server: &RedisServer) -> String {
    format!("redis://app:secret@127.0.0.1:{}", server.port)
}

fn allow(server: &RedisServer, permissions: &str) {
    let user = ["ACL", "SETUSER", "app", "on", ">secret", "resetkeys", "~m:*", "nocommands"];
    let permissions: Vec<_> = permissions.split(' ').collect();
    assert_eq!(server.cli(&[&user[..], &permissions].concat()), "OK");
}

/// ROLE and INFO are refused or do not exist. The store still detects that a primary became a replica.
#[tokio::test(flavor = "multi_thread")]
async fn role_commands_are_not_required() {
    let renamed = "rename-command ROLE \"\"\nrename-command INFO \"\"";
    for (configuration, permissions) in [
        ("", "+get +set +info"),
        ("", "+get +set"),
        (renamed, "+@all"),
        ("rename-command ROLE \"\"", "+@all"),
    ] {
        let server = RedisServer::start(configuration);
        allow(&server, permissions);
        let store = open_store(&url_as_user(&server), &SHORT_TIMEOUTS).await;
        wait_until_ready(&*store).await;
        assert_eq!(put(&*store, "foo").await.unwrap(), Put::Created, "{permissions}");
        assert_eq!(get(&*store, "foo").await.unwrap().unwrap().as_str(), "foo");
        assert_eq!(get(&*store, "bar").await.unwrap(), None);
        server.cli(&["REPLICAOF", "127.0.0.1", &free_port().to_string()]);
        assert!(wait_until_not_ready(&*store).await.contains("replica"), "{permissions}");
        assert!(put(&*store, "bar").await.unwrap_err().to_string().contains("replica"), "{permissions}");
        server.cli(&["REPLICAOF", "NO", "ONE"]);
        assert_eq!(put_until_acknowledged(&*store, "bar").await, Put::Created, "{permissions}");
    }
}

/// The only command that a sentinel must allow is the one for the primary's address.
#[tokio::test(flavor = "multi_thread")]
async fn sentinel_user_needs_one_command() {
    let server = RedisServer::start("");
    let port = free_port();
    let configuration = format!(
        "port {port}\nsentinel monitor {MASTER} 127.0.0.1 {} 1\n\
         user default on nopass resetchannels nocommands +sentinel|get-master-addr-by-name\n\
         user admin on nopass ~* &* +@all",
        server.port
    );
    let _sentinel = RedisServer::start_sentinel(port, &configuration);
    let url = format!("redis+sentinel://127.0.0.1:{port}/{MASTER}");
    for read_from in ["primary", "replica"] {
        let store = open_store(&url, &["--redis-read-from", read_from]).await;
        wait_until_ready(&*store).await;
        put(&*store, "foo").await.unwrap();
        assert_eq!(get(&*store, "foo").await.unwrap().unwrap().as_str(), "foo");
        assert_eq!(get(&*store, "bar").await.unwrap(), None);
    }
}

/// Without the permissions to publish and to count, the store works without both.
#[tokio::test(flavor = "multi_thread")]
async fn publish_and_dbsize_permissions_are_optional() {
    let server = RedisServer::start("");
    allow(&server, "+get +set +unlink +scan");
    let store = open_store(&url_as_user(&server), &SHORT_TIMEOUTS).await;
    wait_until_ready(&*store).await;
    put(&*store, "foo").await.unwrap();
    assert!(store.estimated_count().await.is_err());
    store.delete(MessageHash::of(b"foo")).await.unwrap();
    eventually("the message is gone", || server.cli(&["DBSIZE"]) == "0");
    assert_eq!(get(&*store, "foo").await.unwrap(), None);
}
