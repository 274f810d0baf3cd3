//! Under constant load an instance dies, the stack is scaled, and all instances are replaced: no request fails.

use std::fs;
use std::process::Stdio;

use crate::stack::{Stack, docker, output_text, run};
use crate::traffic::Traffic;

/// An image that differs from the current one only in its id.
pub const NEXT_IMAGE: &str = "message-to-hash-smoke-next";

/// An image that does not start.
const BROKEN_IMAGE: &str = "message-to-hash-smoke-broken";

pub fn build(image: &str, line: &str) {
    let mut build = docker(&["build", "-q", "-t", image, "-"]);
    let mut build = build.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let dockerfile = format!("FROM message-to-hash\n{line}\n");
    std::io::Write::write_all(&mut build.stdin.take().unwrap(), dockerfile.as_bytes()).unwrap();
    assert!(build.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolling_update_and_scaling_fail_no_request() {
    build(NEXT_IMAGE, &format!("LABEL smoke={}", std::process::id()));
    build(BROKEN_IMAGE, r#"ENTRYPOINT ["message-to-hash", "--no-such-option"]"#);
    // nginx's cache is off, so that every request needs an instance.
    let settings = [("CACHE", "off"), ("RATE_LIMIT", "100000r/s"), ("RATE_BURST", "100000")];
    let mut stack = Stack::prepare("fleet", &settings);
    // Every request reads from Redis, and waits for it.
    let options = "CACHE_BYTES=0 STORE_TIMEOUT=19s REDIS_COMMAND_TIMEOUT=19s REDIS_CONNECT_TIMEOUT=19s";
    let options: Vec<_> = options.split(' ').map(|option| format!("MESSAGE_TO_HASH_{option}\n")).collect();
    let options = options.concat();
    fs::write(stack.folder().join("api.env"), options).unwrap();
    stack.compose(&["up", "-d", "--wait", "--no-build"]);
    let load = Traffic::start(&stack).await;

    // Kills an instance that has requests in flight.
    let victim = &stack.containers("api")[0];
    stack.compose(&["exec", "-T", "redis", "redis-cli", "CLIENT", "PAUSE", "3000", "ALL"]);
    load.wait_until_stalled().await;
    run(&mut docker(&["kill", victim]));
    load.wait_for_requests(2000).await;

    for number in ["api=3", "api=5", "api=2"] {
        stack.compose(&["up", "-d", "--wait", "--no-build", "--no-recreate", "--scale", number]);
        load.wait_for_requests(1000).await;
    }
    assert_eq!(stack.containers("api").len(), 2);

    stack.set("IMAGE", NEXT_IMAGE);
    stack.script("rolling-update.sh", &[]);
    load.wait_for_requests(1000).await;
    let id = |what: &str, field: &str| run(&mut docker(&["inspect", "-f", field, what]));
    let next = id(NEXT_IMAGE, "{{.Id}}");
    let images: Vec<_> =
        stack.containers("api").iter().map(|container| id(container, "{{.Image}}")).collect();
    assert_eq!(images, [next.clone(), next]);

    // A failed update leaves the old instances in place.
    let before = stack.containers("api");
    stack.set("IMAGE", BROKEN_IMAGE);
    let update = stack.command("deploy/rolling-update.sh").output().unwrap();
    assert!(
        !update.status.success() && output_text(&update).contains("--no-such-option"),
        "{}",
        output_text(&update)
    );
    assert_eq!(stack.containers("api"), before);
    load.wait_for_requests(500).await;

    let seen = load.stop().await;
    println!("{} POSTs and {} GETs, {} failed", seen.posts, seen.gets, seen.failures.len());
    let log = output_text(&stack.try_compose(&["logs", "--no-log-prefix", "nginx"]));
    let errors: Vec<_> = log.lines().filter(|line| line.contains("[error]")).collect();
    assert!(seen.failures.is_empty(), "{:?}\nnginx said: {errors:#?}", seen.failures);
}
