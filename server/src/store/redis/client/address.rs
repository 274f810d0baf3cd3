//! The addresses of Redis servers, and the servers that a URL names.

use std::fmt;

/// The host and port of a Redis server or a Sentinel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// A DNS name or an IP address without brackets.
    pub host: String,
    pub port: u16,
}

/// The servers that the client starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Servers {
    /// One server.
    Standalone(Address),
    /// Sentinels, and the name under which they watch the primary.
    Sentinel { sentinels: Vec<Address>, primary_name: String },
    /// Some nodes of a Cluster. They name the other nodes.
    Cluster(Vec<Address>),
}

impl Address {
    /// Parses `HOST:PORT` in a MOVED or ASK reply. Redis writes IPv6 addresses there without brackets. An empty host
    /// is filled in by [`Self::or_host_of`]. Returns `None` for the host `?`, which means an unknown address.
    pub(super) fn parse_redirection(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok()?;
        (host != "?").then(|| Self { host: host.to_owned(), port })
    }

    /// Replaces an empty host by the host of the node that sent this address.
    pub(super) fn or_host_of(self, sender: &Self) -> Self {
        if self.host.is_empty() { Self { host: sender.host.clone(), ..self } } else { self }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}
