//! Real Redis servers on free ports, each with its own folder; killed when dropped.

pub mod clients;
pub mod proxy;
pub mod tls;
mod topologies;

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

pub use topologies::{Sentinel, TestCluster};

use super::ports::free_port;
use super::wait::eventually;

/// The name of the primary in the configuration of the sentinels.
pub const MASTER: &str = "main";
/// The time after which the nodes of a cluster mark a silent node as failed.
pub const NODE_TIMEOUT: Duration = Duration::from_secs(2);

/// One Redis process.
pub struct RedisServer {
    child: Child,
    pub port: u16,
    folder: TempDir,
    mode: &'static [&'static str],
    client: Vec<String>,
}

impl RedisServer {
    /// Starts a single server with additional lines of configuration.
    pub fn start(more: &str) -> Self {
        Self::start_on(free_port(), more)
    }

    /// Like `start`, on this port.
    pub fn start_on(port: u16, more: &str) -> Self {
        Self::run(port, &format!("port {port}\n{more}"), &[])
    }

    fn run(port: u16, configuration: &str, mode: &'static [&'static str]) -> Self {
        Self::run_in(TempDir::new().expect("a temporary folder"), port, configuration, mode, vec![])
    }

    /// Starts a sentinel with this configuration.
    pub fn start_sentinel(port: u16, configuration: &str) -> Self {
        Self::run(port, configuration, &["--sentinel"])
    }

    /// Starts a server in this folder. `client` are the arguments that redis-cli needs to connect to it.
    pub fn run_in(
        folder: TempDir,
        port: u16,
        configuration: &str,
        mode: &'static [&'static str],
        client: Vec<String>,
    ) -> Self {
        let mut text = format!("bind 127.0.0.1\ndir {}\n", folder.path().display());
        if mode.is_empty() {
            // Persistence is off unless the test enables it.
            text += "save \"\"\nenable-debug-command local\nrepl-diskless-sync-delay 0\n";
        }
        writeln!(text, "{configuration}").expect("a string");
        fs::write(folder.path().join("redis.conf"), text).expect("the folder is writable");
        let child = Self::spawn(&folder, mode);
        let mut server = Self { child, port, folder, mode, client };
        server.wait_until_it_answers();
        server
    }

    fn spawn(folder: &TempDir, mode: &[&str]) -> Child {
        let log = fs::File::create(folder.path().join("log")).expect("the folder is writable");
        let mut command = Command::new("redis-server");
        command.arg(folder.path().join("redis.conf")).args(mode).stdout(log).stderr(Stdio::null());
        command.spawn().expect("redis-server is installed: ./build.sh test brings it")
    }

    fn wait_until_it_answers(&mut self) {
        eventually("the server answers", || {
            let ended = self.child.try_wait().expect("the process can be waited for");
            assert!(
                ended.is_none(),
                "Redis ended: {}",
                fs::read_to_string(self.folder.path().join("log")).unwrap()
            );
            let answer = self.cli(&["PING"]);
            ["PONG", "NOAUTH", "NOPERM"].iter().any(|word| answer.contains(word))
        });
    }

    /// Runs a command with redis-cli, and returns its output.
    pub fn cli(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        cli.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(&self.client).args(command);
        let output = cli.output().expect("redis-cli is installed");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Returns whether the server is a primary.
    pub fn is_primary(&self) -> bool {
        self.cli(&["ROLE"]).starts_with("master")
    }

    /// Returns the number of replicas that are connected and up to date.
    pub fn online_replicas(&self) -> usize {
        self.cli(&["INFO", "replication"]).matches("state=online").count()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Pauses the process (SIGSTOP), as if the machine hung.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Resumes the process after `pause`.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Kills the process (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// Starts it again after `kill` with its data on disk, and waits until it answers.
    pub fn restart(&mut self) {
        self.start_again();
        self.wait_until_it_answers();
    }

    /// Like `restart`, but does not wait.
    pub fn start_again(&mut self) {
        self.child = Self::spawn(&self.folder, self.mode);
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
