//! The hash slots of a cluster: which one a key is in, and who serves it.

use crc::{CRC_16_XMODEM, Crc};
use deadpool_redis::redis::Value;

use crate::store::redis::url::Address;

pub(in crate::store::redis) const SLOTS: u16 = 16_384;

/// What the cluster specification takes.
static CRC_16: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// The slot of a key: of the part in its first braces, if there is one, else of all of it.
pub(in crate::store::redis) fn slot_of(key: &[u8]) -> u16 {
    let tag = key.iter().position(|&byte| byte == b'{').and_then(|open| {
        let rest = &key[open + 1..];
        rest.iter().position(|&byte| byte == b'}').map(|length| &rest[..length])
    });
    CRC_16.checksum(tag.filter(|tag| !tag.is_empty()).unwrap_or(key)) % SLOTS
}

/// A run of slots and the nodes that serve it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::store::redis) struct Range {
    pub(in crate::store::redis) first: u16,
    pub(in crate::store::redis) last: u16,
    pub(in crate::store::redis) primary: Address,
    /// The primary's name in the Cluster, whichever address it is known by.
    pub(in crate::store::redis) id: String,
    pub(in crate::store::redis) replicas: Vec<Address>,
}

/// Reads the reply to CLUSTER SLOTS of the node at `asked`; `None` where it is none.
pub(in crate::store::redis) fn ranges(reply: &Value, asked: &Address) -> Option<Vec<Range>> {
    let Value::Array(ranges) = reply else { return None };
    let mut ranges: Vec<_> = ranges.iter().map(|range| range_of(range, asked)).collect::<Option<_>>()?;
    // Nodes list the same in different orders.
    ranges.sort_unstable_by_key(|range: &Range| range.first);
    Some(ranges)
}

fn range_of(reply: &Value, asked: &Address) -> Option<Range> {
    let Value::Array(parts) = reply else { return None };
    let [Value::Int(first), Value::Int(last), nodes @ ..] = &parts[..] else { return None };
    let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
    let id = id_of(nodes.first()?);
    let mut nodes = nodes.iter().map(|node| node_of(node, asked));
    let primary = nodes.next()??;
    // A replica whose address is not known is not asked; without its primary a range is not served.
    let mut replicas: Vec<_> = nodes.flatten().collect();
    replicas.sort_unstable();
    (first <= last && last < SLOTS).then_some(Range { first, last, primary, id, replicas })
}

fn id_of(reply: &Value) -> String {
    match reply {
        Value::Array(parts) => match parts.get(2) {
            Some(Value::BulkString(id)) => String::from_utf8_lossy(id).into_owned(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

fn node_of(reply: &Value, asked: &Address) -> Option<Address> {
    let Value::Array(parts) = reply else { return None };
    let [host, Value::Int(port), ..] = &parts[..] else { return None };
    let host = match host {
        // A node that does not know its own address means the one it was asked at.
        Value::Nil => asked.host.clone(),
        Value::BulkString(host) if host.is_empty() => asked.host.clone(),
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
        // As CLUSTER KEYSLOT says.
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
        let asked = address("asked", 1);
        let reply = Value::Array(vec![Value::Array(vec![
            Value::Int(0),
            Value::Int(16_383),
            node(text(""), 2),
            node(text("other"), 3),
            node(text("?"), 4),
        ])]);
        let range = Range {
            first: 0,
            last: 16_383,
            primary: address("asked", 2),
            id: "id".to_owned(),
            replicas: vec![address("other", 3)],
        };
        assert_eq!(ranges(&reply, &asked), Some(vec![range]));
        assert_eq!(ranges(&Value::Array(vec![]), &asked), Some(vec![]));
        for part in [Value::Nil, Value::Int(1), Value::Array(vec![Value::Int(0), Value::Int(16_384)])] {
            assert_eq!(ranges(&Value::Array(vec![part]), &asked), None);
        }
    }
}
