//! Real Redis servers on free ports of this machine, in folders of their own; killed when dropped.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a failover and all that belongs to it may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// The name that the sentinels know their primary by.
pub const MASTER: &str = "main";
/// How long the nodes of a cluster wait before they take one for dead.
pub const NODE_TIMEOUT: Duration = Duration::from_secs(2);

/// Waits until this holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A port that nobody listens on, and that no outgoing connection is given.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 100).expect("below 100") * 100;
    loop {
        let port = 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

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

/// A primary, two replicas, and three sentinels who watch them.
pub struct Sentinel {
    pub nodes: Vec<RedisServer>,
    pub sentinels: Vec<RedisServer>,
}

impl Sentinel {
    /// `more` is configuration for the nodes.
    pub fn start(more: &str) -> Self {
        let primary = RedisServer::start(more);
        let replica = || RedisServer::start(&format!("replicaof 127.0.0.1 {}\n{more}", primary.port));
        let nodes = [replica(), replica()];
        let sentinel = || {
            let port = free_port();
            let configuration = format!(
                "port {port}\nsentinel monitor {MASTER} 127.0.0.1 {} 2\n\
                 sentinel down-after-milliseconds {MASTER} 1000\nsentinel failover-timeout {MASTER} 5000\n\
                 sentinel parallel-syncs {MASTER} 2",
                primary.port
            );
            RedisServer::start_sentinel(port, &configuration)
        };
        let sentinels = vec![sentinel(), sentinel(), sentinel()];
        let [first, second] = nodes;
        let all = Self { nodes: vec![primary, first, second], sentinels };
        all.wait_until_whole();
        all
    }

    /// Waits until all nodes and all sentinels know of each other.
    pub fn wait_until_whole(&self) {
        eventually("the primary has two replicas", || {
            self.nodes.iter().any(|node| node.is_primary() && node.online_replicas() == 2)
        });
        eventually("the sentinels know all", || {
            self.sentinels.iter().all(|sentinel| {
                let told = sentinel.cli(&["SENTINEL", "MASTER", MASTER]);
                let is = |name: &str, value: &str| told.contains(&format!("{name}\n{value}\n"));
                is("flags", "master") && is("num-slaves", "2") && is("num-other-sentinels", "2")
            })
        });
    }

    /// Which node the sentinels call the primary.
    pub fn primary(&self) -> usize {
        let told = self.sentinels[0].cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]);
        let port: u16 = told.lines().nth(1).and_then(|port| port.parse().ok()).expect("a port");
        self.nodes.iter().position(|node| node.port == port).expect("a node of ours")
    }

    pub fn url(&self) -> String {
        let sentinels: Vec<_> = self.sentinels.iter().map(|it| format!("127.0.0.1:{}", it.port)).collect();
        format!("redis+sentinel://{}/{MASTER}", sentinels.join(","))
    }
}

/// Three primaries with a replica each.
pub struct Cluster {
    pub nodes: Vec<RedisServer>,
}

impl Cluster {
    /// `more` is configuration for the nodes.
    pub fn start(more: &str) -> Self {
        let node = |_| {
            let (port, bus) = (free_port(), free_port());
            let configuration = format!(
                "port {port}\ncluster-port {bus}\ncluster-enabled yes\ncluster-node-timeout {}\n\
                 cluster-require-full-coverage no\ncluster-replica-validity-factor 0\n{more}",
                NODE_TIMEOUT.as_millis()
            );
            RedisServer::run(port, &configuration, &[])
        };
        let nodes: Vec<_> = (0..6).map(node).collect();
        let mut create = Command::new("redis-cli");
        create
            .args(["--cluster", "create"])
            .args(nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)));
        let output =
            create.args(["--cluster-replicas", "1", "--cluster-yes"]).output().expect("redis-cli runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let all = Self { nodes };
        all.wait_until_whole();
        all
    }

    /// Waits until each node sees three primaries with a replica each, and each replica is up to date.
    pub fn wait_until_whole(&self) {
        eventually("the cluster is whole", || {
            self.nodes.iter().all(|node| {
                let told = node.cli(&["CLUSTER", "NODES"]);
                let count = |what: &str| told.lines().filter(|line| line.contains(what)).count();
                count("master") == 3
                    && count("slave") == 3
                    && count("fail") == 0
                    && count(" connected") == 6
                    && node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
            }) && self.nodes.iter().map(RedisServer::online_replicas).sum::<usize>() == 3
        });
    }

    pub fn url(&self) -> String {
        let nodes: Vec<_> = self.nodes.iter().map(|it| format!("127.0.0.1:{}", it.port)).collect();
        format!("redis+cluster://{}", nodes.join(","))
    }
}
