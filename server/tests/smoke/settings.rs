//! Every setting takes effect or is refused: none is ignored silently.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::client::{ask, post};
use crate::stack::{Stack, docker, output_text, root, run};

const UP: &[&str] = &["up", "-d", "--wait", "--no-build"];

#[test]
fn changed_settings_take_effect() {
    let mut stack = Stack::up("settings", &[("API_REPLICAS", "1")]);
    stack.certificate();

    // The name in the certificate that nginx makes.
    stack.set("SERVER_NAME", "messages.example");
    // The API believes no proxy's word for the client's address.
    fs::write(stack.folder().join("api.env"), "MESSAGE_TO_HASH_TRUSTED_PROXIES=192.0.2.1\n").unwrap();
    stack.compose(UP);
    let shown = stack.compose(&[
        "exec",
        "-T",
        "nginx",
        "openssl",
        "x509",
        "-noout",
        "-text",
        "-in",
        "/etc/nginx/certificate/certificate.pem",
    ]);
    assert!(shown.contains("DNS:messages.example"), "{shown}");
    fs::remove_file(stack.folder().join("certificate.pem")).unwrap();
    ask(&stack, "/messages/aa", &["-H", "X-Span-ID: nobodys-word"]);
    let nginx = stack.compose(&["ps", "-q", "nginx"]);
    let addresses = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
    let addresses = run(&mut docker(&["inspect", "-f", addresses, &nginx]));
    let log = stack.compose(&["logs", "--no-log-prefix", "api"]);
    let line = log.lines().find(|line| line.contains("nobodys-word")).unwrap();
    assert!(addresses.split_whitespace().any(|address| line.contains(address)), "{line} {addresses}");

    // The certificate is kept as long as the name does not change.
    let fingerprint =
        || stack.compose(&["exec", "-T", "nginx", "sha256sum", "/etc/nginx/certificate/certificate.pem"]);
    let before = fingerprint();
    stack.compose(&["restart", "nginx"]);
    stack.compose(UP);
    assert_eq!(fingerprint(), before);

    // A store in the container would be lost with the container.
    fs::write(stack.folder().join("api.env"), "MESSAGE_TO_HASH_STORE=file:/data\n").unwrap();
    let refused = stack.try_compose(&["run", "--rm", "--no-deps", "-T", "api"]);
    assert!(
        !refused.status.success() && output_text(&refused).contains("/data"),
        "{}",
        output_text(&refused)
    );
}

/// Replaces a file by a new one of the same name, as `git pull` and editors do.
fn replace_file(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}", file.display());
    let new = file.with_extension("new");
    fs::write(&new, text.replacen(from, to, 1)).unwrap();
    fs::rename(&new, file).unwrap();
}

#[test]
fn reload_takes_over_nginx_files() {
    let stack = Stack::up("files", &[("API_REPLICAS", "1")]);
    let folder = stack.folder().join("deploy/nginx");
    replace_file(&folder.join("nginx.conf"), "http {", "http {\n    add_header X-File conf always;");
    let reload = stack.reload();
    assert!(reload.status.success(), "{}", output_text(&reload));
    assert_eq!(ask(&stack, "/messages/aa", &[]).unique_header("x-file"), Some("conf"));

    replace_file(&folder.join("problems.conf"), "error_page 405 ", "error_page 406 ");
    replace_file(
        &folder.join("templates/edge.conf.template"),
        "client_max_body_size ${MAX_BODY};",
        "client_max_body_size 10;",
    );
    let reload = stack.reload();
    assert!(reload.status.success(), "{}", output_text(&reload));
    assert_eq!(post(&stack, "more than ten bytes").status, 413);
    assert_eq!(ask(&stack, "/", &["-X", "TRACE"]).unique_header("content-type"), Some("text/html"));

    // An invalid file is refused, and the configuration before stays in force.
    replace_file(&folder.join("nginx.conf"), "http {", "http {\n    no_such_directive;");
    let refused = stack.reload();
    assert!(
        !refused.status.success() && output_text(&refused).contains("no_such_directive"),
        "{}",
        output_text(&refused)
    );
    assert_eq!(ask(&stack, "/messages/aa", &[]).unique_header("x-file"), Some("conf"));
}

