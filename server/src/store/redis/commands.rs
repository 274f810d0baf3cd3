//! The commands that write, and what their replies mean.

use deadpool_redis::redis::{Pipeline, Value, pipe};

use super::failure::Failure;
use crate::message::Message;
use crate::store::Put;

/// Where a command begins: with ASKING, if the key is on its way to the node that is asked.
pub(super) fn commands(asking: bool) -> Pipeline {
    let mut commands = pipe();
    if asking {
        commands.cmd("ASKING");
    }
    commands
}

/// Adds the one command that writes.
pub(super) fn set_if_absent<'a>(
    commands: &'a mut Pipeline,
    key: &str,
    message: &Message,
) -> &'a mut Pipeline {
    commands.cmd("SET").arg(key).arg(message.as_str()).arg("NX")
}

/// What the reply to it means: nothing, where something was there.
pub(super) fn put_of(reply: &Value) -> Option<Put> {
    match reply {
        Value::Okay => Some(Put::Created),
        Value::Nil => Some(Put::AlreadyStored),
        _ => None,
    }
}

/// Not what Redis answers.
pub(super) fn strange(command: &str) -> Failure {
    Failure::Refused(format!("its answer to {command} makes no sense"))
}
