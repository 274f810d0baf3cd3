//! The commands about one key, and what their replies mean.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, Value, cmd};

use super::error::Failure;
use crate::message::Message;

/// The time to live of keys that are written for the sake of the write.
const MARK_MILLISECONDS: u64 = 1000;

/// What reads a message: its time to live, where messages have one, and the bytes.
pub(in crate::store::redis) fn get(key: &str, expires: bool, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if expires {
        add(&mut commands, asking, "PTTL").arg(key);
    }
    add(&mut commands, asking, "GET").arg(key);
    commands
}

/// What writes a message. What is there already has its time to live renewed, which comes first: so it cannot
/// end in between.
pub(in crate::store::redis) fn set_if_absent(
    key: &str,
    message: &Message,
    retention: Option<Duration>,
    asking: bool,
) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if let Some(retention) = retention {
        add(&mut commands, asking, "PEXPIRE").arg(key).arg(milliseconds(retention));
    }
    let set = add(&mut commands, asking, "SET").arg(key).arg(message.as_str()).arg("NX").arg("GET");
    if let Some(retention) = retention {
        set.arg("PX").arg(milliseconds(retention));
    }
    commands
}

/// What writes a message over whatever is there.
pub(in crate::store::redis) fn set(
    key: &str,
    message: &Message,
    retention: Option<Duration>,
    asking: bool,
) -> Vec<Cmd> {
    let mut commands = Vec::new();
    let set = add(&mut commands, asking, "SET").arg(key).arg(message.as_str());
    if let Some(retention) = retention {
        set.arg("PX").arg(milliseconds(retention));
    }
    commands
}

/// What deletes whatever is there.
pub(in crate::store::redis) fn delete(key: &str, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    add(&mut commands, asking, "UNLINK").arg(key);
    commands
}

/// A write for its own sake, where the key is: of a key beside it that is nobody's, and goes by itself.
pub(in crate::store::redis) fn mark(key: &str, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    // What is in braces says where it is (the cluster specification, "hash tags").
    let mark = add(&mut commands, asking, "SET").arg(format!("{key}{{{key}}}")).arg("");
    mark.arg("PX").arg(MARK_MILLISECONDS);
    commands
}

/// Commands that do nothing to a key that nobody has: they tell whether messages can be read at all.
pub(in crate::store::redis) fn trial_reads(prefix: &str, expires: bool) -> Vec<Cmd> {
    get(&nobodys(prefix), expires, false)
}

/// The same of writes, maybe with replicas that confirm them.
pub(in crate::store::redis) fn trial_writes(prefix: &str, expires: bool, confirmed: bool) -> Vec<Cmd> {
    let mut commands = probe_writes(&nobodys(prefix), expires);
    if confirmed {
        add(&mut commands, false, "WAIT").arg(0).arg(1);
    }
    commands
}

fn nobodys(prefix: &str) -> String {
    format!("{prefix}(allowed?)")
}

/// A key that no message has; each number gives another one, so that every slot of a Cluster has some of them.
pub(in crate::store::redis) fn probe_key(prefix: &str, number: usize) -> String {
    format!("{prefix}(probe {number})")
}

/// Adds a command about one key: with ASKING before it, if the key is on its way to the node that is asked.
fn add<'a>(commands: &'a mut Vec<Cmd>, asking: bool, command: &str) -> &'a mut Cmd {
    if asking {
        commands.push(cmd("ASKING"));
    }
    commands.push_mut(cmd(command))
}

/// Commands that a node refuses whenever it refuses to store a message, and that change nothing.
pub(in crate::store::redis) fn probe_writes(key: &str, expires: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if expires {
        add(&mut commands, false, "PEXPIRE").arg(key).arg(1);
    }
    add(&mut commands, false, "SET").arg(key).arg("").arg("XX"); // what is absent stays so
    commands
}

/// Writes a short-lived key, for replicas to confirm.
pub(in crate::store::redis) fn probe_replication(key: &str) -> Vec<Cmd> {
    let mut commands = Vec::new();
    add(&mut commands, false, "SET").arg(key).arg("").arg("PX").arg(MARK_MILLISECONDS);
    commands
}

/// A time as Redis takes it.
pub(in crate::store::redis) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// What was under a key before `set_if_absent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store::redis) enum Was {
    Absent,
    Same,
    /// Something else, which is there still: a damaged copy.
    Other,
}

/// What the last reply to `set_if_absent` of this message means, if anything.
pub(in crate::store::redis) fn was(replies: &[Value], message: &Message) -> Option<Was> {
    match replies.last()? {
        Value::Nil => Some(Was::Absent),
        Value::BulkString(bytes) if *bytes == *message.as_str().as_bytes() => Some(Was::Same),
        Value::BulkString(_) => Some(Was::Other),
        _ => None,
    }
}

/// A copy that is another text is none: storing the message again mends it.
pub(in crate::store::redis) fn replaced_damaged(key: &str) {
    log::error!("the stored copy under {key} was damaged; it is replaced by the message just received");
}

/// How many messages were there, by the last reply to `delete`.
pub(in crate::store::redis) fn deleted_of(replies: &[Value]) -> Option<i64> {
    match replies.last()? {
        Value::Int(number) => Some(*number),
        _ => None,
    }
}

/// Not what Redis answers.
pub(in crate::store::redis) fn strange(command: &str) -> Failure {
    Failure::Refused(format!("its answer to {command} makes no sense"))
}
