//! The hash slots of a Cluster: the slot of a key, and the nodes that serve it.

use crc::{CRC_16_XMODEM, Crc};
use deadpool_redis::redis::Value;

use super::address::Address;

pub(super) const SLOTS: u16 = 16_384;

/// The checksum that the Cluster specification prescribes for keys.
static CRC_16: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// Returns the slot of a key. If the key contains a hash tag, `{...}`, only the tag counts.
pub(super) fn slot_of(key: &[u8]) -> u16 {
    let tag = key.iter().position(|&byte| byte == b'{').and_then(|open| {
        let rest = &key[open + 1..];
        rest.iter().position(|&byte| byte == b'}').map(|length| &rest[..length])
    });
    CRC_16.checksum(tag.filter(|tag| !tag.is_empty()).unwrap_or(key)) % SLOTS
}

/// A range of consecutive slots and the nodes that serve it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SlotRange {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) primary: Address,
    /// The primary's node ID. Unlike its address, the ID is the same in the view of every node.
    pub(super) id: String,
    pub(super) replicas: Vec<Address>,
}

/// Parses the reply of the node at `sender` to CLUSTER SLOTS. Returns `None` if the reply has another format.
pub(super) fn parse_cluster_slots(reply: &Value, sender: &Address) -> Option<Vec<SlotRange>> {
    let Value::Array(ranges) = reply else { return None };
    let mut ranges: Vec<_> = ranges.iter().map(|range| parse_range(range, sender)).collect::<Option<_>>()?;
    // Nodes list the same ranges in different orders.
    ranges.sort_unstable_by_key(|range: &SlotRange| range.first);
    Some(ranges)
}

fn parse_range(reply: &Value, sender: &Address) -> Option<SlotRange> {
    let Value::Array(parts) = reply else { return None };
    let [Value::Int(first), Value::Int(last), nodes @ ..] = &parts[..] else { return None };
    let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
    let id = parse_node_id(nodes.first()?);
    let mut nodes = nodes.iter().map(|node| parse_node(node, sender));
    let primary = nodes.next()??;
    // Skips replicas without a known address. A range without a known primary is not served.
    let mut replicas: Vec<_> = nodes.flatten().collect();
    replicas.sort_unstable();
    (first <= last && last < SLOTS).then_some(SlotRange { first, last, primary, id, replicas })
}

fn parse_node_id(reply: &Value) -> String {
    match reply {
        Value::Array(parts) => match parts.get(2) {
            Some(Value::BulkString(id)) => String::from_utf8_lossy(id).into_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn parse_node(reply: &Value, sender: &Address) -> Option<Address> {
    let Value::Array(parts) = reply else { return None };
    let [host, Value::Int(port), ..] = &parts[..] else { return None };
    let host = match host {
        // A node that does not know its own address means the address that the client used.
        Value::Nil => sender.host.clone(),
        Value::BulkString(host) if host.is_empty() => sender.host.clone(),
        Value::BulkString(host) if host != b"?" => String::from_utf8(host.clone()).ok()?,
        _ => return None,
    };
    Some(Address { host, port: u16::try_from(*port).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slot_matches_the_cluster_specification() {
        // Expected values from CLUSTER KEYSLOT.
        for (key, slot) in [("foo", 12182), ("bar", 5061), ("", 0), ("{user1000}.following", 3443)] {
            assert_eq!(slot_of(key.as_bytes()), slot, "{key}");
        }
        assert_eq!(slot_of(b"foo{}{bar}"), CRC_16.checksum(b"foo{}{bar}") % SLOTS);
        assert_eq!(slot_of(b"foo{{bar}}zap"), CRC_16.checksum(b"{bar") % SLOTS);
        assert_eq!(slot_of(b"foo{bar}{zap}"), CRC_16.checksum(b"bar") % SLOTS);
    }

    #[test]
    fn malformed_cluster_slots_reply_is_rejected() {
        let address = |host: &str, port| Address { host: host.to_owned(), port };
        let text = |text: &str| Value::BulkString(text.into());
        let node = |host, port| Value::Array(vec![host, Value::Int(port), text("id"), Value::Array(vec![])]);
        let sender = address("sender", 1);
        let reply = Value::Array(vec![Value::Array(vec![
            Value::Int(0),
            Value::Int(16_383),
            node(text(""), 2),
            node(text("other"), 3),
            node(text("?"), 4),
        ])]);
        let range = SlotRange {
            first: 0,
            last: 16_383,
            primary: address("sender", 2),
            id: "id".to_owned(),
            replicas: vec![address("other", 3)],
        };
        assert_eq!(parse_cluster_slots(&reply, &sender), Some(vec![range]));
        assert_eq!(parse_cluster_slots(&Value::Array(vec![]), &sender), Some(vec![]));
        for part in [Value::Nil, Value::Int(1), Value::Array(vec![Value::Int(0), Value::Int(16_384)])] {
            assert_eq!(parse_cluster_slots(&Value::Array(vec![part]), &sender), None);
        }
    }
}
