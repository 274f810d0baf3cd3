//! Why a command failed, by what is to be done about it.

use deadpool_redis::redis::{ErrorKind, RedisError, ServerError};

use crate::store::StoreError;
use crate::store::redis::url::Address;

/// Why a node did not do what it was asked. The texts are for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::redis) enum Failure {
    /// The key's slot is served by another node: ask that one, and look at the map again.
    Moved(Address),
    /// This key is on its way to another node: ask that one, this time.
    Ask(Address),
    /// The node takes no writes, probably because another one is the primary now.
    Demoted(String),
    /// The connection broke; whether the command was carried out is not known.
    Cut(String),
    /// No answer within the deadline.
    TimedOut(String),
    /// The node answers, and cannot or will not do it now.
    Refused(String),
    /// The node does not have this command, or does not allow it to this user.
    NotOffered(String),
    /// The node takes no message of this size, now or later.
    TooLarge(String),
    /// The node has no memory left for more.
    Full(String),
    /// What is under the key is no message.
    Corrupt(String),
}

impl Failure {
    /// The node is a replica where a primary is needed.
    pub(in crate::store::redis) fn is_replica() -> Self {
        Self::Demoted("it is a replica, and takes no writes".to_owned())
    }

    /// Whether the connection that brought this is worth nothing more.
    pub(in crate::store::redis) fn spoils_connection(&self) -> bool {
        matches!(self, Self::Demoted(_) | Self::Cut(_) | Self::TimedOut(_) | Self::TooLarge(_))
    }

    /// Whether the nodes may have other roles now than those that are known.
    pub(in crate::store::redis) fn concerns_topology(&self) -> bool {
        !matches!(
            self,
            Self::Ask(_) | Self::Corrupt(_) | Self::Full(_) | Self::TooLarge(_) | Self::NotOffered(_)
        )
    }

    /// Whether the same command may succeed at once, on a new connection or another node. Every command
    /// of this store may be repeated.
    pub(in crate::store::redis) fn may_be_repeated(&self) -> bool {
        matches!(self, Self::Demoted(_) | Self::Cut(_))
    }

    /// Says which key it was, where that is the matter.
    pub(in crate::store::redis) fn about(self, key: &str) -> Self {
        match self {
            Self::Corrupt(text) => Self::Corrupt(format!("{key}: {text}")),
            other => other,
        }
    }

    /// Says which server it was.
    pub(in crate::store::redis) fn of(self, address: &Address) -> Self {
        let name = |text: String| format!("Redis at {address}: {text}");
        match self {
            Self::Demoted(text) => Self::Demoted(name(text)),
            Self::Cut(text) => Self::Cut(name(text)),
            Self::TimedOut(text) => Self::TimedOut(name(text)),
            Self::Refused(text) => Self::Refused(name(text)),
            Self::NotOffered(text) => Self::NotOffered(name(text)),
            Self::TooLarge(text) => Self::TooLarge(name(text)),
            Self::Full(text) => Self::Full(name(text)),
            Self::Corrupt(text) => Self::Corrupt(name(text)),
            Self::Moved(other) => Self::Moved(other.or_host_of(address)),
            Self::Ask(other) => Self::Ask(other.or_host_of(address)),
        }
    }
}

impl From<&ServerError> for Failure {
    fn from(error: &ServerError) -> Self {
        let (code, details) = (error.code(), error.details().unwrap_or_default());
        let text = format!("{code} {details}");
        // "SLOT HOST:PORT". An empty host means the host of the node that answered: `of` fills it in.
        let other_node = || details.split(' ').nth(1).and_then(Address::of_node);
        match code {
            "MOVED" => other_node().map_or(Self::Demoted(text), Self::Moved),
            "ASK" => other_node().map_or(Self::Demoted(text), Self::Ask),
            // UNBLOCKED ends a WAIT when the node becomes a replica. NOREPLICAS is no demotion: the node is the
            // primary still, and no new connection gives it replicas.
            "READONLY" | "UNBLOCKED" => Self::Demoted(text),
            "OOM" => Self::Full(text),
            "WRONGTYPE" => Self::Corrupt(format!("what is there is no string ({text})")),
            "NOAUTH" => Self::Refused(format!("it wants a password ({text})")),
            "WRONGPASS" => Self::Refused(format!("it refuses this user or password ({text})")),
            "NOPERM" => Self::NotOffered(format!("its ACL does not allow this user what is needed ({text})")),
            "LOADING" => Self::Refused(format!("it is still loading its data ({text})")),
            "MASTERDOWN" => Self::Refused(format!("it is a replica without its primary ({text})")),
            "ERR" if details.starts_with("syntax error") => {
                Self::Refused(format!("it has no SET with NX and GET, as Redis has from 7.0 on ({text})"))
            }
            "ERR" if details.starts_with("Protocol error: invalid bulk length") => Self::TooLarge(text),
            // An unknown command or subcommand, in several spellings.
            "ERR" if details.to_ascii_lowercase().starts_with("unknown ") => Self::NotOffered(text),
            "ERR" if details.starts_with("max number of clients") => {
                Self::Cut(format!("it has no connection left, see its maxclients ({text})"))
            }
            _ => Self::Refused(text),
        }
    }
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        match error.kind() {
            ErrorKind::AuthenticationFailed => {
                Self::Refused(format!("it refuses this user or password ({error})"))
            }
            ErrorKind::Io | ErrorKind::Parse => Self::Cut(error.to_string()),
            _ => match ServerError::try_from(error) {
                Ok(error) => Self::from(&error),
                Err(error) => Self::Refused(error.to_string()),
            },
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TooLarge(text) => Self::TooLarge(text.into()),
            Failure::Full(text) => Self::Full(text.into()),
            Failure::Corrupt(text) => Self::Corrupt(text.into()),
            Failure::Demoted(text)
            | Failure::Cut(text)
            | Failure::TimedOut(text)
            | Failure::Refused(text)
            | Failure::NotOffered(text) => Self::Unavailable(text.into()),
            Failure::Moved(address) | Failure::Ask(address) => {
                Self::Unavailable(format!("the nodes of the Redis Cluster disagree about {address}").into())
            }
        }
    }
}
