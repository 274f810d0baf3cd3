//! The contract: it is valid, the running server keeps it, and a change has the effect that
//! docs/how-to/change-the-api.md describes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use tempfile::{NamedTempFile, TempDir};

use crate::support::Server;
use crate::support::issuer::{SigningKey, claims, jwks, trust_options};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("server/ is in the repository").to_owned()
}

/// Runs a Python tool on the contract. `./build.sh test` installs the tools.
fn tool(name: &str, before: &[&str], after: &[&str]) -> Output {
    let elsewhere = TempDir::new().unwrap(); // they leave files where they run
    let contract = repository().join("api/messageToHash.yaml");
    let output = Command::new(name).args(before).arg(contract).args(after).current_dir(&elsewhere).output();
    output.unwrap_or_else(|error| panic!("{name}: {error}; run the tests by ./build.sh test"))
}

fn assert_success(output: &Output) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
}

#[test]
fn contract_is_valid_openapi() {
    assert_success(&tool("openapi-spec-validator", &[], &[]));
}

/// Warnings that count as failures. It does not include the warning that random hashes match no message.
const WARNINGS: &str = "missing_test_data,base_url_mismatch,validation_mismatch,missing_deserializer,\
                        unused_openapi_auth,unsupported_regex,method_not_allowed,unresolvable_reference";

/// Runs schemathesis against this server with additional options, and asserts that it finds nothing.
fn assert_schemathesis_finds_nothing(server: &Server, options: &[&str]) {
    let url = server.url();
    let given = [
        "--url",
        &url,
        "--checks",
        "all",
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        "100",
        "--generation-database",
        ":memory:",
        "--no-color",
    ];
    let config = repository().join("server/tests/schemathesis.toml");
    let before = ["--config-file", config.to_str().unwrap(), "run"];
    let output = tool("schemathesis", &before, &[&given[..], options].concat());
    assert_success(&output);
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("No issues found"), "{out}");
    assert!(server.stderr.all().iter().all(|line| !line.contains("panic")), "{:?}", server.stderr.all());
}

#[test]
fn schemathesis_finds_no_failure() {
    let server = Server::start(&["--log-filter", "info,access=off"]);
    // Excludes the warning that an operation is always refused: without identity, every deletion is.
    assert_schemathesis_finds_nothing(&server, &["--warnings", WARNINGS]);
}

#[test]
fn schemathesis_with_identity_finds_no_failure() {
    let key = SigningKey::ec("key");
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), jwks(&[&key])).unwrap();
    let options = trust_options("--identity-jwks-file", file.path().to_str().unwrap());
    let server = Server::start(&[&options[..], &["--log-filter", "info,access=off"]].concat());
    let header = format!("Authorization: Bearer {}", key.token(&claims()));
    let warnings = format!("missing_auth,{WARNINGS}");
    assert_schemathesis_finds_nothing(&server, &["--header", &header, "--warnings", &warnings]);
    // Without warnings, because every response is 401.
    assert_schemathesis_finds_nothing(&server, &["--warnings", "off"]);
}

/// Copies the sources, and adds these paths to the contract.
fn copy_with_paths(paths: &str) -> TempDir {
    copy_with_contract(|contract| {
        let (before, after) = contract.split_once("\ncomponents:\n").unwrap();
        format!("{before}\n{paths}\ncomponents:\n{after}")
    })
}

/// Copies the sources, and edits the contract.
fn copy_with_contract(edit: impl FnOnce(&str) -> String) -> TempDir {
    let copy = TempDir::new().unwrap();
    // Takes the files of the working tree, also uncommitted ones.
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let files = Command::new("git").args(list).current_dir(repository()).output().unwrap();
    for file in String::from_utf8(files.stdout).unwrap().split_terminator('\0') {
        let (from, to) = (repository().join(file), copy.path().join(file));
        if from.exists() {
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(from, to).unwrap();
        }
    }
    let contract = copy.path().join("api/messageToHash.yaml");
    let edited = edit(&std::fs::read_to_string(&contract).unwrap());
    std::fs::write(&contract, edited).unwrap();
    copy
}

