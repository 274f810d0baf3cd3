//! The README is correct: its transcripts are run, and its option tables match the program's help.

use std::path::Path;
use std::process::Command;

use crate::support::{FOO, Server};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap()
}

/// Runs the first transcript after `place` against a new server, and asserts that it has this many curl commands.
fn assert_transcript(place: &str, expected: usize) {
    let server = Server::start(&[]);
    let readme = readme();
    let section = readme.split_once(place).unwrap().1;
    let transcript = section.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let mut commands = 0;
    for exchange in transcript.split("$ ").filter(|exchange| !exchange.is_empty()) {
        let (command, answer) = exchange.split_once('\n').unwrap();
        let command = command.replace("localhost:8080", &server.api.to_string());
        let output = Command::new("sh").args(["-c", &format!("{command} -sS")]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), answer.trim_end(), "{command}");
        commands += 1;
    }
    assert_eq!(commands, expected);
}

#[test]
fn readme_transcripts_are_true() {
    assert_transcript("Use it, from another terminal:", 3);
    assert_transcript("byte for byte, too", 4);
}

#[tokio::test]
async fn backup_commands_work() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_on(&folder.path().join("data"), &[]);
    crate::support::ask(server.api, "POST /messages HTTP/1.1", r#"{"message":"foo"}"#).await;
    let readme = readme();
    let recipe = readme.split("### Backups").nth(1).unwrap().split("```sh\n").nth(1).unwrap();
    let recipe = recipe.split("```").next().unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_message-to-hash")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let done =
        Command::new("sh").args(["-ec", recipe]).env("PATH", path).current_dir(&folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let restored = Server::start_on(&folder.path().join("restored"), &[]);
    let found = crate::support::ask(restored.api, &format!("GET /messages/{FOO} HTTP/1.1"), "").await;
    assert_eq!(found.body, r#"{"message":"foo"}"#);
}

/// Returns the name, environment variable and default of each option of this command.
fn options_of(command: &str) -> Vec<(String, String, String)> {
    let help =
        Command::new(env!("CARGO_BIN_EXE_message-to-hash")).env_clear().args([command, "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let field = |text: &str, name: &str| {
        let value = text.split(&format!("[{name}")).nth(1).unwrap_or_else(|| panic!("no {name} in {text}"));
        let value = value.split(']').next().unwrap().trim_start_matches(':').trim().trim_end_matches('=');
        value.to_owned()
    };
    help.split("\n      --")
        .skip(1)
        .map(|option| {
            let name = option.split([' ', '\n']).next().unwrap();
            let default = if option.contains("[default") { field(option, "default") } else { String::new() };
            (format!("--{name}"), field(option, "env"), default)
        })
        .collect()
}

/// Returns the same data from the table of a section of the README.
fn table_of(section: &str) -> Vec<(String, String, String)> {
    let readme = readme();
    let section = readme.split(&format!("\n{section}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    section
        .lines()
        .filter(|line| line.starts_with("| `--"))
        .map(|line| {
            let cells: Vec<_> =
                line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
            (cells[1].clone(), cells[2].clone(), cells[3].clone())
        })
        .collect()
}

#[test]
fn option_tables_match_help() {
    assert_eq!(table_of("## Options"), options_of("serve"));
    for command in ["put", "get", "exists"] {
        assert_eq!(
            table_of("## From a program, and from the command line"),
            options_of(command),
            "{command}"
        );
    }
}

#[test]
fn command_line_transcript_is_true() {
    let (server, folder) = (Server::start(&[]), tempfile::tempdir().unwrap());
    std::fs::create_dir(folder.path().join("notes")).unwrap();
    std::fs::write(folder.path().join("notes/one"), "one").unwrap();
    std::fs::write(folder.path().join("notes/two"), "two").unwrap();
    let programs = Path::new(env!("CARGO_BIN_EXE_message-to-hash")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let readme = readme();
    let section = readme.split("## From a program").nth(1).unwrap();
    let transcript = section.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let mut commands = 0;
    for exchange in transcript.split("$ ").filter(|exchange| !exchange.is_empty()) {
        let (command, answer) = exchange.split_once('\n').unwrap();
        let mut shell = Command::new("bash");
        shell.args(["-c", command]).current_dir(&folder).env("PATH", &path);
        let output = shell.env("MESSAGE_TO_HASH_SERVER", server.url()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), answer.trim_end(), "{command}");
        assert!(output.status.success(), "{command}");
        commands += 1;
    }
    assert_eq!(commands, 6);
}

#[test]
fn settings_table_matches_the_compose_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let compose = read("docker-compose.yml") + &read("deploy/api.env");
    let mut of_compose: Vec<_> = compose
        .split("${")
        .filter_map(|rest| rest.split_once('}')?.0.split_once(":-"))
        .filter(|(_, default)| !default.is_empty())
        .collect();
    let operations = read("docs/operations.md");
    let settings = operations.split("### Settings").nth(1).unwrap().split("###").next().unwrap();
    let mut of_page: Vec<_> = settings
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| {
            let mut cells = line.split('`');
            (cells.next().unwrap(), cells.nth(1).unwrap())
        })
        .collect();
    of_compose.sort_unstable();
    of_compose.dedup();
    of_page.sort_unstable();
    assert_eq!(of_page, of_compose);
}

#[test]
fn linked_files_exist() {
    let readme = readme();
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for link in links.filter(|link| !link.starts_with("http")) {
        assert!(root.join(link).exists(), "{link}");
    }
}
