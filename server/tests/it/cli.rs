//! The command line: output and exit codes for valid and invalid arguments.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{Server, TIMEOUT, command};

/// Returns a command for the program. If it serves, it uses a store in memory and free ports.
fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    program.env_clear().env("MESSAGE_TO_HASH_STORE", "memory:").args(arguments);
    program.env("MESSAGE_TO_HASH_LISTEN", "127.0.0.1:0").env("MESSAGE_TO_HASH_ADMIN_LISTEN", "127.0.0.1:0");
    program
}

/// Waits for the program to end. Panics if it does not.
fn output(command: Command) -> Output {
    let mut command = tokio::process::Command::from(command);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ended = async { tokio::time::timeout(TIMEOUT, command.kill_on_drop(true).output()).await };
    let ended = runtime.block_on(ended);
    ended.unwrap_or_else(|_| panic!("the program does not end: {:?}", command.as_std())).unwrap()
}

fn run(arguments: &[&str]) -> Output {
    output(program(arguments))
}

/// Asserts this exit code, and one line on stderr that contains all these texts.
fn assert_fails(output: &Output, code: i32, texts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for text in texts {
        assert!(stderr.contains(text), "no {text:?} in {stderr}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn invalid_value_names_the_option_and_exits_2() {
    let table: &[(&str, &str)] = &[
        ("--listen", "nowhere"),
        ("--admin-listen", "127.0.0.1"),
        ("--trusted-proxies", "10.0.0.0/33"),
        ("--store", "./data"),
        ("--store", "file:"),
        ("--store", "http://x"),
        ("--store", "memory:lots"),
        ("--store", "redis://"),
        ("--store", "redis://a,b"),
        ("--store", "redis+sentinel://a"),
        ("--store", "redis+cluster://a/1"),
        ("--store-file", "/nowhere"),
        ("--store-file", "/dev/null"),
        ("--redis-ca-file", "/nowhere"),
        ("--redis-password-file", "/nowhere"),
        ("--redis-read-from", "anyone"),
        ("--redis-min-replicas", "many"),
        ("--redis-command-timeout", "1"),
        ("--body-timeout", "366d"),
        ("--cache-bytes", "many"),
        ("--identity-issuer", ""),
        ("--identity-jwks-url", "issuer.example/jwks"),
        ("--identity-jwks-url", "ftp://issuer.example/jwks"),
        ("--identity-jwks-url", "https://issuer.example:80800/jwks"),
        ("--identity-jwks-url", "https://me:hunter2@issuer.example/jwks"),
        ("--identity-jwks-refresh", "0s"),
        ("--identity-anonymous", "some"),
        ("--cors-allowed-origins", ""),
        ("--cors-allowed-origins", "app.example"),
        ("--cors-allowed-origins", "https://app.example/"),
        ("--cors-allowed-origins", "https://app.example/path"),
        ("--cors-allowed-origins", "https://app.example:443"),
        ("--cors-allowed-origins", "https://App.example"),
        ("--cors-allowed-origins", "https://me@app.example"),
        ("--cors-allowed-origins", "https://*.example"),
        ("--cors-allowed-origins", "https://app.example,*"),
        ("--cors-allowed-origins", "https://app.example,"),
        ("--cors-allowed-origins", "capacitor://localhost/"),
        ("--cors-allowed-origins", "capacitor://LocalHost"),
        ("--cors-allowed-origins", "capacitor://"),
        ("--cors-allowed-origins", "capacitor:localhost"),
        ("--cors-allowed-origins", "tauri://me@localhost"),
        ("--cors-allowed-origins", "tauri://*"),
        ("--cors-allowed-origins", "file:///"),
        ("--cors-allowed-origins", "file://localhost"),
        ("--cors-allowed-origins", "null"),
        ("--cors-allowed-origins", "null"),
        ("--cors-allowed-origins", "data:text/html,x"),
        ("--max-message-bytes", "0"),
        ("--max-message-bytes", "65MiB"),
        ("--max-connections", "0"),
        ("--header-timeout", "10"),
        ("--body-timeout", "soon"),
        ("--store-timeout", "0s"),
        ("--log-format", "xml"),
        ("--log-filter", "access=nothing"),
    ];
    for (option, value) in table {
        assert_fails(&run(&["serve", option, value]), 2, &[option, "--help"]);
    }
    assert_fails(&run(&["serve", "--sotre", "memory:"]), 2, &["--sotre"]);
    assert_fails(&run(&["sing"]), 2, &["sing"]);
    let mut by_environment = program(&[]);
    by_environment.env("MESSAGE_TO_HASH_LISTEN", "x");
    assert_fails(&output(by_environment), 2, &["--listen", "MESSAGE_TO_HASH_LISTEN"]);
}

#[test]
fn incomplete_issuer_names_the_missing_option_and_exits_2() {
    let (issuer, audience) = (["--identity-issuer", "i"], ["--identity-audience", "a"]);
    let (file, url) = (["--identity-jwks-file", "f"], ["--identity-jwks-url", "https://h/"]);
    let anonymous = |what| ["--identity-anonymous", what];
    let table: &[(&[[&str; 2]], &[&str])] = &[
        (&[issuer], &["--identity-audience", "--identity-jwks-file", "--identity-jwks-url"]),
        (&[issuer, audience], &["--identity-jwks-file", "--identity-jwks-url"]),
        (&[issuer, url], &["--identity-audience"]),
        (&[audience], &["--identity-issuer"]),
        (&[file], &["--identity-issuer"]),
        (&[url], &["--identity-issuer"]),
        (&[audience, file], &["--identity-issuer"]),
        (
            &[issuer, audience, file, url],
            &["--identity-jwks-file", "--identity-jwks-url", "cannot be used with"],
        ),
        (&[anonymous("none")], &["--identity-issuer"]),
        (&[anonymous("read")], &["--identity-issuer"]),
    ];
    for (options, texts) in table {
        assert_fails(&run(&[&["serve"][..], &options.concat()].concat()), 2, texts);
        let mut by_environment = program(&[]);
        for [option, value] in *options {
            let name = option.trim_start_matches("--").replace('-', "_").to_uppercase();
            by_environment.env(format!("MESSAGE_TO_HASH_{name}"), value);
        }
        assert_fails(&output(by_environment), 2, texts);
    }
    Server::start(&anonymous("all"));
}

#[test]
fn invalid_store_is_refused_without_its_password() {
    for url in ["postgres://me:hunter2@db", "redis://me:hunter2@db:port", "redis+magic://me:hunter2@db"] {
        let output = run(&["serve", "--store", url]);
        assert_fails(&output, 2, &["--store", "edis"]);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"), "{output:?}");
    }
    // The user forgot to write `--store`.
    for url in ["redis://me:hunter2@db", "redis://me:hun ter2@db"] {
        for arguments in [&[url][..], &["serve", url]] {
            let output = run(arguments);
            assert_fails(&output, 2, &["'redis://...'", "--help"]);
            let printed = String::from_utf8_lossy(&output.stderr);
            assert!(["hun", "ter2", "COMMAND"].iter().all(|text| !printed.contains(text)), "{printed}");
        }
    }
}

#[test]
fn port_in_use_names_the_option_and_exits_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for option in ["--listen", "--admin-listen"] {
        let output = output(command(&["--store", "memory:", option, &address]));
        assert_fails(&output, 1, &[option, &address, "in use"]);
    }
}

#[test]
fn unusable_data_folder_is_one_line_and_exits_1() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let serve = |path: &str| output(command(&["--store", &format!("file:{path}")]));
    assert_fails(&serve(&path("missing/data")), 1, &["--store", &path("missing/data"), "No such file"]);
    fs::write(path("file"), "").unwrap();
    assert_fails(&serve(&path("file")), 1, &["--store", &path("file")]);
    let _holder = Server::start_on(&folder.path().join("held"), &[]);
    assert_fails(&serve(&path("held")), 1, &["--store", &path("held"), "in use by another process"]);
}