/// The copies share a target folder, and cargo notices a change only by the time of a file. Code that was generated
/// before another copy was compiled would look up to date.
static ONE_COPY_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Generates and compiles the copy, and returns the errors of the compiler.
fn compile_errors(copy: &TempDir) -> String {
    let _one = ONE_COPY_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    assert_success(&Command::new("./build.sh").arg("generate").current_dir(copy.path()).output().unwrap());
    // Uses its own target folder, because cargo would confuse the crates of the copy with those of the repository.
    let check = Command::new(env!("CARGO"))
        .args(["check", "--locked", "--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract"))
        .current_dir(copy.path())
        .output()
        .unwrap();
    assert!(!check.status.success());
    String::from_utf8(check.stderr).unwrap()
}

#[test]
fn new_operation_is_a_compile_error_that_names_it() {
    let copy = copy_with_paths(
        r#"
  /count:
    get:
      operationId: countMessages
      responses:
        "200":
          description: How many messages there are.
"#,
    );
    let drift =
        Command::new("./build.sh").args(["generate", "--check"]).current_dir(copy.path()).output().unwrap();
    let printed = String::from_utf8_lossy(&drift.stderr);
    assert!(!drift.status.success() && printed.contains("run ./build.sh generate"), "{printed}");
    let errors = compile_errors(&copy);
    assert!(errors.contains("not all trait items implemented, missing: `count_messages`"), "{errors}");
    assert!(errors.contains("server/src/api/mod.rs"), "{errors}");
}

#[test]
fn undeclared_status_is_a_compile_error_that_names_it() {
    let errors = compile_errors(&copy_with_contract(|contract| {
        // The first operation that can answer 451 is `addMessage`.
        let (before, after) = contract.split_once("        \"451\":\n").unwrap();
        let (_reference, after) = after.split_once('\n').unwrap();
        format!("{before}{after}")
    }));
    assert!(
        errors.contains("add_message::Response: Declares<451, (Problem,)>` is not satisfied"),
        "{errors}"
    );
}

#[test]
fn different_responses_of_operations_that_share_them_are_a_compile_error() {
    let errors = compile_errors(&copy_with_contract(|contract| {
        let (before, after) = contract.split_once("operationId: getNamedInformation").unwrap();
        let (declared, after) = after.split_once("        \"416\":\n").unwrap();
        let (_reference, after) = after.split_once('\n').unwrap();
        format!("{before}operationId: getNamedInformation{declared}{after}")
    }));
    assert!(
        errors.contains("GetNamedInformation: its statuses differ from those of getRawMessage"),
        "{errors}"
    );
}

/// The templates do not support these parts of a contract.
#[test]
fn unsupported_contract_is_a_compile_error_that_names_it() {
    let errors = compile_errors(&copy_with_paths(
        r##"
  /labels:
    get:
      operationId: listLabels
      security: []
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: order, in: query, schema: { type: string, default: up } }
        - { name: filter, in: query, schema: { $ref: "#/components/schemas/Problem" } }
      responses:
        "200": { description: All of them. }
        default: { description: Anything else. }
    post:
      operationId: addLabel
      requestBody: { required: true, content: { application/json: { schema: { type: string } } } }
      responses:
        "204": { description: Added. }
    put:
      operationId: replaceLabel
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Problem" } } } }
      responses:
        "204": { description: Replaced. }
"##,
    ));
    for known in [
        "ListLabels: an operation without security",
        "ListLabels: the limits of the parameter limit",
        "ListLabels: the default of the parameter order",
        "ListLabels: the parameter filter must be a single value",
        "ListLabels: a default response",
        "AddLabel: a JSON body must be an object",
        "ReplaceLabel: a JSON body must be required",
    ] {
        assert!(errors.contains(known), "{known}: {errors}");
    }
    let errors = compile_errors(&copy_with_paths(
        r#"
  /labels/{name}.json:
    parameters:
      - { name: name, in: path, required: true, schema: { type: string } }
    head:
      operationId: seeLabel
      responses:
        "204": { description: It is there. }
  /labels:
    post:
      operationId: addLabel
      requestBody:
        content: { "text/plain; charset=utf-8": { schema: { type: string } } }
      responses:
        "204": { description: Added. }
"#,
    ));
    for known in [
        "SeeLabel: a path parameter must be a whole segment",
        "SeeLabel: the server answers this method itself",
        "AddLabel: a media type with parameters",
    ] {
        assert!(errors.contains(known), "{known}: {errors}");
    }
}
