//! The program's environment: variables, signals and the clock.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::program::shell;
use crate::support::{Server, ask, command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_message-to-hash");

fn run_with(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(PROGRAM).env_clear().envs(variables.iter().copied()).args(arguments).output().unwrap()
}

/// Returns all environment variables that the help texts name.
fn variables() -> Vec<String> {
    let mut all = Vec::new();
    for name in ["serve", "healthcheck", "export", "import", "copy", "put", "get", "exists"] {
        let help = run_with(&[], &[name, "--help"]);
        let help = String::from_utf8(help.stdout).unwrap();
        all.extend(help.split("[env: ").skip(1).filter_map(|rest| Some(rest.split_once(']')?.0.to_owned())));
    }
    all.sort();
    all.dedup();
    assert!(all.len() > 30 && all.contains(&"RUST_LOG".to_owned()), "{all:?}");
    all
}

#[test]
fn help_never_shows_the_value_of_a_variable() {
    let variables: Vec<_> = variables().into_iter().map(|name| (name, "hunter2")).collect();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let commands =
        ["serve", "healthcheck", "export", "import", "copy", "put", "get", "exists", "hash", "man"];
    let mut all: Vec<Vec<&str>> = vec![vec!["--help"], vec!["-h"], vec!["help"], vec!["man"]];
    for name in commands {
        all.extend([vec![name, "--help"], vec![name, "-h"], vec!["help", name], vec!["man", name]]);
    }
    all.extend(["bash", "zsh", "fish", "elvish", "powershell"].map(|shell| vec!["completions", shell]));
    for arguments in all {
        let output = run_with(&variables, &arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        for shown in [&output.stdout, &output.stderr] {
            assert!(!String::from_utf8_lossy(shown).contains("hunter2"), "{arguments:?}");
        }
    }
}

#[test]
fn empty_optional_variable_counts_as_not_set() {
    let help = String::from_utf8(run_with(&[], &["serve", "--help"]).stdout).unwrap();
    let mut serve = command(&["--store", "memory:"]);
    let mut empty = 0;
    for option in help.split("\n      --").skip(1) {
        let variable = option.split("[env: ").nth(1).unwrap().split(']').next().unwrap();
        if !option.contains("[default") || variable == "RUST_LOG" {
            serve.env(variable, "");
            empty += 1;
        }
    }
    assert!(empty > 8);
    Server::spawn(&mut serve).expect("the server starts");
    // An empty variable of an option with a default is an error, because the URL of a store may have been lost.
    let missing = run_with(&[("MESSAGE_TO_HASH_STORE", "")], &["serve"]);
    assert_eq!(missing.status.code(), Some(2));
    let missing = run_with(&[("MESSAGE_TO_HASH_FROM", "")], &["copy", "--to", "file:x"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("--from"), "{missing:?}");
    let help = run_with(&[("MESSAGE_TO_HASH_RETENTION", "")], &["serve", "--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("[env: MESSAGE_TO_HASH_RETENTION]"));
}

#[test]
fn unknown_variable_logs_a_warning() {
    let mut serve = command(&["--store", "memory:"]);
    serve.env("MESSAGE_TO_HASH_RETENTON", "hunter2");
    let server = Server::spawn(&mut serve).expect("the server starts");
    server.stderr.wait_for(&["WARN", "MESSAGE_TO_HASH_RETENTON", "did you mean MESSAGE_TO_HASH_RETENTION?"]);
    assert!(server.stderr.all().iter().all(|line| !line.contains("hunter2")));
    let (server, folder) = (Server::start(&[]), TempDir::new().unwrap());
    let put = shell(&server, folder.path(), "MESSAGE_TO_HASH_SERVR=x message-to-hash put </dev/null");
    assert_eq!(put.status.code(), Some(0), "{put:?}");
    assert!(String::from_utf8_lossy(&put.stderr).contains("did you mean MESSAGE_TO_HASH_SERVER?"), "{put:?}");
}

#[test]
fn hangup_is_a_stop_unless_it_is_ignored() {
    let mut server = Server::start(&["--shutdown-delay", "0s"]);
    let hang_up = |server: &Server| {
        assert!(Command::new("kill").args(["-HUP", &server.pid().to_string()]).status().unwrap().success());
    };
    hang_up(&server);
    assert_eq!(server.wait().code(), Some(0));
    server.stderr.wait_for(&["stopped"]);

    let serve = command(&["--store", "memory:", "--shutdown-delay", "0s"]);
    let mut by_nohup = Command::new("nohup");
    by_nohup.env_clear().arg(serve.get_program()).args(serve.get_args());
    let mut server = Server::spawn(&mut by_nohup).expect("the server starts");
    hang_up(&server);
    // SIGHUP was delivered before SIGTERM, and ignored.
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(server.stderr.all().iter().filter(|line| line.contains("stopping")).count(), 1);
}

/// The program reads the files that options name before it starts. A named pipe makes that take as long as the test
/// needs.
#[test]
fn signal_during_the_start_ends_it_with_the_documented_code() {
    const ALL: [u8; 3] = [1, 2, 15];
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let import = ["import", "--store", "redis://127.0.0.1:1"];
    let cases: [(&[&str], i32); 2] = [(&["serve"], 0), (&import, 1)];
    for (arguments, code) in cases {
        for signal in ["-TERM", "-INT", "-HUP"] {
            let mut starting = Command::new(PROGRAM);
            starting.env_clear().args(arguments).args(["--redis-ca-file", &pipe]);
            let mut starting = starting.spawn().unwrap();
            let pid = starting.id().to_string();
            // Waits until the program has signal handlers. Before that, no program can react to a signal.
            let waits = || {
                let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
                let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
                let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
                ALL.iter().all(|number| caught & (1 << (number - 1)) != 0)
            };
            let deadline = std::time::Instant::now() + crate::support::TIMEOUT;
            while !waits() {
                assert!(std::time::Instant::now() < deadline, "the program installs no signal handlers");
                std::thread::yield_now();
            }
            assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
            let status = starting.wait().unwrap();
            assert_eq!((status.code(), status.signal()), (Some(code), None), "{arguments:?} {signal}");
        }
    }
}

#[tokio::test]
async fn clock_far_off_panics_nothing() {
    let at = |time: &str, command: &Command| {
        let mut faked = Command::new("faketime");
        faked.args(["-f", time]).arg(command.get_program()).args(command.get_args());
        faked
    };
    let serve = command(&["--store", "memory:"]);
    for wrong in ["1969-12-31 00:00:00", "+8000y"] {
        let output = at(wrong, &serve).output().expect("faketime, of Debian");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{wrong}: {printed}");
        assert!(
            printed.contains("the clock of this machine") && !printed.contains("panic"),
            "{wrong}: {printed}"
        );
    }
    for right in ["1970-01-02 00:00:00", "9999-12-30 00:00:00"] {
        let server = Server::spawn(&mut at(right, &serve)).expect("the server starts");
        let stored = ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
        assert_eq!(stored.status, 201, "{right}");
        assert!(server.stderr.all().iter().all(|line| !line.contains("panic")), "{:?}", server.stderr.all());
    }
}
