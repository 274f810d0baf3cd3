//! The tables of the reference say what the program says: options, exit codes, metrics, log fields, settings, links.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::support::http::wait_for_status;
use crate::support::pages::{self, repository};
use crate::support::redis::RedisServer;
use crate::support::{FOO, Server, TIMEOUT, ask};

/// Name, environment variable and default of an option.
type OptionRow = (String, String, String);

/// The cells of the tables in a section of a page, without the code quotes.
fn rows(page: &str, section: &str) -> Vec<Vec<String>> {
    let text = format!("\n{}", pages::read(page));
    let section = text.split(&format!("\n{section}\n")).nth(1).unwrap_or_else(|| panic!("{page}: {section}"));
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cell = |cell: &str| cell.trim().trim_matches('`').replace("\\|", "|");
    rows.map(|row| row[1..].split(" |").map(cell).collect()).collect()
}

/// The options of a command, as its help has them.
fn options_of(command: &str) -> BTreeSet<OptionRow> {
    let help =
        Command::new(env!("CARGO_BIN_EXE_message-to-hash")).env_clear().args([command, "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let field = |text: &str, name: &str| {
        let value = text.split(&format!("[{name}")).nth(1).unwrap_or_default().split(']').next().unwrap();
        value.trim_start_matches(':').trim().trim_end_matches('=').to_owned()
    };
    let options = help.split("\n      --").skip(1);
    let options = options.map(|option| {
        let name = option.split([' ', '\n']).next().unwrap();
        (format!("--{name}"), field(option, "env"), field(option, "default"))
    });
    options.collect()
}

const COMMAND_LINE: &str = "docs/reference/command-line.md";

fn options_table(section: &str) -> BTreeSet<OptionRow> {
    let rows = rows(COMMAND_LINE, section).into_iter();
    rows.map(|row| (row[0].clone(), row[1].clone(), row[2].clone())).collect()
}

#[test]
fn option_tables_match_help() {
    assert_eq!(options_table("## serve"), options_of("serve"));
    assert_eq!(options_table("## healthcheck"), options_of("healthcheck"));
    for command in ["put", "get", "exists"] {
        assert_eq!(options_table("## put, get, exists"), options_of(command), "{command}");
    }
    // The options that these share with `serve` are named in one sentence.
    let text = pages::read(COMMAND_LINE);
    let sentence = text.split("`export`, `import` and `copy` also take").nth(1).unwrap().split("as [").next();
    let shared: BTreeSet<_> = sentence.unwrap().split('`').filter(|name| name.starts_with("--")).collect();
    let shared: BTreeSet<_> =
        options_of("serve").into_iter().filter(|(name, ..)| shared.contains(name.as_str())).collect();
    for command in ["export", "import", "copy"] {
        let table = options_table(&format!("## {command}"));
        assert_eq!(table.union(&shared).cloned().collect::<BTreeSet<_>>(), options_of(command), "{command}");
    }
}

#[test]
fn exit_codes_match_the_program() {
    let table = rows("docs/reference/exit-codes.md", "# Exit codes and signals");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let server = Server::start(&[]);
    let nowhere = ["--server", "http://127.0.0.1:1"];
    let cases: &[(&str, &[&str], u8)] = &[
        ("serve", &["--store", "memory:", "--listen", &taken], 1),
        ("serve", &["--listen", "x"], 2),
        ("healthcheck", &["--admin-listen", &server.admin.to_string()], 0),
        ("healthcheck", &["--admin-listen", "127.0.0.1:1"], 1),
        ("healthcheck", &["--nonsense"], 2),
        ("export", &["--store", "file:/nowhere"], 1),
        ("import", &["--nonsense"], 2),
        ("copy", &[], 2),
        ("put", &["--server", &server.url(), "Cargo.toml"], 0),
        ("put", &["--server", &server.url(), "/nowhere"], 2),
        ("put", &[&nowhere[..], &["Cargo.toml"]].concat(), 3),
        ("get", &["--server", &server.url(), &"0".repeat(64)], 1),
        ("exists", &["--server", &server.url(), &"0".repeat(64)], 1),
        ("get", &["no hash"], 2),
        ("hash", &["Cargo.toml"], 0),
        ("hash", &["/nowhere"], 2),
        ("completions", &["bash"], 0),
        ("man", &["nothing"], 2),
    ];
    for (command, arguments, code) in cases {
        let mut program = Command::new(env!("CARGO_BIN_EXE_message-to-hash"));
        let output = program.env_clear().arg(command).args(*arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(*code)), "{command} {arguments:?}: {output:?}");
        let row = table.iter().find(|row| row[0].split("`, `").any(|name| name == *command));
        let row = row.unwrap_or_else(|| panic!("no row for {command}"));
        assert!(!row[usize::from(*code) + 1].is_empty(), "{command}: nothing about {code}");
    }
}

