//! A certificate that the operator mounts.

use std::fs;
use std::process::Command;

use crate::client::{ask, problem};
use crate::stack::{Stack, output_text, run};

#[test]
fn mounted_certificate_is_served() {
    let stack = Stack::prepare("certificate", &[("CERTIFICATE", "./own"), ("API_REPLICAS", "1")]);
    let own = stack.folder().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("certificate.pem"), "half of it").unwrap();
    // Starts nginx alone. It must work without the API.
    let start = |arguments: &[&str]| {
        stack.try_compose(&[&["run", "--rm", "--no-deps", "-T", "nginx", "nginx"], arguments].concat())
    };
    let refused = start(&["-t"]);
    assert!(
        !refused.status.success() && output_text(&refused).contains("one of them is missing"),
        "{refused:?}"
    );

    run(Command::new("openssl").current_dir(&own).args(["req", "-x509", "-newkey", "ec", "-nodes"]).args([
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-days",
        "2",
        "-subj",
        "/CN=mine",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        "key.pem",
        "-out",
        "certificate.pem",
    ]));
    stack.compose(&["up", "-d", "--wait", "--no-build", "--no-deps", "nginx"]);
    fs::copy(own.join("certificate.pem"), stack.folder().join("certificate.pem")).unwrap();
    problem(&ask(&stack, "/messages/aa", &[]), 503);
    assert!(!stack.compose(&["logs", "nginx"]).contains("SELF-SIGNED"));
}
