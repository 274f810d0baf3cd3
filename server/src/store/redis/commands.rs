//! The commands that write, and what their replies mean.

use std::time::Duration;

use deadpool_redis::redis::{Pipeline, Value};

use super::failure::Failure;
use crate::message::Message;
use crate::store::Put;

/// Adds a command about one key: with ASKING before it, if the key is on its way to the node that is asked.
pub(super) fn add<'a>(commands: &'a mut Pipeline, asking: bool, command: &str) -> &'a mut Pipeline {
    if asking {
        commands.cmd("ASKING");
    }
    commands.cmd(command)
}

/// Adds what writes a message and gives the number of commands. What is there already has its time to live
/// renewed, which comes first: so it cannot end in between.
pub(super) fn set_if_absent(
    commands: &mut Pipeline,
    key: &str,
    message: &Message,
    retention: Option<Duration>,
    asking: bool,
) -> usize {
    let before = commands.len();
    if let Some(retention) = retention {
        add(commands, asking, "PEXPIRE").arg(key).arg(milliseconds(retention));
    }
    let set = add(commands, asking, "SET").arg(key).arg(message.as_str()).arg("NX");
    if let Some(retention) = retention {
        set.arg("PX").arg(milliseconds(retention));
    }
    commands.len() - before
}

/// A time as Redis takes it.
pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// What the last reply to that means: nothing, where something was there.
pub(super) fn put_of(replies: &[Value]) -> Option<Put> {
    match replies.last()? {
        Value::Okay => Some(Put::Created),
        Value::Nil => Some(Put::AlreadyStored),
        _ => None,
    }
}

/// Not what Redis answers.
pub(super) fn strange(command: &str) -> Failure {
    Failure::Refused(format!("its answer to {command} makes no sense"))
}
