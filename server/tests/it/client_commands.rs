//! The client commands as a new user tries them: output and exit codes.

use std::fs;
use std::process::Command;

use futures::{StreamExt as _, stream};
use message_to_hash_client::{Client, Error, MessageHash};
use tempfile::{NamedTempFile, TempDir};

use crate::support::issuer::{SigningKey, claims, jwks, trust_options};
use crate::support::program::{assert_fails, assert_prints, finish, out, program, run, shell};
use crate::support::{EMPTY, FOO, Server};

/// A hash that no stored message has.
const UNKNOWN_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn put_get_and_exists_agree() {
    let server = Server::start(&[]);
    let url = server.url();
    for _ in 0..2 {
        assert_prints(&run(&url, &["put"], "foo"), format!("{FOO}\n").as_bytes());
    }
    assert_prints(&run(&url, &["put", "-"], ""), format!("{EMPTY}\n").as_bytes());
    assert_prints(&run(&url, &["get", FOO], ""), b"foo");
    assert_prints(&run(&url, &["get", &FOO.to_uppercase()], ""), b"foo");
    assert_prints(&run(&url, &["get", EMPTY], ""), b"");
    assert_prints(&run(&url, &["exists", FOO], ""), b"");
    assert_prints(&run(&url, &["hash"], "foo"), format!("{FOO}\n").as_bytes());
    for command in ["get", "exists"] {
        assert_fails(&run(&url, &[command, UNKNOWN_HASH], ""), 1, &["no message has this hash"]);
    }
}

#[test]
fn get_returns_the_bytes_that_put_sent() {
    let server = Server::start(&[]);
    let planes: String = (0..=16).filter_map(|plane| char::from_u32(plane * 0x1_0000 + 0x41)).collect();
    for text in ["\0", "a\r\nb\n", "\u{feff}\"\\\u{7f}\u{2028}\u{fffd}", &planes, &"ö\n".repeat(300_000)] {
        let put = run(&server.url(), &["put"], text);
        assert_eq!(out(&put), format!("{}\n", MessageHash::from_message(text)));
        assert_prints(&run(&server.url(), &["get", out(&put).trim()], ""), text.as_bytes());
    }
}

#[test]
fn hash_prints_the_format_of_sha256sum() {
    let folder = TempDir::new().unwrap();
    let names = ["plain", "with space", "back\\slash", "line\nend", "carriage\rreturn", "-dash", "ö"];
    for (number, name) in names.into_iter().enumerate() {
        fs::write(folder.path().join(name), vec![0xff; number * 300_000]).unwrap();
    }
    let sum = |command: &mut Command, also: &str| {
        command.args(["--"]).args(names).args([also]).current_dir(&folder).output().unwrap()
    };
    let expected = sum(Command::new("sha256sum").env("LC_ALL", "C"), "plain");
    let hashed = sum(&mut program("", &["hash"]), "plain");
    assert!(expected.status.success() && !expected.stdout.is_empty());
    assert_eq!(out(&hashed), out(&expected));
    let one_missing = sum(&mut program("", &["hash"]), "missing");
    assert_eq!(one_missing.status.code(), Some(2));
    assert_eq!(out(&one_missing).lines().count(), names.len());
    assert!(String::from_utf8_lossy(&one_missing.stderr).contains("missing: No such file"));
}

#[test]
fn invalid_url_exits_2_and_unreachable_server_exits_3() {
    let server = Server::start(&[]);
    for url in
        ["", "localhost:8080", "ftp://localhost", "http://me@localhost", "http://", "http://localhost:80800"]
    {
        for arguments in [&["get", FOO][..], &["put"]] {
            assert_fails(&run(url, arguments, ""), 2, &["--server", "--help"]);
        }
    }
    let with_path = format!("{}/messages", server.url());
    let admin = format!("http://{}", server.admin);
    let https = server.url().replace("http:", "https:");
    let mut asked = Vec::new();
    for url in ["http://127.0.0.1:1", "http://nowhere.invalid", &with_path, &admin, &https] {
        for arguments in [&["get", FOO][..], &["exists", FOO], &["put"]] {
            asked.push(program(url, arguments).spawn().unwrap());
        }
    }
    for child in asked {
        assert_fails(&finish(child, b""), 3, &["message-to-hash: "]);
    }
    let option = run("http://127.0.0.1:1", &["put", "--server", &server.url()], "foo");
    assert_prints(&option, format!("{FOO}\n").as_bytes());
}

#[test]
fn token_file_is_sent_and_refused_token_exits_3() {
    let (key, keys) = (SigningKey::ed("ed"), NamedTempFile::new().unwrap());
    fs::write(&keys, jwks(&[&key])).unwrap();
    let server = Server::start(&trust_options("--identity-jwks-file", keys.path().to_str().unwrap()));
    let file = NamedTempFile::new().unwrap();
    let with_token = |arguments: &[&str], token: &str| {
        fs::write(&file, token).unwrap();
        let option = ["--token-file", file.path().to_str().unwrap()];
        run(&server.url(), &[arguments, &option].concat(), "foo")
    };
    let right = format!("{}\n", key.token(&claims()));
    assert_prints(&with_token(&["put"], &right), format!("{FOO}\n").as_bytes());
    assert_prints(&with_token(&["get", FOO], &right), b"foo");
    let mut reader = claims();
    reader["scope"] = "messages:read".into();
    let reader = key.token(&reader);
    assert_prints(&with_token(&["get", FOO], &reader), b"foo");
    assert_fails(&with_token(&["put"], &reader), 3, &["does not allow", "messages:write", "403"]);
    let wrong = SigningKey::ed("other").token(&claims());
    for arguments in [&["put"][..], &["get", FOO], &["exists", FOO]] {
        assert_fails(&run(&server.url(), arguments, "foo"), 3, &["valid token", "401"]);
        for token in ["garbage", &wrong] {
            assert_fails(&with_token(arguments, token), 3, &["valid token", "401"]);
        }
        for no_token in ["", "\n", "a\nb", "t\u{f6}k"] {
            assert_fails(&with_token(arguments, no_token), 2, &["no token"]);
        }
        let missing = run(&server.url(), &[arguments, &["--token-file", "/nowhere"]].concat(), "");
        assert_fails(&missing, 2, &["--token-file", "/nowhere", "--help"]);
    }
}

