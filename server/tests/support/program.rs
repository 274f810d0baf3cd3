//! The client commands of the program.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use super::Server;

/// Returns the program with these arguments, for this server and with pipes as its streams.
pub fn program(url: &str, arguments: &[&str]) -> Command {
    with_pipes(Command::new(env!("CARGO_BIN_EXE_message-to-hash")), url, arguments)
}

pub fn with_pipes(mut command: Command, url: &str, arguments: &[&str]) -> Command {
    command.env_clear().env("MESSAGE_TO_HASH_SERVER", url).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn finish(mut child: Child, input: &[u8]) -> Output {
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

pub fn run(url: &str, arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    finish(program(url, arguments).spawn().unwrap(), input.as_ref())
}

/// Runs a shell command in this folder, with the program in the `PATH`.
pub fn shell(server: &Server, folder: &Path, command: &str) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_message-to-hash")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("MESSAGE_TO_HASH_SERVER", server.url());
    bash.output().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Asserts success, this stdout, and an empty stderr.
pub fn assert_prints(output: &Output, stdout: &[u8]) {
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr)), (Some(0), "".into()));
    assert!(output.stdout == stdout, "{}", out(output));
}

/// Asserts this exit code, an empty stdout, and these texts in the last line of stderr.
pub fn assert_fails(output: &Output, code: i32, texts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert_eq!(out(output), "");
    let last = stderr.lines().last().unwrap_or_default();
    for text in texts {
        assert!(last.contains(text), "no {text:?} in {stderr}");
    }
}
