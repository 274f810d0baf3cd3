//! The check of the dependencies against a database of security advisories.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::stack::{output_text, root, run};

/// Makes a database with one advisory against this crate, committed at this date.
fn database(package: &str, date: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let advisory = format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"{package}\"\ndate = \"2020-01-01\"\n\
         [versions]\npatched = []\n```\n\n# Made up\n\nFor a test.\n"
    );
    fs::create_dir_all(folder.path().join("crates").join(package)).unwrap();
    fs::write(folder.path().join("crates").join(package).join("RUSTSEC-2020-0001.md"), advisory).unwrap();
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "One advisory"]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]).args(arguments);
        run(git.current_dir(folder.path()).env("GIT_COMMITTER_DATE", date));
    }
    folder
}

fn check(database: &Path) -> Output {
    let mut build = Command::new(root().join("build.sh"));
    build.arg("advisories").env("ADVISORY_DB", database).output().expect("a shell")
}

#[test]
fn advisory_against_a_dependency_fails_the_check() {
    let now = humantime::format_rfc3339_seconds(std::time::SystemTime::now()).to_string();

    let affected = check(database("tokio", &now).path());
    assert!(
        !affected.status.success() && output_text(&affected).contains("RUSTSEC-2020-0001"),
        "{}",
        output_text(&affected)
    );

    let unaffected = check(database("not-a-dependency", &now).path());
    assert!(unaffected.status.success(), "{}", output_text(&unaffected));
    assert!(!output_text(&unaffected).contains("DAYS OLD"), "{}", output_text(&unaffected));

    // An old database causes a warning, and is still used.
    let old = check(database("not-a-dependency", "2020-01-01T00:00:00Z").path());
    assert!(
        old.status.success() && output_text(&old).contains("THE ADVISORY DATABASE IS "),
        "{}",
        output_text(&old)
    );
    assert!(!check(database("tokio", "2020-01-01T00:00:00Z").path()).status.success());

    // A path without a database is an error, and the check is not skipped.
    let missing = check(Path::new("/nowhere"));
    assert!(!missing.status.success(), "{}", output_text(&missing));
    assert!(
        output_text(&missing).contains("the advisory database /nowhere is not a git clone"),
        "{}",
        output_text(&missing)
    );
    let empty = TempDir::new().unwrap();
    assert!(!check(empty.path()).status.success());
}