#[test]
fn ca_file_without_certificates_exits_2() {
    let empty = NamedTempFile::new().unwrap();
    let arguments = ["get", FOO, "--ca-file", empty.path().to_str().unwrap()];
    assert_fails(&run("https://localhost", &arguments, ""), 2, &["--ca-file", "--help"]);
}

#[test]
fn closed_output_pipe_is_not_an_error() {
    let (server, folder) = (Server::start(&[]), TempDir::new().unwrap());
    fs::write(folder.path().join("large"), "y\n".repeat(500_000)).unwrap();
    let piped = |command: &str| {
        let output = shell(&server, folder.path(), &format!("set -o pipefail; {command} | true"));
        assert_eq!((output.status.code(), out(&output)), (Some(0), String::new()), "{command}");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panic") && !stderr.contains("message-to-hash:"), "{command}: {stderr}");
    };
    piped("message-to-hash put large large large");
    piped("message-to-hash get $(message-to-hash put < large)");
    piped("message-to-hash hash large large large");
    piped("message-to-hash completions zsh");
    piped("message-to-hash man");
    let full =
        shell(&server, folder.path(), "message-to-hash get $(message-to-hash put < large) > /dev/full");
    assert_fails(&full, 2, &["stdout: No space left"]);
}

#[test]
fn help_lists_the_exit_codes() {
    for command in ["put", "get", "exists", "hash"] {
        let help = out(&run("", &[command, "--help"], ""));
        let codes = help.split("Exit codes:\n").nth(1).unwrap_or_else(|| panic!("none in {help}"));
        for code in ["  0  done", "  1  get and exists", "  2  the command line", "  3  the server"] {
            assert!(codes.contains(code), "no {code:?} in {codes}");
        }
    }
}

#[test]
fn completions_and_man_pages_are_printed() {
    let (server, folder) = (Server::start(&[]), TempDir::new().unwrap());
    for (words, begun, before, completions) in [
        ("message-to-hash ex", "ex", "message-to-hash", "export exists"),
        ("message-to-hash serve --redis-p", "--redis-p", "serve", "--redis-password-file"),
        ("message-to-hash serve --log-format ''", "", "--log-format", "text json"),
    ] {
        let complete = format!(
            "source <(message-to-hash completions bash); COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            function=$(complete -p message-to-hash | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            $function message-to-hash '{begun}' '{before}'; echo \"${{COMPREPLY[@]}}\""
        );
        let completed = shell(&server, folder.path(), &complete);
        assert_eq!(out(&completed).trim(), completions, "{completed:?}");
    }
    for shell in ["zsh", "fish"] {
        assert!(out(&run("", &["completions", shell], "")).contains("token-file"), "{shell}");
    }
    let page = out(&run("", &["man"], ""));
    assert!(
        page.contains(".TH message-to-hash 1") && page.contains("message\\-to\\-hash\\-get(1)"),
        "{page}"
    );
    let page = out(&run("", &["man", "get"], ""));
    assert!(page.contains(".TH message-to-hash-get 1") && page.contains("\\-\\-token\\-file"), "{page}");
    assert_fails(&run("", &["man", "sing"], ""), 2, &["sing", "--help"]);
}

#[tokio::test]
async fn client_crate_works_with_the_server() {
    let server = Server::start(&["--max-message-bytes", "100KiB"]);
    let client = Client::new(server.url()).unwrap();
    let texts: Vec<_> = (0..1000).map(|number| format!("{number}").repeat(number % 50)).collect();
    let stored: Vec<_> = client.put_all(stream::iter(&texts)).map(Result::unwrap).collect().await;
    let hashes = stored.iter().map(|stored| stored.hash);
    assert!(hashes.clone().eq(texts.iter().map(|text| MessageHash::from_message(text))));
    assert_eq!(stored.iter().filter(|stored| !stored.new).count(), 19); // the empty one comes 20 times
    let got: Vec<_> = client.get_all(stream::iter(hashes)).map(Result::unwrap).collect().await;
    assert!(got.iter().map(Option::as_deref).eq(texts.iter().map(|text| Some(text.as_str()))));
    assert!(client.exists(MessageHash::from_message("")).await.unwrap());
    assert_eq!(client.get(MessageHash::from_message("missing")).await.unwrap(), None);
    assert!(!client.exists(MessageHash::from_message("missing")).await.unwrap());
    let largest = "\0".repeat(100 << 10);
    let stored = client.put(&largest).await.unwrap();
    assert_eq!(client.get(stored.hash).await.unwrap(), Some(largest));
    for size in [(100 << 10) + 1, 5 << 20] {
        let error = client.put(&"x".repeat(size)).await.unwrap_err();
        assert!(matches!(error, Error::MessageTooLarge(_)), "{size}: {error:?}");
    }
    let elsewhere = Client::new(format!("{}/messages", server.url())).unwrap();
    let error = elsewhere.get(MessageHash::from_message("")).await.unwrap_err();
    assert!(matches!(error, Error::Refused(answer) if answer.status == 404));
}
