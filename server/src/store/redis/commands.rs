//! The commands for one key, and what their replies mean.

use deadpool_redis::redis::{Cmd, Value};

use super::failure::Failure;
use crate::message::Message;
use crate::store::Put;

/// The command that reads.
pub(super) fn get(key: &str) -> Cmd {
    let mut command = Cmd::with_capacity(2, 3 + key.len());
    command.arg("GET").arg(key);
    command
}

/// The command that writes.
pub(super) fn set_if_absent(key: &str, message: &Message) -> Cmd {
    let mut command = Cmd::with_capacity(4, 5 + key.len() + message.len());
    command.arg("SET").arg(key).arg(message.as_str()).arg("NX");
    command
}

/// What the reply to the latter means: nothing, where something was there.
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
