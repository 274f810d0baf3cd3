//! Certificates made by openssl.

use std::path::Path;
use std::process::Command;

/// Writes the certificate of an authority, `ca.pem`, and one for a server on this machine, `server.pem`.
pub fn make_certificates(folder: &Path) {
    let path = |name: &str| folder.join(name).display().to_string();
    let openssl = |arguments: &[&str]| {
        let key =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let output =
            Command::new("openssl").args(key).args(arguments).output().expect("openssl is installed");
        assert!(output.status.success(), "{output:?}");
    };
    let (ca, ca_key) = (path("ca.pem"), path("ca.key"));
    openssl(&["-subj", "/CN=the tests' authority", "-keyout", &ca_key, "-out", &ca]);
    let for_server =
        ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
    let signed = ["-subj", "/CN=the tests' server", "-CA", &ca, "-CAkey", &ca_key];
    let written = ["-keyout", &path("server.key"), "-out", &path("server.pem")];
    openssl(&[&signed[..], &for_server, &written].concat());
}
