//! The image: small, without a shell, and nobody's in particular.

use crate::stack::{docker, run};

const MOST_BYTES: u64 = 40 << 20;

#[test]
fn the_image_is_small_and_runs_as_nobody_in_particular() {
    let inspect = |field: &str| run(&mut docker(&["image", "inspect", "-f", field, "message-to-hash"]));
    let bytes: u64 = inspect("{{.Size}}").parse().unwrap();
    println!("the image has {bytes} bytes");
    assert!(bytes < MOST_BYTES, "{bytes}");
    assert!(["65532", "nonroot"].contains(&inspect("{{.Config.User}}").as_str()));
    assert!(inspect("{{json .Config.Healthcheck}}").contains("healthcheck"));
    let shell = docker(&["run", "--rm", "--entrypoint", "sh", "message-to-hash", "-c", "true"]).output();
    assert!(!shell.unwrap().status.success(), "there is a shell");
}

#[test]
fn alone_it_keeps_messages_in_its_volume() {
    // With what it is given in Kubernetes: no capability, no writable root.
    let name = format!("smoke-{}-alone", std::process::id());
    let options = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--volume"];
    let volume = format!("{name}:/data");
    run(docker(&["run", "-d", "--name", &name]).args(options).args([&volume, "message-to-hash"]));
    crate::stack::eventually("it is healthy", || {
        run(&mut docker(&["inspect", "-f", "{{.State.Health.Status}}", &name])) == "healthy"
    });
    let logs = docker(&["logs", &name]).output().unwrap();
    run(&mut docker(&["rm", "-f", &name]));
    run(&mut docker(&["volume", "rm", &name]));
    let logs = crate::stack::said(&logs);
    assert!(logs.contains("serving on http://0.0.0.0:8080"), "{logs}");
}

/// Its images are not made here, so that is all that is tried of the profile.
#[test]
fn the_profile_for_monitoring_is_one() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker-compose.yml");
    let file = file.display().to_string();
    let services =
        run(&mut docker(&["compose", "-f", &file, "--profile", "monitoring", "config", "--services"]));
    assert!(
        ["prometheus", "grafana", "nginx"].iter().all(|name| services.lines().any(|line| line == *name)),
        "{services}"
    );
}
