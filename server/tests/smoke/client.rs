//! Clients of a stack: curl for what is on the wire, and the generated client over rustls.

use std::path::Path;
use std::process::{Command, Stdio};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use message_to_hash_api::{Client, ContextWrapperExt};
use serde_json::Value;
use swagger::{ContextWrapper, DropContextService};

use crate::client_context::ClientContext;
use crate::stack::Stack;

/// SHA-256 of `foo`.
pub const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

type Body = http_body_util::combinators::BoxBody<bytes::Bytes, std::convert::Infallible>;
type Hyper = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Body>;
type TlsClient =
    Client<DropContextService<hyper_util::service::TowerToHyperService<Hyper>, ClientContext>, ClientContext>;
/// The generated client, bound to a context.
pub type ApiClient = ContextWrapper<TlsClient, ClientContext>;

/// The generated client of this stack, which trusts its certificate and no other.
pub fn generated(stack: &Stack) -> ApiClient {
    let tls = crate::tls::config(stack);
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().build();
    let base = format!("https://localhost:{}", stack.https_port);
    let client = TlsClient::try_new_with_connector(&base, Some("https"), connector).expect("a base URL");
    client.with_context(ClientContext::new("smoke", None))
}

/// A response as curl shows it.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    /// Reads what `curl --include` prints.
    pub fn parse(printed: &str) -> Self {
        let (head, body) = printed.split_once("\r\n\r\n").unwrap_or((printed, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no response: {printed:?}"));
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// The value of this header, if it came once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_it =
            |line: &&str| line.split(':').next().is_some_and(|given| given.eq_ignore_ascii_case(name));
        let mut lines = self.head.lines().skip(1).filter(is_it);
        let value = lines.next()?.split_once(':')?.1.trim();
        assert!(lines.next().is_none(), "{name} came twice: {self:?}");
        Some(value)
    }

    /// Asserts that this is the one problem body, with what belongs to it, and returns its detail.
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        assert!(self.header("x-span-id").is_some_and(|id| !id.is_empty()), "{self:?}");
        assert_eq!(self.header("retry-after").is_some(), [429, 503].contains(&status), "{self:?}");
        let body: Value = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"));
        assert_eq!((&body["type"], &body["status"]), (&"about:blank".into(), &status.into()));
        assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert_eq!(body["detail"], body["err_msg"]);
        body["detail"].as_str().expect("a detail").to_owned()
    }
}

/// curl against the TLS port of this stack, verifying its certificate.
pub fn curl(stack: &Stack, path: &str, arguments: &[&str]) -> Command {
    let url = format!("https://localhost:{}{path}", stack.https_port);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--max-time", "30", "--cacert"]);
    curl.arg(stack.certificate()).args(arguments).arg(url).stdin(Stdio::null());
    curl
}

/// What curl is answered.
pub fn ask(stack: &Stack, path: &str, arguments: &[&str]) -> Answer {
    let output = curl(stack, path, arguments).output().expect("curl is installed");
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    Answer::parse(&String::from_utf8_lossy(&output.stdout))
}

/// As `ask`, by a client behind a balancer that says this is its address.
pub fn ask_from(stack: &Stack, client: &str, path: &str) -> Answer {
    ask(stack, path, &["--header", &format!("X-Forwarded-For: {client}")])
}

/// Posts a message.
pub fn post(stack: &Stack, message: &str) -> Answer {
    ask(stack, "/messages", &["--json", &serde_json::json!({ "message": message }).to_string()])
}

/// Posts what is in a file.
pub fn post_file(stack: &Stack, file: &Path) -> Answer {
    let data = format!("@{}", file.display());
    ask(stack, "/messages", &["--json", &data])
}
