//! Runs the real binary on free ports.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::client::{ApiClient, client_for};
use super::lines::Lines;
use super::{OPTIONS_VARIABLE, TIMEOUT};

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub api: SocketAddr,
    pub admin: SocketAddr,
    pub stdout: Lines,
    pub stderr: Lines,
    folder: Option<TempDir>,
}

impl Server {
    /// Starts a server on a new embedded store, with additional options.
    pub fn start(options: &[&str]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let mut server = Self::start_on(&folder.path().join("data"), options);
        server.folder = Some(folder);
        server
    }

    /// Starts a server on the embedded store in `folder`.
    pub fn start_on(folder: &Path, options: &[&str]) -> Self {
        let store = format!("file:{}", folder.display());
        Self::start_with(&[&["--store", &store], options].concat())
    }

    /// Starts a server with these options on free ports.
    pub fn start_with(options: &[&str]) -> Self {
        Self::spawn(&mut command(options)).expect("the server starts")
    }

    /// Starts a server with a store in memory and this file as its stdout.
    pub fn start_with_stdout(file: &str) -> Self {
        let stdout = std::fs::File::options().write(true).open(file).expect("a file to write to");
        let mut serve = command(&["--store", "memory:"]);
        let child = serve.stdout(stdout).stderr(Stdio::piped()).spawn().expect("the binary runs");
        Self::of(child).expect("the server starts")
    }

    /// Runs a command of [`command`], and waits until it serves. Returns the exit status and stderr if it ends before.
    pub fn spawn(command: &mut Command) -> Result<Self, (ExitStatus, String)> {
        Self::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs"))
    }

    fn of(mut child: Child) -> Result<Self, (ExitStatus, String)> {
        let stdout = child.stdout.take().map_or_else(|| Lines::collect(std::io::empty()), Lines::collect);
        let stderr = Lines::collect(child.stderr.take().expect("stderr is piped"));
        let Some(line) = stderr.wait_for_any(&["serving on"]) else {
            // The process has ended, closed its stderr, or does not serve in time.
            let _ = child.kill();
            let status = child.wait().expect("the server ends");
            return Err((status, stderr.all().join("\n")));
        };
        let address = |after: &str| {
            let rest = line.split_once(after).expect("the line names both addresses").1;
            let end = rest.find([',', '"', ' ']).unwrap_or(rest.len());
            rest[..end].parse().expect("an address")
        };
        let (api, admin) = (address("serving on http://"), address("admin on http://"));
        Ok(Self { child, api, admin, stdout, stderr, folder: None })
    }

    /// Returns the base URL of the API.
    pub fn url(&self) -> String {
        format!("http://{}", self.api)
    }

    /// Returns the generated client for this server.
    pub fn client(&self) -> ApiClient {
        client_for(&self.url())
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills the process (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("a killed server ends");
    }

    /// Sends SIGTERM to the process.
    pub fn terminate(&self) {
        let kill = Command::new("kill").arg(self.pid().to_string()).status().expect("kill runs");
        assert!(kill.success(), "the process exists until it is waited for");
    }

    /// Returns whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("the server can be waited for").is_none()
    }

    /// Waits for the process to end.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end: {:?}", self.stderr.all());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns a value of `/proc/PID/status` in KiB, such as `VmHWM`, the peak of the resident memory.
    pub fn memory_kib(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a live process");
        let line = status.lines().find(|line| line.starts_with(figure)).expect("the figure is there");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number of KiB")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a command that runs the server on free ports with these options.
pub fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
    // An environment variable, so that an option can override it.
    command.env_clear().env("MESSAGE_TO_HASH_STORE_MIN_FREE", "0").arg("serve");
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    command.args(options);
    if let Ok(more) = std::env::var(OPTIONS_VARIABLE) {
        command.args(more.lines());
    }
    command
}
