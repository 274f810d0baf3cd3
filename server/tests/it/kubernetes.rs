//! The manifests of `deploy/kubernetes`, and the option `--store-file`, which only they use.

use std::path::Path;
use std::process::Command;

use crate::support::{Server, ask, command};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Includes the variables in comments, which operators can enable.
#[test]
fn variables_of_the_deployment_are_options() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_message-to-hash")).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let deployment = read("deploy/kubernetes/deployment.yaml");
    let names: Vec<_> =
        deployment.split("name: ").filter(|rest| rest.starts_with("MESSAGE_TO_HASH_")).collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let name = name.split(',').next().unwrap();
        assert!(help.contains(&format!("[env: {name}]")), "{name} is not the variable of an option");
    }
}

#[test]
fn ingress_takes_the_bodies_that_compose_takes() {
    let compose = read("docker-compose.yml");
    let bound = compose.split("${MAX_BODY:-").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    let ingress = read("deploy/kubernetes/ingress.yaml");
    assert!(ingress.contains(&format!("proxy-body-size: {bound}\n")), "{bound}");
}

#[tokio::test]
async fn store_file_names_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    let path = file.display().to_string();
    std::fs::write(&file, "memory:1B\n").unwrap();
    // The image sets `--store` by an environment variable, so the file must take precedence.
    let data = format!("file:{}", folder.path().join("data").display());
    let mut command_of_the_image = command(&["--store-file", &path]);
    let server = Server::spawn(command_of_the_image.env("MESSAGE_TO_HASH_STORE", data)).unwrap();
    let refused = ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"longer"}"#).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(!folder.path().join("data").exists());

    // The error does not repeat the URL, which may contain a password.
    std::fs::write(&file, "http://me:hunter2@example.org").unwrap();
    let (status, error) = Server::spawn(&mut command(&["--store-file", &path])).err().unwrap();
    assert!(status.code() == Some(2) && error.contains("--store-file"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}