#[tokio::test]
async fn metrics_table_matches_metrics() {
    let redis = RedisServer::start("");
    let server = Server::start_with(&["--store", &redis.url()]);
    wait_for_status(server.admin, "/ready", 200).await;
    ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    ask(server.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await;
    let deadline = Instant::now() + TIMEOUT;
    let text = loop {
        assert!(Instant::now() < deadline, "the memory of Redis is not shown");
        let text = ask(server.admin, "GET /metrics HTTP/1.1", "").await.body;
        // The background check of eviction has run.
        if text.contains("redis_evicts_messages{") {
            break text;
        }
    };
    let types: BTreeMap<_, _> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let mut of_server = BTreeMap::new();
    for (name, kind) in types {
        let mut labels = BTreeSet::new();
        for sample in text.lines().filter(|line| line.starts_with(name) && line.contains('{')) {
            let (sample, rest) = sample.split_once('{').unwrap();
            if ["", "_total", "_bucket", "_sum", "_count", "_info"].contains(&&sample[name.len()..]) {
                let pairs = rest.split('}').next().unwrap().split("\",");
                labels.extend(pairs.map(|pair| pair.split('=').next().unwrap()));
            }
        }
        labels.remove("le");
        let name = if kind == "info" { format!("{name}_info") } else { name.to_owned() };
        let labels = labels.into_iter().map(str::to_owned).collect();
        of_server.insert(name, (kind.to_owned(), labels));
    }
    let labels = |cell: &str| {
        let labels = cell.split(", ").map(|label| label.trim_matches('`').to_owned());
        labels.filter(|label| !label.is_empty()).collect::<BTreeSet<_>>()
    };
    let table = rows("docs/reference/metrics.md", "# Metrics").into_iter();
    let table: BTreeMap<_, _> =
        table.map(|row| (row[0].clone(), (row[1].clone(), labels(&row[2])))).collect();
    assert_eq!(table, of_server);
}

#[tokio::test]
async fn log_fields_match_the_log() {
    let server = Server::start(&["--log-format", "json"]);
    ask(server.api, "GET /messages/aa HTTP/1.1\r\nX-Span-ID: fields", "").await;
    let line: Value = serde_json::from_str(&server.stdout.wait_for(&["fields"])).unwrap();
    let mut fields: BTreeSet<_> = line["request"].as_object().unwrap().keys().cloned().collect();
    fields.insert("span".to_owned());
    let table = rows("docs/reference/logs.md", "## Requests").into_iter().map(|row| row[0].clone());
    assert_eq!(table.collect::<BTreeSet<_>>(), fields);
}

#[test]
fn settings_table_matches_the_compose_file() {
    let compose = pages::read("docker-compose.yml") + &pages::read("deploy/api.env");
    let of_compose = compose.split("${").filter_map(|rest| rest.split_once('}')?.0.split_once(":-"));
    let of_compose: BTreeSet<_> = of_compose
        .filter(|(_, default)| !default.is_empty())
        .map(|(name, default)| (name.to_owned(), default.to_owned()))
        .collect();
    let table = rows("docs/reference/compose.md", "## Settings").into_iter();
    assert_eq!(table.map(|row| (row[0].clone(), row[1].clone())).collect::<BTreeSet<_>>(), of_compose);
}

#[test]
fn api_table_names_all_operations() {
    let contract = pages::read("api/messageToHash.yaml");
    let paths = contract.split("\npaths:\n").nth(1).unwrap().split("\ncomponents:\n").next().unwrap();
    let mut path = "";
    let mut operations = BTreeSet::new();
    for line in paths.lines() {
        let indent = line.len() - line.trim_start().len();
        match (indent, line.trim().strip_suffix(':')) {
            (2, Some(name)) => path = name,
            (4, Some(method)) => drop(operations.insert(format!("{} {path}", method.to_uppercase()))),
            _ => {}
        }
    }
    let table = rows("docs/reference/api.md", "# The API").into_iter();
    let table: BTreeSet<_> = table.map(|row| row[0].split('`').next().unwrap().to_owned()).collect();
    assert_eq!(table, operations);
}

#[test]
fn documented_paths_exist() {
    let pages = ["CONTRIBUTING.md", "SECURITY.md", "docs/explanation/ARCHITECTURE.md"].map(str::to_owned);
    for page in pages::all().into_iter().chain(pages) {
        // Files and folders of the repository that the text names without a link.
        for quoted in pages::read(&page).split('`').skip(1).step_by(2) {
            let is_path = ["server/", "client/", "deploy/", "api/"].iter().any(|top| quoted.starts_with(top))
                && !quoted.contains([' ', '*', '{', '\n']);
            assert!(!is_path || repository().join(quoted).exists(), "{page}: {quoted}");
        }
    }
}
