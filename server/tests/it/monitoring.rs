//! Alert rules and the dashboard: the alerts fire as documented, and every metric that they use exists. promtool and a
//! real Prometheus that scrapes a real server check this.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use crate::support::http::wait_for_status;
use crate::support::ports::free_port;
use crate::support::redis::RedisServer;
use crate::support::{FOO, Server, TIMEOUT, TextResponse, ask};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

#[test]
fn alert_rules_fire_as_documented() {
    for arguments in [["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]] {
        let done = Command::new("promtool").args(arguments).current_dir(deploy().join("prometheus")).output();
        let done = done.expect("promtool is installed");
        let printed = [done.stdout, done.stderr].concat();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&printed));
    }
    // Every rule has a test case in which it fires.
    let [rules, tests] = ["alerts.yml", "alerts_test.yml"]
        .map(|file| fs::read_to_string(deploy().join("prometheus").join(file)).unwrap());
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(tests.contains(&format!("alertname: {alert}\n        exp_alerts:\n")), "{alert}");
    }
}

/// Returns the query expressions of all dashboard panels and alert rules.
fn expressions() -> Vec<String> {
    let dashboard = fs::read(deploy().join("grafana/dashboards/message-to-hash.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_slice(&dashboard).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut all: Vec<_> = targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    assert!(all.len() > 10);
    let rules = fs::read_to_string(deploy().join("prometheus/alerts.yml")).unwrap();
    let expressions = rules.split("expr:").skip(1).map(|rest| {
        let ends = ["for:", "labels:"].into_iter().filter_map(|end| rest.find(end));
        rest[..ends.min().unwrap()].trim_start_matches([' ', '|']).to_owned()
    });
    all.extend(expressions);
    all
}

/// Returns the names of the metrics in an expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("message_to_hash_") || word.starts_with("process_"))
}

/// A real Prometheus that scrapes one server; killed when dropped.
struct Prometheus {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Prometheus {
    fn start(target: SocketAddr) -> Self {
        let folder = TempDir::new().unwrap();
        let rules = deploy().join("prometheus/alerts.yml").canonicalize().unwrap();
        let configuration = format!(
            "global: {{ scrape_interval: 200ms, evaluation_interval: 200ms }}\nrule_files: ['{}']\n\
             scrape_configs: [{{ job_name: message-to-hash, static_configs: [{{ targets: ['{target}'] }}] }}]\n",
            rules.display()
        );
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, configuration).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self { child: child.expect("prometheus is installed"), address, _folder: folder }
    }

    /// Returns the results of a query, or none while Prometheus starts.
    async fn query(&self, expression: &str) -> Vec<serde_json::Value> {
        if tokio::net::TcpStream::connect(self.address).await.is_err() {
            return Vec::new();
        }
        let body = format!("query={}", encoded(expression));
        let head = "POST /api/v1/query HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
        let answer: TextResponse = ask(self.address, head, body).await;
        if answer.status == 503 {
            return Vec::new();
        }
        assert_eq!(answer.status, 200, "{expression}: {}", answer.body);
        let body = &answer.body[answer.body.find('{').unwrap()..=answer.body.rfind('}').unwrap()];
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        body["data"]["result"].as_array().unwrap().clone()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| format!("{all}%{byte:02X}"))
}

#[tokio::test]
async fn dashboards_and_rules_use_only_existing_metrics() {
    let redis = RedisServer::start("");
    let server = Server::start_with(&["--store", &redis.url()]);
    wait_for_status(server.admin, "/ready", 200).await;
    ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await;
    let prometheus = Prometheus::start(server.admin);
    let deadline = Instant::now() + TIMEOUT;
    // A rate needs two scrapes.
    while prometheus.query("count_over_time(up[1m]) > 1 and up == 1").await.is_empty() {
        assert!(Instant::now() < deadline, "Prometheus does not scrape");
    }
    let expressions = expressions();
    let names: BTreeSet<_> = expressions.iter().flat_map(|expression| names(expression)).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        assert!(!prometheus.query(name).await.is_empty(), "no series has the name {name}");
    }
    for expression in expressions {
        prometheus.query(&expression.replace("$__rate_interval", "1m")).await;
    }
}
