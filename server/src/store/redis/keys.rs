//! The keys of messages: the prefix and the 64 hexadecimal digits of the hash.

use crate::message::MessageHash;

/// The prefix of all keys of one store.
pub(super) struct KeyPrefix(String);

impl KeyPrefix {
    pub(super) fn new(prefix: &str) -> Self {
        Self(prefix.to_owned())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn key(&self, hash: MessageHash) -> String {
        [self.as_str(), hash.digits().as_str()].concat()
    }

    /// Parses a key. Returns `None` for keys of other programs.
    pub(super) fn parse_key(&self, key: &[u8]) -> Option<MessageHash> {
        let digits = key.strip_prefix(self.0.as_bytes())?;
        MessageHash::parse(str::from_utf8(digits).ok()?)
    }

    /// A glob pattern for SCAN that matches every key with this prefix.
    pub(super) fn pattern(&self) -> String {
        let is_special = |character| matches!(character, '*' | '?' | '[' | ']' | '\\');
        let escape = |character| is_special(character).then_some('\\').into_iter().chain([character]);
        self.0.chars().flat_map(escape).chain(['*']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_prefix_and_hash() {
        let (prefix, hash) = (KeyPrefix::new("m:"), MessageHash::of(b"foo"));
        assert_eq!(prefix.key(hash), format!("m:{hash}"));
        assert_eq!(prefix.parse_key(prefix.key(hash).as_bytes()), Some(hash));
        for key in ["m:deleted", "other", &*hash.to_string()] {
            assert_eq!(prefix.parse_key(key.as_bytes()), None, "{key}");
        }
    }

    #[test]
    fn pattern_escapes_special_characters() {
        assert_eq!(KeyPrefix::new(r"a*?[b]\").pattern(), r"a\*\?\[b\]\\*");
    }
}
