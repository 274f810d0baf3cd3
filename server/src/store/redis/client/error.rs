//! Errors of Redis commands, classified by how the client reacts to them.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;

use deadpool_redis::redis::{ErrorKind, RedisError, ServerError};

use super::address::Address;

/// A Redis server did not carry out a command. The text is for the operator.
#[derive(Debug, Clone)]
pub struct RedisClientError {
    pub kind: RedisClientErrorKind,
    /// The server, once it is known.
    node: Option<Address>,
    reason: String,
    source: Option<Arc<RedisError>>,
}

/// The class of an error, which decides whether the client repeats a command, reconnects or refreshes the topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisClientErrorKind {
    /// MOVED: another node serves the key's slot. The client repeats the command there and refreshes the slot map.
    Moved(Address),
    /// ASK: the key is being moved to another node. The client sends this command there, and only this one.
    Ask(Address),
    /// The node does not accept writes, usually because a replica replaced it as the primary.
    Demoted,
    /// The connection broke. The server may or may not have carried out the command.
    Disconnected,
    /// The deadline passed without a reply.
    TimedOut,
    /// The node replied, but cannot carry out the command now.
    Refused,
    /// The node does not know the command, or its ACL denies it to this user.
    NotOffered,
    /// The value exceeds the node's `proto-max-bulk-len`.
    ValueTooLarge,
    /// The node has reached its `maxmemory`.
    Full,
    /// The key holds another type or another value than the caller expects.
    Damaged,
}

impl RedisClientError {
    pub(super) fn new(kind: RedisClientErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, node: None, reason: reason.into(), source: None }
    }

    pub fn disconnected(reason: impl Into<String>) -> Self {
        Self::new(RedisClientErrorKind::Disconnected, reason)
    }

    pub fn timed_out(reason: impl Into<String>) -> Self {
        Self::new(RedisClientErrorKind::TimedOut, reason)
    }

    pub fn refused(reason: impl Into<String>) -> Self {
        Self::new(RedisClientErrorKind::Refused, reason)
    }

    /// The background task that answers this request has ended.
    pub(super) fn closed() -> Self {
        Self::refused("the store is closed")
    }

    /// The node is a replica, but the client needs a primary.
    pub(super) fn is_replica() -> Self {
        Self::new(RedisClientErrorKind::Demoted, "it is a replica, and a replica does not accept writes")
    }

    /// The reply to this command has an unknown format.
    pub(super) fn unexpected_reply(command: &str) -> Self {
        Self::refused(format!("its reply to {command} has an unexpected format"))
    }

    /// Whether the connection must be replaced before the next command.
    pub(super) fn breaks_connection(&self) -> bool {
        use RedisClientErrorKind::{Demoted, Disconnected, TimedOut, ValueTooLarge};
        matches!(self.kind, Demoted | Disconnected | TimedOut | ValueTooLarge)
    }

    /// Whether a failover or resharding may have caused the error, so that the topology should be refreshed.
    pub(super) fn suggests_topology_change(&self) -> bool {
        use RedisClientErrorKind::{Ask, Damaged, Full, NotOffered, ValueTooLarge};
        !matches!(self.kind, Ask(_) | Damaged | Full | ValueTooLarge | NotOffered)
    }

    /// Whether the same command may succeed at once, on a new connection or on another node. Every command of this
    /// client is idempotent.
    pub(super) fn is_retryable(&self) -> bool {
        matches!(self.kind, RedisClientErrorKind::Demoted | RedisClientErrorKind::Disconnected)
    }

    /// Adds the key to the text of a `Damaged` error.
    pub(super) fn with_key(mut self, key: &str) -> Self {
        if self.kind == RedisClientErrorKind::Damaged {
            self.reason = format!("{key}: {}", self.reason);
        }
        self
    }

    /// Adds the server that the error came from, unless it is set already.
    pub(super) fn with_node(mut self, node: &Address) -> Self {
        self.kind = match self.kind {
            RedisClientErrorKind::Moved(other) => RedisClientErrorKind::Moved(other.or_host_of(node)),
            RedisClientErrorKind::Ask(other) => RedisClientErrorKind::Ask(other.or_host_of(node)),
            kind => kind,
        };
        self.node.get_or_insert_with(|| node.clone());
        self
    }

    /// The text with all causes, for texts that cannot carry a source.
    pub fn with_causes(&self) -> String {
        self.source().map_or_else(|| self.to_string(), |source| format!("{self}: {source}"))
    }
}

impl fmt::Display for RedisClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(node) = &self.node {
            write!(f, "Redis at {node}: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for RedisClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

impl From<&ServerError> for RedisClientError {
    fn from(error: &ServerError) -> Self {
        use RedisClientErrorKind::{
            Ask, Damaged, Demoted, Disconnected, Full, Moved, NotOffered, Refused, ValueTooLarge,
        };
        let (code, details) = (error.code(), error.details().unwrap_or_default());
        let reply = format!("{code} {details}");
        // "SLOT HOST:PORT". An empty host means the host of the node that replied; `with_node` fills it in.
        let other_node = || details.split(' ').nth(1).and_then(Address::parse_redirection);
        let disagreement = || format!("the nodes of the Cluster disagree about the slot ({reply})");
        match code {
            "MOVED" if let Some(node) = other_node() => Self::new(Moved(node), disagreement()),
            "ASK" if let Some(node) = other_node() => Self::new(Ask(node), disagreement()),
            // UNBLOCKED ends a WAIT when the node becomes a replica. NOREPLICAS is not a demotion: the node remains
            // the primary, and a new connection would not give it replicas.
            "MOVED" | "ASK" | "READONLY" | "UNBLOCKED" => Self::new(Demoted, reply),
            "OOM" => Self::new(Full, reply),
            "WRONGTYPE" => Self::new(Damaged, format!("the key does not hold a string ({reply})")),
            "NOAUTH" => Self::new(Refused, format!("it requires a password ({reply})")),
            "WRONGPASS" => Self::new(Refused, format!("it rejects this user or password ({reply})")),
            "NOPERM" => Self::new(NotOffered, format!("its ACL denies a required permission ({reply})")),
            "LOADING" => Self::new(Refused, format!("it is still loading its data ({reply})")),
            "MASTERDOWN" => Self::new(Refused, format!("it is a replica without its primary ({reply})")),
            "ERR" if details.starts_with("syntax error") => Self::new(
                Refused,
                format!("it lacks SET with NX and GET, which Redis 7.0 introduced ({reply})"),
            ),
            "ERR" if details.starts_with("Protocol error: invalid bulk length") => {
                Self::new(ValueTooLarge, reply)
            }
            // An unknown command or subcommand, in several spellings.
            "ERR" if details.to_ascii_lowercase().starts_with("unknown ") => Self::new(NotOffered, reply),
            "ERR" if details.starts_with("max number of clients") => {
                Self::new(Disconnected, format!("it has reached its maxclients ({reply})"))
            }
            _ => Self::new(Refused, reply),
        }
    }
}

impl From<RedisError> for RedisClientError {
    fn from(error: RedisError) -> Self {
        let (kind, reason) = match error.kind() {
            ErrorKind::AuthenticationFailed => {
                (RedisClientErrorKind::Refused, "it rejects this user or password")
            }
            ErrorKind::Io | ErrorKind::Parse => (RedisClientErrorKind::Disconnected, "the connection failed"),
            _ => match ServerError::try_from(error.clone()) {
                Ok(error) => return Self::from(&error),
                Err(_) => (RedisClientErrorKind::Refused, "the command failed"),
            },
        };
        Self { source: Some(Arc::new(error)), ..Self::new(kind, reason) }
    }
}
