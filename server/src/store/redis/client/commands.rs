//! Builds the commands about one key, and parses their replies.
//!
//! A function returns a list of commands, because some changes need two commands, and because ASKING precedes each
//! command while the key's slot is being moved.

use std::time::Duration;

use deadpool_redis::redis::{Cmd, Value, cmd};

/// The time to live of keys that exist only for the sake of a write.
const PROBE_MILLISECONDS: u64 = 1000;

/// GET, and PTTL if keys expire.
pub(super) fn get(key: &str, expires: bool, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if expires {
        add(&mut commands, asking, "PTTL").arg(key);
    }
    add(&mut commands, asking, "GET").arg(key);
    commands
}

/// SET with NX and GET. PEXPIRE comes first and extends the time to live of an existing key, so that the key cannot
/// expire between the two.
pub(super) fn set_if_absent(key: &str, value: &[u8], ttl: Option<Duration>, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if let Some(ttl) = ttl {
        add(&mut commands, asking, "PEXPIRE").arg(key).arg(milliseconds(ttl));
    }
    let set = add(&mut commands, asking, "SET").arg(key).arg(value).arg("NX").arg("GET");
    if let Some(ttl) = ttl {
        set.arg("PX").arg(milliseconds(ttl));
    }
    commands
}

/// SET, which overwrites any existing value.
pub(super) fn overwrite(key: &str, value: &[u8], ttl: Option<Duration>, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    let set = add(&mut commands, asking, "SET").arg(key).arg(value);
    if let Some(ttl) = ttl {
        set.arg("PX").arg(milliseconds(ttl));
    }
    commands
}

/// UNLINK.
pub(super) fn delete(key: &str, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    add(&mut commands, asking, "UNLINK").arg(key);
    commands
}

/// Writes a short-lived key to the same slot, so that a WAIT covers the writes before it.
pub(super) fn touch_slot(key: &str, asking: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    // The part in braces, the hash tag, determines the slot.
    let set = add(&mut commands, asking, "SET").arg(format!("{key}{{{key}}}")).arg("");
    set.arg("PX").arg(PROBE_MILLISECONDS);
    commands
}

/// Reads an absent key, to find out whether reads work at all.
pub(super) fn probe_reads(prefix: &str, expires: bool) -> Vec<Cmd> {
    get(&probe_key(prefix), expires, false)
}

/// Writes to an absent key without creating it, to find out whether writes work at all. With `replicated`, a WAIT
/// checks that permission too.
pub(super) fn probe_writes(prefix: &str, expires: bool, replicated: bool) -> Vec<Cmd> {
    let mut commands = write_absent(&probe_key(prefix), expires);
    if replicated {
        add(&mut commands, false, "WAIT").arg(0).arg(1);
    }
    commands
}

/// A key under the prefix that no value has.
fn probe_key(prefix: &str) -> String {
    format!("{prefix}(allowed?)")
}

/// A key under the prefix that no value has. The keys of different numbers are in different slots, so that some number
/// hits each shard of a Cluster.
pub(super) fn slot_probe_key(prefix: &str, number: usize) -> String {
    format!("{prefix}(probe {number})")
}

/// Adds a command about one key. If the key's slot is being moved to this node, ASKING must precede the command.
fn add<'a>(commands: &'a mut Vec<Cmd>, asking: bool, command: &str) -> &'a mut Cmd {
    if asking {
        commands.push(cmd("ASKING"));
    }
    commands.push_mut(cmd(command))
}

/// Commands on an absent key that change nothing. A node refuses them whenever it refuses to store a value.
pub(super) fn write_absent(key: &str, expires: bool) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if expires {
        add(&mut commands, false, "PEXPIRE").arg(key).arg(1);
    }
    // XX sets only a key that exists.
    add(&mut commands, false, "SET").arg(key).arg("").arg("XX");
    commands
}

/// Writes a short-lived key, which replicas must confirm.
pub(super) fn probe_replication(key: &str) -> Vec<Cmd> {
    let mut commands = Vec::new();
    add(&mut commands, false, "SET").arg(key).arg("").arg("PX").arg(PROBE_MILLISECONDS);
    commands
}

/// Converts a duration to the milliseconds that Redis accepts, at least 1.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

/// The state of a key before `set_if_absent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Previous {
    /// Nothing. Now it holds the value.
    Absent,
    /// The same value.
    Same,
    /// Another value, which it still holds.
    Different,
}

/// Parses the replies to `set_if_absent` with this value. Returns `None` if they have an unexpected format.
pub(super) fn parse_previous(replies: &[Value], value: &[u8]) -> Option<Previous> {
    match replies.last()? {
        Value::Nil => Some(Previous::Absent),
        Value::BulkString(bytes) if bytes == value => Some(Previous::Same),
        Value::BulkString(_) => Some(Previous::Different),
        _ => None,
    }
}

/// Parses the replies to `delete`: the number of deleted keys. Returns `None` if they have an unexpected format.
pub(super) fn parse_deleted(replies: &[Value]) -> Option<i64> {
    match replies.last()? {
        Value::Int(count) => Some(*count),
        _ => None,
    }
}
