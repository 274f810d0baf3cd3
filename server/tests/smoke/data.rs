//! Messages survive new containers and a move to another machine.

use std::fs;

use crate::client::curl;
use crate::stack::{Stack, output_text};
use crate::support::wait::eventually;
use crate::traffic::{Traffic, assert_stored, store};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_survive_containers_and_moves() {
    let stack =
        Stack::up("data", &[("API_REPLICAS", "2"), ("RATE_LIMIT", "100000r/s"), ("RATE_BURST", "100000")]);
    let messages = store(&stack).await;
    stack.compose(&["down"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    assert_stored(&stack, &messages).await;

    // The backup is taken under load, so that it has the state of one moment.
    let load = Traffic::start(&stack).await;
    stack.script("backup.sh", &["backup.rdb"]);
    load.stop().await;
    assert!(
        output_text(&stack.command("deploy/restore.sh").arg("backup.rdb").output().unwrap())
            .contains("has data")
    );
    assert_stored(&stack, &messages).await; // by mistake, and to no harm
    stack.compose(&["down", "--volumes"]);
    fs::remove_file(stack.certificate()).unwrap();

    fs::write(stack.folder().join("damaged.rdb"), "REDIS").unwrap();
    let damaged = stack.command("deploy/restore.sh").arg("damaged.rdb").output().unwrap();
    assert!(
        !damaged.status.success() && output_text(&damaged).contains("damaged"),
        "{}",
        output_text(&damaged)
    );
    stack.script("restore.sh", &["backup.rdb"]);
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    assert_stored(&stack, &messages).await;

    // After the restore, Redis continues its append-only file. Containers that end are restarted.
    let later = store(&stack).await;
    stack.try_compose(&["exec", "-T", "redis", "redis-cli", "SHUTDOWN", "NOSAVE"]);
    stack.try_compose(&["exec", "-T", "nginx", "nginx", "-s", "stop"]);
    eventually("all services are back", || {
        let answer = curl(&stack, "/messages", &["--json", r#"{"message": "back"}"#]).output().unwrap();
        output_text(&answer).contains("digest")
    });
    assert_stored(&stack, &later).await;
    assert_stored(&stack, &messages).await;
}
