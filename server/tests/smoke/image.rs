//! The image: small, without a shell, and without root.

use crate::stack::{docker, output_text, run};
use crate::support::messages::FOO;
use crate::support::wait::eventually;

const MAX_BYTES: u64 = 40 << 20;

#[test]
fn image_is_small_and_runs_unprivileged() {
    let inspect = |field: &str| run(&mut docker(&["image", "inspect", "-f", field, "message-to-hash"]));
    let bytes: u64 = inspect("{{.Size}}").parse().unwrap();
    println!("the image has {bytes} bytes");
    assert!(bytes < MAX_BYTES, "{bytes}");
    assert!(["65532", "nonroot"].contains(&inspect("{{.Config.User}}").as_str()));
    assert!(inspect("{{json .Config.Healthcheck}}").contains("healthcheck"));
    let shell = docker(&["run", "--rm", "--entrypoint", "sh", "message-to-hash", "-c", "true"]).output();
    assert!(!shell.unwrap().status.success(), "there is a shell");
}

#[test]
fn image_alone_keeps_messages_in_its_volume() {
    let alone = SingleContainer(format!("smoke-{}-alone", std::process::id()));
    alone.start();
    let logs = output_text(&docker(&["logs", &alone.0]).output().unwrap());
    assert!(logs.contains("serving on http://0.0.0.0:8080") && !logs.contains("WARN"), "{logs}");
    let mut put = docker(&["exec", "-i", &alone.0, "message-to-hash", "put"]);
    let message = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(message.path(), "foo").unwrap();
    assert_eq!(run(put.stdin(message.reopen().unwrap())), FOO);
    run(&mut docker(&["rm", "-f", &alone.0]));

    alone.start();
    assert_eq!(run(&mut docker(&["exec", &alone.0, "message-to-hash", "get", FOO])), "foo");
}

#[test]
fn data_folder_without_a_volume_is_logged() {
    for (store, place) in [
        ("file:/data", "/data is in a volume without a name"),
        ("file:/home/nonroot/data", "/home/nonroot/data is a part of the container"),
    ] {
        let alone = SingleContainer(format!("smoke-{}-temporary", std::process::id()));
        let store = format!("MESSAGE_TO_HASH_STORE={store}");
        run(&mut docker(&["run", "-d", "--name", &alone.0, "--env", &store, "message-to-hash"]));
        eventually("the warning is logged", || {
            output_text(&docker(&["logs", &alone.0]).output().unwrap()).contains(place)
        });
    }
}

/// A container and its volume; both are removed when dropped.
struct SingleContainer(String);

impl SingleContainer {
    /// Starts it as Kubernetes does: without capabilities and with a read-only root.
    fn start(&self) {
        let name = &self.0;
        let options = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--volume"];
        let volume = format!("{name}:/data");
        run(docker(&["run", "-d", "--name", name]).args(options).args([&volume, "message-to-hash"]));
        eventually("the container is healthy", || {
            run(&mut docker(&["inspect", "-f", "{{.State.Health.Status}}", name])) == "healthy"
        });
    }
}

impl Drop for SingleContainer {
    fn drop(&mut self) {
        let _ = docker(&["rm", "-f", "-v", &self.0]).output();
        let _ = docker(&["volume", "rm", "-f", &self.0]).output();
    }
}

/// The images of the profile are not built here, so the test checks only the configuration.
#[test]
fn monitoring_profile_is_valid() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker-compose.yml");
    let file = file.display().to_string();
    let services =
        run(&mut docker(&["compose", "-f", &file, "--profile", "monitoring", "config", "--services"]));
    assert!(
        ["prometheus", "grafana", "nginx"].iter().all(|name| services.lines().any(|line| line == *name)),
        "{services}"
    );
}
