//! Whether a server is a primary: as ROLE says, or `INFO replication` where ROLE is not offered.
//!
//! Managed services and narrow ACLs offer neither of the two, so neither is a requirement: then only the READONLY
//! error of a write tells a replica from a primary.

use deadpool_redis::redis::{Cmd, Value, cmd};

use super::error::Failure;

/// What a server says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::redis) struct Role {
    pub(in crate::store::redis) is_primary: bool,
    /// How many replicas follow it.
    pub(in crate::store::redis) replicas: usize,
}

/// The commands that tell the role, the better one first.
pub(in crate::store::redis) fn questions() -> [Cmd; 2] {
    let mut info = cmd("INFO");
    info.arg("replication");
    [cmd("ROLE"), info]
}

/// The role in a reply to one of the questions; `None` where the reply tells none, as of a server that does not
/// offer the command.
///
/// # Errors
/// [`Failure`] where the server does not answer any question now.
pub(in crate::store::redis) fn parse(reply: &Value) -> Result<Option<Role>, Failure> {
    Ok(match reply {
        Value::ServerError(error) => match Failure::from(error) {
            Failure::NotOffered(_) => None,
            failure => return Err(failure),
        },
        Value::Array(parts) => of_array(parts),
        Value::BulkString(text) => of_info(&String::from_utf8_lossy(text)),
        Value::VerbatimString { text, .. } => of_info(text),
        _ => None,
    })
}

fn of_array(parts: &[Value]) -> Option<Role> {
    let [Value::BulkString(name), rest @ ..] = parts else { return None };
    let replicas = match rest {
        [_, Value::Array(replicas), ..] => replicas.len(),
        _ => 0,
    };
    Some(Role { is_primary: name == b"master", replicas })
}

fn of_info(text: &str) -> Option<Role> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let replicas = field("connected_slaves:").and_then(|count| count.parse().ok()).unwrap_or(0);
    field("role:").map(|role| Role { is_primary: role == "master", replicas })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_is_read_from_either_command() {
        let text = |text: &str| Value::BulkString(text.into());
        let primary = Role { is_primary: true, replicas: 2 };
        let replica = Role { is_primary: false, replicas: 0 };
        let role = [text("master"), Value::Int(7), Value::Array(vec![Value::Nil, Value::Nil])];
        assert_eq!(parse(&Value::Array(role.to_vec())), Ok(Some(primary)));
        let role = [text("slave"), text("host"), Value::Int(6379), text("connected"), Value::Int(7)];
        assert_eq!(parse(&Value::Array(role.to_vec())), Ok(Some(replica)));
        let info = text("# Replication\r\nrole:master\r\nconnected_slaves:2\r\n");
        assert_eq!(parse(&info), Ok(Some(primary)));
        assert_eq!(parse(&text("# Replication\r\nrole:slave\r\n")), Ok(Some(replica)));
        for reply in [text(""), Value::Array(vec![]), Value::Nil] {
            assert_eq!(parse(&reply), Ok(None));
        }
    }
}
