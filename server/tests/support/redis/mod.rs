//! Real Redis servers on free ports of this machine, in folders of their own; killed when dropped.

pub mod clients;
pub mod proxy;
pub mod tls;
mod topologies;

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

pub use topologies::{Cluster, Sentinel};

use super::ports::free_port;
use super::wait::eventually;

/// The name that the sentinels know their primary by.
pub const MASTER: &str = "main";
/// How long the nodes of a cluster wait before they take one for dead.
pub const NODE_TIMEOUT: Duration = Duration::from_secs(2);

/// One server process.
pub struct RedisServer {
    child: Child,
    pub port: u16,
    folder: TempDir,
    mode: &'static [&'static str],
    client: Vec<String>,
}

impl RedisServer {
    /// A plain server, with more lines of configuration.
    pub fn start(more: &str) -> Self {
        Self::start_on(free_port(), more)
    }

    /// The same on this port.
    pub fn start_on(port: u16, more: &str) -> Self {
        Self::run(port, &format!("port {port}\n{more}"), &[])
    }

    fn run(port: u16, configuration: &str, mode: &'static [&'static str]) -> Self {
        Self::run_in(TempDir::new().expect("a temporary folder"), port, configuration, mode, vec![])
    }

    /// A sentinel with this configuration.
    pub fn start_sentinel(port: u16, configuration: &str) -> Self {
        Self::run(port, configuration, &["--sentinel"])
    }

    /// A server in this folder; `client` is what redis-cli needs to be told to speak with it.
    pub fn run_in(
        folder: TempDir,
        port: u16,
        configuration: &str,
        mode: &'static [&'static str],
        client: Vec<String>,
    ) -> Self {
        let mut text = format!("bind 127.0.0.1\ndir {}\n", folder.path().display());
        if mode.is_empty() {
            // Whatever a server keeps on disk, a test asks for.
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
            let ended = self.child.try_wait().expect("it can be waited for");
            assert!(
                ended.is_none(),
                "it ended: {}",
                fs::read_to_string(self.folder.path().join("log")).unwrap()
            );
            let answer = self.cli(&["PING"]);
            ["PONG", "NOAUTH", "NOPERM"].iter().any(|word| answer.contains(word))
        });
    }

    /// What redis-cli prints for this command.
    pub fn cli(&self, command: &[&str]) -> String {
        let mut cli = Command::new("redis-cli");
        cli.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(&self.client).args(command);
        let output = cli.output().expect("redis-cli is installed");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Whether it takes writes.
    pub fn is_primary(&self) -> bool {
        self.cli(&["ROLE"]).starts_with("master")
    }

    /// How many replicas are connected and up to date.
    pub fn online_replicas(&self) -> usize {
        self.cli(&["INFO", "replication"]).matches("state=online").count()
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Stops it as a hung machine would (SIGSTOP).
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Ends it without any warning (SIGKILL).
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Starts it again after `kill`, with what it has on disk.
    pub fn restart(&mut self) {
        self.start_again();
        self.wait_until_it_answers();
    }

    /// As `restart`, but does not wait for it.
    pub fn start_again(&mut self) {
        self.child = Self::spawn(&self.folder, self.mode);
    }

    /// Its URL.
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
