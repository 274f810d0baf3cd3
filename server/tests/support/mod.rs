//! Helpers that several test modules need: servers, clients, stores, disks and issuers of tokens.
//!
//! `it` includes all of them. `smoke` includes those that it needs, one by one.

pub mod batch;
pub mod browser;
pub mod certificates;
pub mod client;
pub mod context;
pub mod disk;
pub mod http;
pub mod in_process;
pub mod issuer;
pub mod lines;
pub mod load;
pub mod messages;
pub mod metrics;
pub mod ports;
pub mod program;
pub mod raw;
pub mod redis;
pub mod response;
pub mod server;
pub mod store;
pub mod until;
pub mod wait;

use std::time::Duration;

pub use client::{ApiClient, client_with};
pub use http::{ask, raw};
pub use lines::Lines;
pub use messages::FOO;
pub use response::{Answer, parse};
pub use server::{Server, command};

/// How long a test waits for what has to happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// SHA-256 of the empty message.
pub const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Further options of every server, one a line, and a token for every request: so that `identity` can run
/// other modules' tests over a server that wants one.
pub const OPTIONS_VARIABLE: &str = "IT_OPTIONS";
pub const TOKEN_VARIABLE: &str = "IT_TOKEN";

/// The token of every request, where there is one.
pub fn token() -> Option<String> {
    std::env::var(TOKEN_VARIABLE).ok()
}

/// The line of a request's head that has the token, or nothing.
pub fn authorization() -> String {
    token().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default()
}
