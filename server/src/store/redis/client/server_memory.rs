//! The memory settings of a Redis server, which decide whether it evicts keys. Eviction removes acknowledged values
//! without an error.

use std::collections::HashMap;

/// The memory limit and the eviction policy of a Redis server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerMemory {
    /// `used_memory` in bytes. `CONFIG GET` does not report it.
    pub used_bytes: Option<u64>,
    /// `maxmemory` in bytes. 0 means no limit.
    pub max_bytes: u64,
    /// `maxmemory-policy`.
    pub policy: String,
}

impl ServerMemory {
    /// Parses the reply to `INFO memory`. Returns `None` if the limit or the policy is missing.
    pub(super) fn from_info(text: &str) -> Option<Self> {
        let fields = text.lines().filter_map(|line| line.trim_end().split_once(':'));
        Self::from_fields(&fields.collect(), "maxmemory_policy")
    }

    /// Parses the reply to `CONFIG GET maxmemory*`. Returns `None` if the limit or the policy is missing.
    pub(super) fn from_config(settings: &HashMap<String, String>) -> Option<Self> {
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

    /// Whether the server can evict keys of this client. The `allkeys-*` policies evict any key, the `volatile-*`
    /// policies only keys with a time to live.
    pub fn can_evict(&self, keys_expire: bool) -> bool {
        let is_evicting =
            self.policy.starts_with("allkeys-") || keys_expire && self.policy.starts_with("volatile-");
        self.max_bytes > 0 && is_evicting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(max_bytes: u64, policy: &str) -> ServerMemory {
        ServerMemory { used_bytes: Some(7), max_bytes, policy: policy.to_owned() }
    }

    #[test]
    fn info_and_config_are_parsed() {
        let info = "# ServerMemory\r\nused_memory:7\r\nmaxmemory:6291456\r\nmaxmemory_policy:allkeys-lru\r\n";
        assert_eq!(ServerMemory::from_info(info), Some(memory(6 << 20, "allkeys-lru")));
        assert_eq!(ServerMemory::from_info("# ServerMemory\r\nused_memory:7\r\n"), None);
        let config = [("maxmemory", "0"), ("maxmemory-policy", "noeviction")];
        let config = config.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let expected = ServerMemory { used_bytes: None, ..memory(0, "noeviction") };
        assert_eq!(ServerMemory::from_config(&config), Some(expected));
    }

    #[test]
    fn evicting_policies_are_recognized() {
        for (max_bytes, policy, keys_expire, can_evict) in [
            (1, "allkeys-lru", false, true),
            (1, "allkeys-random", true, true),
            (0, "allkeys-lru", true, false),
            (1, "noeviction", true, false),
            (1, "volatile-lru", false, false),
            (1, "volatile-ttl", true, true),
        ] {
            assert_eq!(memory(max_bytes, policy).can_evict(keys_expire), can_evict, "{policy}");
        }
    }
}
