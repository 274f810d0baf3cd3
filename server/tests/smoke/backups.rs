//! Backups use the running stack, whatever files and project name it was started with, and are verified.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::client::post;
use crate::stack::{Stack, docker, output_text, run};

/// Returns a script of this stack, called from another folder and without a project name.
fn script(stack: &Stack, folder: &Path, name: &str, file: &str) -> Command {
    let mut script = stack.command(&stack.folder().join("deploy").join(name).display().to_string());
    script.current_dir(folder).env_remove("COMPOSE_PROJECT_NAME").arg(file);
    script
}

#[test]
fn backup_and_restore_act_on_the_stack_that_runs() {
    let stack = Stack::prepare("backups", &[("API_REPLICAS", "1")]);
    let elsewhere = tempfile::TempDir::new().unwrap();
    // Sets another volume, in a file that Compose does not load by itself.
    let other = "services:\n  redis:\n    volumes: [\"other:/data\"]\nvolumes:\n  other:\n";
    fs::write(stack.folder().join("other.yml"), other).unwrap();
    let files = ["-f", "docker-compose.yml", "-f", "other.yml"];
    let up = || stack.compose(&[&files[..], &["up", "-d", "--wait", "--no-build"]].concat());
    up();
    for message in ["one", "two", "three"] {
        assert_eq!(post(&stack, message).status, 201);
    }
    let backup = script(&stack, elsewhere.path(), "backup.sh", "backup.rdb").output().unwrap();
    assert!(output_text(&backup).contains("backup: 3 messages of redis"), "{}", output_text(&backup));

    // The stack now uses an empty volume, and the scripts must act on that one.
    stack.compose(&[&files[..], &["rm", "--force", "--stop", "redis"]].concat());
    let volume = format!("{}_other", stack.project());
    run(&mut docker(&["volume", "rm", &volume]));
    let restore = script(&stack, elsewhere.path(), "restore.sh", "backup.rdb").output().unwrap();
    assert!(restore.status.success(), "{}", output_text(&restore));
    assert!(
        output_text(&restore).contains("restore: 3 messages, in ") && output_text(&restore).contains(&volume),
        "{}",
        output_text(&restore)
    );
    up();
    assert_eq!(post(&stack, "one").status, 200);

    // The first backup is truncated, and in the second one the messages do not match their keys.
    let whole = fs::read(elsewhere.path().join("backup.rdb")).unwrap();
    fs::write(elsewhere.path().join("cut.rdb"), &whole[..whole.len() - 9]).unwrap();
    stack.compose(&["exec", "-T", "redis", "redis-cli", "FLUSHALL"]);
    stack.compose(&["exec", "-T", "redis", "redis-cli", "SET", &format!("m:{}", "0".repeat(64)), "forged"]);
    run(&mut script(&stack, elsewhere.path(), "backup.sh", "forged.rdb"));
    for (file, reason) in [("cut.rdb", "damaged"), ("forged.rdb", "is not what was stored")] {
        stack.compose(&[&files[..], &["rm", "--force", "--stop", "redis"]].concat());
        run(&mut docker(&["volume", "rm", &volume]));
        let restore = script(&stack, elsewhere.path(), "restore.sh", file).output().unwrap();
        assert!(
            !restore.status.success() && output_text(&restore).contains(reason),
            "{file}: {}",
            output_text(&restore)
        );
    }

    // With two projects from this folder, the operator must choose one.
    let second = format!("{}-second", stack.project());
    let mut prepare = stack.command("docker");
    run(prepare.args(["compose", "-p", &second, "up", "-d", "prepare"]));
    let unclear = script(&stack, elsewhere.path(), "backup.sh", "unclear.rdb").output().unwrap();
    run(stack.command("docker").args(["compose", "-p", &second, "down", "--volumes"]));
    assert!(
        !unclear.status.success() && output_text(&unclear).contains("COMPOSE_PROJECT_NAME"),
        "{}",
        output_text(&unclear)
    );
}
