//! Whether a Redis server may evict messages. Eviction loses acknowledged messages without an error.

use std::collections::HashMap;

/// The memory of a Redis server, and its policy of eviction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store::redis) struct Memory {
    /// Bytes in use; `CONFIG GET` does not say.
    pub(in crate::store::redis) used_bytes: Option<u64>,
    /// The bound; 0 is none.
    pub(in crate::store::redis) max_bytes: u64,
    pub(in crate::store::redis) policy: String,
}

impl Memory {
    /// Reads the answer to `INFO memory`; `None` where it does not say how the server evicts.
    pub(in crate::store::redis) fn from_info(text: &str) -> Option<Self> {
        let fields = text.lines().filter_map(|line| line.trim_end().split_once(':'));
        Self::from_fields(&fields.collect(), "maxmemory_policy")
    }

    /// Reads the answer to `CONFIG GET maxmemory*`.
    pub(in crate::store::redis) fn from_config(settings: &HashMap<String, String>) -> Option<Self> {
        let fields = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Self::from_fields(&fields.collect(), "maxmemory-policy")
    }

    fn from_fields(fields: &HashMap<&str, &str>, policy: &str) -> Option<Self> {
        Some(Self {
            used_bytes: fields.get("used_memory").and_then(|used| used.parse().ok()),
            max_bytes: fields.get("maxmemory")?.parse().ok()?,
            policy: (*fields.get(policy)?).to_owned(),
        })
    }

    /// Whether messages can be evicted. The `volatile-*` policies evict keys with a time to live, and with a
    /// retention each message has one.
    pub(in crate::store::redis) fn evicts_messages(&self, has_retention: bool) -> bool {
        let evicts =
            self.policy.starts_with("allkeys-") || has_retention && self.policy.starts_with("volatile-");
        self.max_bytes > 0 && evicts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(max_bytes: u64, policy: &str) -> Memory {
        Memory { used_bytes: Some(7), max_bytes, policy: policy.to_owned() }
    }

    #[test]
    fn info_and_config_are_parsed() {
        let info = "# Memory\r\nused_memory:7\r\nmaxmemory:6291456\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert_eq!(Memory::from_info(info), Some(memory(6 << 20, "allkeys-lru")));
        assert_eq!(Memory::from_info("# Memory\r\nused_memory:7\r\n"), None);
        let config = [("maxmemory", "0"), ("maxmemory-policy", "noeviction")];
        let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let expected = Memory { used_bytes: None, ..memory(0, "noeviction") };
        assert_eq!(Memory::from_config(&config), Some(expected));
    }

    #[test]
    fn message_evicting_policies_are_recognized() {
        for (max_bytes, policy, has_retention, evicts) in [
            (1, "allkeys-lru", false, true),
            (1, "allkeys-random", true, true),
            (0, "allkeys-lru", true, false),
            (1, "noeviction", true, false),
            (1, "volatile-lru", false, false),
            (1, "volatile-ttl", true, true),
        ] {
            assert_eq!(memory(max_bytes, policy).evicts_messages(has_retention), evicts, "{policy}");
        }
    }
}