#[test]
fn unreadable_files_are_named() {
    let stack = Stack::prepare("readable", &[("API_REPLICAS", "1"), ("CERTIFICATE", "./own")]);
    let own = stack.folder().join("own");
    fs::create_dir(&own).unwrap();
    run(Command::new("openssl").current_dir(&own).args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=mine",
        "-keyout",
        "key.pem",
        "-out",
        "certificate.pem",
    ]));
    // The key belongs to another user than root, and only that user can read it.
    let key = own.join("key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::chown(&key, Some(1234), None).unwrap();
    let start = || stack.try_compose(&["run", "--rm", "--no-deps", "-T", "nginx", "nginx", "-t"]);
    let refused = output_text(&start());
    assert!(
        refused.contains(
            "key.pem belongs to user 1234, and root in this container cannot read it: run chown root"
        ),
        "{refused}"
    );

    // The repository was cloned with umask 077.
    run(Command::new("chmod").args(["-R", "go-rwx", "deploy"]).current_dir(stack.folder()));
    for owner in [0, 1234] {
        run(Command::new("chown").args(["-R", &owner.to_string(), "deploy"]).current_dir(stack.folder()));
        let up = stack.try_compose(UP);
        assert!(!up.status.success() && output_text(&up).contains("prepare"), "{}", output_text(&up));
        let words = stack.compose(&["logs", "--no-log-prefix", "prepare"]);
        assert!(words.contains("chmod -R a+rX deploy"), "{words}");
    }
}

#[test]
fn external_redis_works_as_documented() {
    let guide = fs::read_to_string(root().join("docs/how-to/move-to-redis.md")).unwrap();
    let section = guide.split("## A Redis outside the compose file\n").nth(1).expect("the section");
    let mut blocks = section.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap().1);

    let stack = Stack::prepare("elsewhere", &[("API_REPLICAS", "1")]);
    let elsewhere = ExternalRedis::start(&stack);
    fs::write(stack.folder().join("docker-compose.override.yml"), blocks.next().unwrap()).unwrap();
    let options = blocks.next().unwrap().replace("rediss://USER@HOST:6379", &elsewhere.url);
    fs::write(stack.folder().join("api.env"), options).unwrap();
    fs::create_dir(stack.folder().join("redis-password")).unwrap();
    fs::write(stack.folder().join("redis-password/password"), "secret").unwrap();
    stack.compose(UP);
    assert_eq!(post(&stack, "foo").status, 201);
    let keys = run(&mut docker(&[
        "exec",
        &elsewhere.name,
        "redis-cli",
        "--no-auth-warning",
        "-a",
        "secret",
        "DBSIZE",
    ]));
    assert_eq!(keys, "1");
    assert!(stack.containers("redis").is_empty());
}

/// A Redis outside the stack's networks; removed when dropped.
struct ExternalRedis {
    name: String,
    url: String,
}

impl ExternalRedis {
    fn start(stack: &Stack) -> Self {
        let name = format!("{}-outside", stack.project());
        run(&mut docker(&[
            "run",
            "-d",
            "--name",
            &name,
            "-p",
            "6379",
            "redis:7-bookworm",
            "redis-server",
            "--requirepass",
            "secret",
        ]));
        let port = run(&mut docker(&["port", &name, "6379"]));
        let port = port.lines().next().unwrap().rsplit_once(':').unwrap().1.to_owned();
        let gateway = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
        let host = run(&mut docker(&["network", "inspect", "bridge", "-f", gateway]));
        Self { name, url: format!("redis://default@{host}:{port}") }
    }
}

impl Drop for ExternalRedis {
    fn drop(&mut self) {
        let _ = docker(&["rm", "-f", "-v", &self.name]).output();
    }
}
