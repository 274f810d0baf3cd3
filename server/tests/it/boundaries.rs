//! The boundaries between the modules of the server, checked by reading its sources.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file of the server under this folder of `src`, by its path in `src`.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&src).unwrap().to_owned(), text));
            }
        }
    }
    files
}

/// Whether any line of code, comments excluded, contains one of these words as a whole word.
fn names_any(text: &str, words: &[&str]) -> bool {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let mut tokens = code.flat_map(|line| line.split(|char: char| !char.is_alphanumeric() && char != '_'));
    tokens.any(|token| words.contains(&token))
}

fn violations(folder: &str, words: &[&str], is_exempt: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let sources = sources(folder);
    assert!(!sources.is_empty(), "{folder} has no sources");
    let named = sources.into_iter().filter(|(path, text)| !is_exempt(path) && names_any(text, words));
    named.map(|(path, _)| path).collect()
}

#[test]
fn redis_client_knows_no_messages() {
    let words = ["Message", "MessageHash", "Put", "StoreError"];
    assert_eq!(violations("store/redis/client", &words, |_| false), Vec::<PathBuf>::new());
}

#[test]
fn redis_library_stays_in_the_redis_client() {
    let is_client = |path: &Path| path.starts_with("store/redis/client");
    assert_eq!(violations("", &["deadpool_redis"], is_client), Vec::<PathBuf>::new());
}

#[test]
fn config_is_imported_only_by_commands() {
    let is_config = |text: &str| {
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        code.map(str::to_owned)
            .any(|line| line.contains("crate::config") || line.contains("message_to_hash::config"))
    };
    let may_import = |path: &Path| {
        ["commands", "config", "main.rs", "lib.rs"].iter().any(|allowed| path.starts_with(allowed))
    };
    let importing = sources("").into_iter().filter(|(path, text)| !may_import(path) && is_config(text));
    assert_eq!(importing.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<PathBuf>::new());
}
