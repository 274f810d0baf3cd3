//! The options of the HTTP service.

use std::net::IpAddr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;
use ipnet::IpNet;

use super::origins::AllowedOrigins;
use crate::message::MAX_MESSAGE_BYTES;
use crate::parsers::{byte_size, time_limit};

/// The proxies in front of the server.
#[derive(Debug, Clone, Args)]
pub struct ProxyOptions {
    /// Proxies whose X-Forwarded-For is trusted: addresses or CIDRs, separated by commas. The access log then shows
    /// the address in that header.
    #[arg(long, env = "MESSAGE_TO_HASH_TRUSTED_PROXIES", value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
}

/// Pages of other origins.
#[derive(Debug, Clone, Args)]
pub struct CorsOptions {
    /// Origins whose pages may use the API from a browser, as in `https://a.example,capacitor://localhost`; `*`
    /// for all.
    #[arg(long, env = "MESSAGE_TO_HASH_CORS_ALLOWED_ORIGINS", value_name = "ORIGINS")]
    pub cors_allowed_origins: Option<AllowedOrigins>,
}

/// Limits on the resources that clients use.
#[derive(Debug, Clone, Args)]
pub struct Limits {
    /// Largest message, in bytes of UTF-8, up to 64MiB. A larger message gets 413.
    #[arg(long, env = "MESSAGE_TO_HASH_MAX_MESSAGE_BYTES", value_name = "SIZE", default_value = "1MiB", value_parser = message_size)]
    pub max_message_bytes: ByteSize,

    /// Largest number of open connections; further connections wait to be accepted.
    #[arg(long, env = "MESSAGE_TO_HASH_MAX_CONNECTIONS", value_name = "N", default_value = "10000", value_parser = connections)]
    pub max_connections: usize,

    /// Longest time for the head of a request to arrive, and for a connection to be idle.
    #[arg(long, env = "MESSAGE_TO_HASH_HEADER_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time_limit)]
    pub header_timeout: Duration,

    /// Longest time for the body of a request to arrive, and for a client to read any part of a response.
    #[arg(long, env = "MESSAGE_TO_HASH_BODY_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = time_limit)]
    pub body_timeout: Duration,
}

fn network(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "an address or a CIDR is needed, as in 10.0.0.7 or 10.0.0.0/8".to_owned())
}

/// The upper limit bounds the memory that one request body takes.
fn message_size(text: &str) -> Result<ByteSize, String> {
    let size = byte_size(text)?;
    if size < ByteSize::b(1) || size > ByteSize::b(MAX_MESSAGE_BYTES.into()) {
        return Err("a message may have 1 byte to 64MiB".to_owned());
    }
    Ok(size)
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err("a number from 1 to 1000000 is needed".to_owned()),
    }
}
