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
pub mod messages;
pub mod metrics;
pub mod pages;
pub mod ports;
pub mod program;
pub mod raw;
pub mod redis;
pub mod response;
pub mod server;
pub mod store;
pub mod wait;
pub mod wait_until;
pub mod writers;

use std::time::Duration;

pub use client::{ApiClient, client_with};
pub use http::{ask, raw};
pub use lines::Lines;
pub use messages::FOO;
pub use response::{TextResponse, parse};
pub use server::{Server, command};

/// The longest time that a test waits for an event.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The SHA-256 of the empty message.
pub const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Additional options of every server, one on each line, and a token for every request. With them `identity` runs the
/// tests of other modules against a server that requires a token.
pub const OPTIONS_VARIABLE: &str = "IT_OPTIONS";
pub const TOKEN_VARIABLE: &str = "IT_TOKEN";

/// Returns the token for every request, if one is set.
pub fn token() -> Option<String> {
    std::env::var(TOKEN_VARIABLE).ok()
}

/// Returns the `Authorization` line of a request, or an empty string without a token.
pub fn authorization() -> String {
    token().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default()
}
