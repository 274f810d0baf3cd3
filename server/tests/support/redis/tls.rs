//! Redis servers with TLS only, and with certificates made for each test.

use tempfile::TempDir;

use crate::support::certificates::make_certificates;
use crate::support::ports::free_port;
use crate::support::redis::{MASTER, RedisServer};
use crate::support::wait::eventually;

/// The password of the user. It has characters that `Tls::url` must escape.
pub const PASSWORD: &str = "p@ss/w:rd";

/// A server with TLS only, and a user with only the permissions that the store needs.
pub struct Tls {
    pub server: RedisServer,
    certificates: TempDir,
}

impl Tls {
    /// Starts one server.
    pub fn start() -> Self {
        Self::start_with("+get +set +unlink +publish +subscribe +role +scan +dbsize", "")
    }

    /// Starts a cluster of one server with all slots.
    pub fn start_cluster() -> Self {
        let more = format!("cluster-enabled yes\ntls-cluster yes\ncluster-port {}", free_port());
        let all = Self::start_with(
            "+get +set +unlink +publish +subscribe +role +scan +dbsize +asking +readonly +cluster|slots",
            &more,
        );
        assert_eq!(all.server.cli(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]), "OK");
        eventually("the cluster is ok", || all.server.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok"));
        all
    }

    fn start_with(permissions: &str, more: &str) -> Self {
        let certificates = TempDir::new().expect("a temporary folder");
        make_certificates(certificates.path());
        let users = format!(
            "user default off\nuser app on >{PASSWORD} ~m:* &m:deleted {permissions}\nuser admin on nopass ~* &* +@all\n{more}"
        );
        let server = Self::serve(&certificates, &users, &[]);
        Self { server, certificates }
    }

    fn serve(certificates: &TempDir, configuration: &str, mode: &'static [&'static str]) -> RedisServer {
        let path = |name: &str| certificates.path().join(name).display().to_string();
        let (ca, port) = (path("ca.pem"), free_port());
        let all = format!(
            "port 0\ntls-port {port}\ntls-cert-file {}\ntls-key-file {}\ntls-ca-cert-file {ca}\n\
             tls-auth-clients no\ntls-replication yes\n{configuration}",
            path("server.pem"),
            path("server.key"),
        );
        let client = ["--tls", "--cacert", &ca, "--user", "admin", "--pass", "any", "--no-auth-warning"];
        let folder = TempDir::new().expect("a temporary folder");
        RedisServer::run_in(folder, port, &all, mode, client.map(str::to_owned).to_vec())
    }

    /// Starts a sentinel that watches the server and requires a login.
    pub fn sentinel(&self) -> RedisServer {
        let configuration = format!(
            "user default off\nuser app on >{PASSWORD} ~* &* +@all\nuser admin on nopass ~* &* +@all\n\
             sentinel monitor {MASTER} 127.0.0.1 {} 1\nsentinel auth-user {MASTER} admin\n\
             sentinel auth-pass {MASTER} any",
            self.server.port
        );
        Self::serve(&self.certificates, &configuration, &["--sentinel"])
    }

    /// Returns the file of the authority's certificate.
    pub fn ca(&self) -> String {
        self.certificates.path().join("ca.pem").display().to_string()
    }

    /// Returns the URL with this scheme and port, for the user with the permissions that the store needs.
    pub fn url(scheme: &str, port: u16) -> String {
        format!("{scheme}://app:p%40ss%2Fw%3Ard@127.0.0.1:{port}")
    }
}