#[test]
fn unwritable_data_folder_is_one_line_and_exits_1() {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let store = format!("file:{}", folder.path().join("data").display());
    fs::create_dir(folder.path().join("data")).unwrap();
    let mut serve = command(&["--store", &store]);
    if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0) {
        // Root can write to any folder, so the server runs as another user. That user cannot read the build folder.
        let copy = folder.path().join("message-to-hash");
        assert!(Command::new("cp").arg(serve.get_program()).arg(&copy).status().unwrap().success());
        let mut by_nobody = Command::new(copy);
        by_nobody.env_clear().env("MESSAGE_TO_HASH_STORE_MIN_FREE", "0").args(serve.get_args());
        std::os::unix::process::CommandExt::uid(&mut by_nobody, 65534);
        serve = by_nobody;
    } else {
        fs::set_permissions(folder.path().join("data"), fs::Permissions::from_mode(0o555)).unwrap();
    }
    assert_fails(&output(serve), 1, &["--store", "data", "ermission denied"]);
}

#[test]
fn serve_is_the_default_command() {
    let server = Server::spawn(&mut program(&[])).expect("the server starts");
    server.stderr.wait_for(&["memory:", "only until the server stops"]);
}

#[test]
fn options_without_command_belong_to_serve() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    command.env_clear().args([
        "--store",
        "memory:",
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ]);
    Server::spawn(&mut command).expect("the server starts");
}

