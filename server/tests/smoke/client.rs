//! Clients of a stack: curl to see the exact responses, and the generated client over rustls.

use std::path::Path;
use std::process::{Command, Stdio};

use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use message_to_hash_api::{Client, ContextWrapperExt};
use swagger::{ContextWrapper, DropContextService};

use crate::stack::Stack;
use crate::support::context::ClientContext;
use crate::support::response::{TextResponse, parse};

type TlsRequestBody = http_body_util::combinators::BoxBody<bytes::Bytes, std::convert::Infallible>;
type Hyper = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, TlsRequestBody>;
type TlsClient =
    Client<DropContextService<hyper_util::service::TowerToHyperService<Hyper>, ClientContext>, ClientContext>;
/// The generated client with a context.
pub type TlsApiClient = ContextWrapper<TlsClient, ClientContext>;

/// Returns a client that trusts only the certificate of this stack.
pub fn generated(stack: &Stack) -> TlsApiClient {
    let tls = crate::tls::config(stack);
    let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().build();
    let base = format!("https://localhost:{}", stack.https_port);
    let client = TlsClient::try_new_with_connector(&base, Some("https"), connector).expect("a base URL");
    client.with_context(ClientContext::new("smoke", None))
}

/// Asserts that this response is the problem body with its headers, and returns the problem's detail.
pub fn problem(answer: &TextResponse, status: u16) -> String {
    assert_eq!(answer.unique_header("cache-control"), Some("no-store"), "{answer:?}");
    assert!(answer.unique_header("x-span-id").is_some_and(|id| !id.is_empty()), "{answer:?}");
    assert_eq!(answer.unique_header("retry-after").is_some(), [429, 503].contains(&status), "{answer:?}");
    answer.problem(status)
}

/// Returns a curl command for the TLS port of this stack. curl verifies the certificate.
pub fn curl(stack: &Stack, path: &str, arguments: &[&str]) -> Command {
    let url = format!("https://localhost:{}{path}", stack.https_port);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--max-time", "30", "--cacert"]);
    curl.arg(stack.certificate()).args(arguments).arg(url).stdin(Stdio::null());
    curl
}

/// Runs curl, and returns the response.
pub fn ask(stack: &Stack, path: &str, arguments: &[&str]) -> TextResponse {
    let output = curl(stack, path, arguments).output().expect("curl is installed");
    assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// Like `ask`, with the `X-Forwarded-For` that a balancer sends for this client.
pub fn ask_from(stack: &Stack, client: &str, path: &str) -> TextResponse {
    ask(stack, path, &["--header", &format!("X-Forwarded-For: {client}")])
}

/// Posts a message.
pub fn post(stack: &Stack, message: &str) -> TextResponse {
    ask(stack, "/messages", &["--json", &serde_json::json!({ "message": message }).to_string()])
}

/// Posts the content of a file.
pub fn post_file(stack: &Stack, file: &Path) -> TextResponse {
    let data = format!("@{}", file.display());
    ask(stack, "/messages", &["--json", &data])
}
