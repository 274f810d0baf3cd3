//! The role of a server, from ROLE, or from `INFO replication` where ROLE is not offered.
//!
//! Managed services and narrow ACLs may offer neither command, so the client requires neither. Then only the READONLY
//! error of a write distinguishes a replica from a primary.

use deadpool_redis::redis::{Cmd, Value, cmd};

use super::error::{RedisClientError, RedisClientErrorKind};

/// The role that a server reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReportedRole {
    pub(super) is_primary: bool,
    /// The number of connected replicas.
    pub(super) replicas: usize,
}

/// The commands that report the role: ROLE, which is cheaper, and `INFO replication`.
pub(super) fn role_commands() -> [Cmd; 2] {
    let mut info = cmd("INFO");
    info.arg("replication");
    [cmd("ROLE"), info]
}

/// Parses the reply to one of [`role_commands`]. Returns `None` if the reply has no role, or if the server does not
/// offer the command.
///
/// # Errors
/// [`RedisClientError`] if the server replied with any other error.
pub(super) fn parse_role(reply: &Value) -> Result<Option<ReportedRole>, RedisClientError> {
    Ok(match reply {
        Value::ServerError(error) => match RedisClientError::from(error) {
            error if error.kind == RedisClientErrorKind::NotOffered => None,
            error => return Err(error),
        },
        Value::Array(parts) => parse_role_reply(parts),
        Value::BulkString(text) => parse_info(&String::from_utf8_lossy(text)),
        Value::VerbatimString { text, .. } => parse_info(text),
        _ => None,
    })
}

fn parse_role_reply(parts: &[Value]) -> Option<ReportedRole> {
    let [Value::BulkString(name), rest @ ..] = parts else { return None };
    let replicas = match rest {
        [_, Value::Array(replicas), ..] => replicas.len(),
        _ => 0,
    };
    Some(ReportedRole { is_primary: name == b"master", replicas })
}

fn parse_info(text: &str) -> Option<ReportedRole> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let replicas = field("connected_slaves:").and_then(|count| count.parse().ok()).unwrap_or(0);
    field("role:").map(|role| ReportedRole { is_primary: role == "master", replicas })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_is_read_from_either_command() {
        let text = |text: &str| Value::BulkString(text.into());
        let parse = |reply: Value| parse_role(&reply).unwrap();
        let primary = ReportedRole { is_primary: true, replicas: 2 };
        let replica = ReportedRole { is_primary: false, replicas: 0 };
        let role = [text("master"), Value::Int(7), Value::Array(vec![Value::Nil, Value::Nil])];
        assert_eq!(parse(Value::Array(role.to_vec())), Some(primary));
        let role = [text("slave"), text("host"), Value::Int(6379), text("connected"), Value::Int(7)];
        assert_eq!(parse(Value::Array(role.to_vec())), Some(replica));
        assert_eq!(parse(text("# Replication\r\nrole:master\r\nconnected_slaves:2\r\n")), Some(primary));
        assert_eq!(parse(text("# Replication\r\nrole:slave\r\n")), Some(replica));
        for reply in [text(""), Value::Array(vec![]), Value::Nil] {
            assert_eq!(parse(reply), None);
        }
    }
}