#[test]
fn closed_stderr_keeps_the_exit_code() {
    let mut program = program(&["serve", "--listen", "x"]);
    let mut child = program.stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn foreign_folder_is_not_changed() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("version"), "1.2.3").unwrap();
    let output = output(command(&["--store", &format!("file:{}", folder.path().display())]));
    assert_fails(&output, 1, &["--store", "version", "is not this program's"]);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["version"]);
    assert_eq!(fs::read_to_string(folder.path().join("version")).unwrap(), "1.2.3");
}

#[test]
fn healthcheck_exits_0_if_ready_and_1_without_server() {
    let mut server = Server::start(&[]);
    let admin = server.admin.to_string();
    let healthy = run(&["healthcheck", "--admin-listen", &admin]);
    assert_eq!(healthy.status.code(), Some(0), "{healthy:?}");
    let everywhere = run(&["healthcheck", "--admin-listen", &format!("0.0.0.0:{}", server.admin.port())]);
    assert_eq!(everywhere.status.code(), Some(0), "{everywhere:?}");
    server.kill();
    assert_fails(&run(&["healthcheck", "--admin-listen", &admin]), 1, &[&admin]);
}

#[test]
fn healthcheck_exits_1_if_not_ready() {
    let server = Server::start(&["--shutdown-delay", "1h"]);
    server.terminate();
    server.stderr.wait_for(&["stopping"]);
    let draining = run(&["healthcheck", "--admin-listen", &server.admin.to_string()]);
    assert_fails(&draining, 1, &["not ready", "\"draining\":true"]);
}

#[test]
fn version_and_help_print_to_stdout_and_exit_0() {
    let version = run(&["--version"]);
    assert_eq!(
        String::from_utf8_lossy(&version.stdout),
        format!("message-to-hash {}\n", env!("CARGO_PKG_VERSION"))
    );
    for arguments in [&["--help"][..], &["serve", "--help"], &["healthcheck", "--help"], &["help"]] {
        let help = run(arguments);
        assert_eq!((help.status.code(), help.stderr.len()), (Some(0), 0));
        assert!(String::from_utf8_lossy(&help.stdout).contains("Usage: message-to-hash"));
    }
}
