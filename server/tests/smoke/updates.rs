//! Updates: an interrupted update, a rollback, and commands that must not replace containers.

use std::fs;

use crate::fleet::{NEXT_IMAGE, build};
use crate::stack::{Stack, docker, run};
use crate::support::wait::eventually;
use crate::traffic::Traffic;

const UP: &[&str] = &["up", "-d", "--wait", "--no-build"];

/// Returns all containers of this stack, running or not.
fn containers(stack: &Stack) -> Vec<String> {
    let all = stack.compose(&["--profile", "*", "ps", "--all", "--quiet"]);
    let mut all: Vec<_> = all.lines().map(str::to_owned).collect();
    all.sort_unstable();
    all
}

fn images(stack: &Stack) -> Vec<String> {
    let image = |id: &String| run(&mut docker(&["inspect", "-f", "{{.Config.Image}}", id]));
    stack.containers("api").iter().map(image).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_update_is_completed_by_the_next_one() {
    build(NEXT_IMAGE, &format!("LABEL smoke={}", std::process::id()));
    let settings = [("CACHE", "off"), ("RATE_LIMIT", "100000r/s"), ("RATE_BURST", "100000")];
    let mut stack = Stack::up("updates", &settings);
    let load = Traffic::start(&stack).await;

    stack.set("IMAGE", NEXT_IMAGE);
    let mut update = stack.command("deploy/rolling-update.sh").spawn().unwrap();
    eventually("the update starts a new instance", || stack.containers("api").len() == 4);
    update.kill().unwrap();
    update.wait().unwrap();
    // Compose was not killed and may have finished its work.
    stack.script("rolling-update.sh", &[]);
    assert_eq!(images(&stack), [NEXT_IMAGE; 3]);
    load.wait_for_requests(500).await;

    // The containers match the configuration, so Compose replaces none.
    let before = containers(&stack);
    stack.compose(UP);
    assert_eq!(containers(&stack), before);

    // A rollback is an update to the previous image.
    stack.set("IMAGE", "message-to-hash");
    stack.script("rolling-update.sh", &[]);
    assert_eq!(images(&stack), ["message-to-hash"; 3]);
    load.wait_for_requests(500).await;
    let seen = load.stop().await;
    println!("{} POSTs and {} GETs, {} failed", seen.posts, seen.gets, seen.failures.len());
    assert!(seen.failures.is_empty(), "{:?}", seen.failures);
}

#[test]
fn profile_monitoring_replaces_no_container() {
    let stack = Stack::prepare("profiles", &[("API_REPLICAS", "2")]);
    // Replaces the images of the profile, which are not built here.
    let stand_in = "{image: \"redis:7-bookworm\", entrypoint: [sleep, inf], healthcheck: !reset {}}";
    let services = format!(
        "services:\n  prometheus: {stand_in}\n  grafana: {{image: \"redis:7-bookworm\", entrypoint: [sleep, inf], healthcheck: !reset {{}}, depends_on: !reset {{}}}}\n"
    );
    fs::write(stack.folder().join("docker-compose.override.yml"), services).unwrap();
    let env = stack.folder().join(".env");
    // The last line, a setting of the operator, has no line end.
    fs::write(&env, "COMPOSE_PROFILES=\nREDIS_READ_FROM=primary\nMAX_BODY=1m").unwrap();
    stack.script("ha.sh", &["on"]);
    let lines = fs::read_to_string(&env).unwrap();
    for line in
        ["COMPOSE_PROFILES=ha", "REDIS_READ_FROM=primary", "MAX_BODY=1m", "HA=yes", "REDIS_MIN_REPLICAS=1"]
    {
        assert_eq!(lines.lines().filter(|there| *there == line).count(), 1, "{line}: {lines}");
    }
    assert_eq!(lines.lines().count(), 6, "{lines}");
    stack.compose(UP);

    let before = containers(&stack);
    stack.compose(&[&["--profile", "monitoring"], UP].concat());
    let after = containers(&stack);
    assert!(before.iter().all(|container| after.contains(container)), "{before:?} {after:?}");
    assert_eq!(after.len(), before.len() + 2);

    // Follows the guide.
    fs::write(&env, lines.replace("COMPOSE_PROFILES=ha", "COMPOSE_PROFILES=ha,monitoring")).unwrap();
    stack.compose(UP);
    assert_eq!(containers(&stack), after);
    stack.script("ha.sh", &["off"]);
    let lines = fs::read_to_string(&env).unwrap();
    assert_eq!(lines, "MAX_BODY=1m\nCOMPOSE_PROFILES=monitoring\n");
}
