//! The expiry of messages: with a retention, each message has a second entry with its expiry.

use std::time::{Duration, Instant, SystemTime};

use crate::message::MessageHash;

/// The prefix of expiry keys, followed by a hash. The bare prefix is also a key: it marks a store in which messages may expire.
/// Both differ in length from the key of a message.
pub(super) const PREFIX: &[u8; 8] = b"expires:";
const KEY_BYTES: usize = PREFIX.len() + 32;
/// The lengths of all keys: the bare prefix, a message, an expiry.
pub(super) const KEY_LENGTHS: [usize; 3] = [PREFIX.len(), 32, KEY_BYTES];
/// A repeated post writes the expiry only after this fraction of the retention has passed.
const PARTS: u32 = 64;

pub(super) fn key_of(hash: MessageHash) -> Vec<u8> {
    [PREFIX.as_slice(), hash.as_bytes()].concat()
}

/// A key after all expiry keys, to skip them. A hash with the same prefix is never before it.
pub(super) fn last_key() -> MessageHash {
    let mut bytes = [0xff; 32];
    bytes[..PREFIX.len()].copy_from_slice(PREFIX);
    MessageHash::from_bytes(bytes)
}

/// The hash in an expiry key, or `None` for any other key.
pub(super) fn hash_in(key: &[u8]) -> Option<MessageHash> {
    if key.len() != KEY_BYTES {
        return None;
    }
    key.strip_prefix(PREFIX)?.try_into().ok().map(MessageHash::from_bytes)
}

/// The time at which a message expires, in seconds since 1970 (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry(u64);

impl Expiry {
    pub(super) const LONG_AGO: Self = Self(0);

    /// Expires at least this long from now.
    pub(super) fn after(retention: Duration) -> Self {
        let step = (retention / PARTS).as_secs().max(1);
        let end = now() + retention;
        let whole_seconds = end.as_secs() + u64::from(end.subsec_nanos() > 0);
        Self(whole_seconds.div_ceil(step) * step)
    }

    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u64::from_be_bytes(bytes.try_into().ok()?)))
    }

    pub(super) fn is_over(self) -> bool {
        now() >= Duration::from_secs(self.0)
    }

    pub(super) fn instant(self) -> Option<Instant> {
        Instant::now().checked_add(Duration::from_secs(self.0).saturating_sub(now()))
    }
}

fn now() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_the_retention_rounded_up() {
        for seconds in [1, 60, 3600, 30 * 24 * 3600] {
            let retention = Duration::from_secs(seconds);
            let before = now();
            let Expiry(end) = Expiry::after(retention);
            let lasts = Duration::from_secs(end).checked_sub(before).unwrap();
            assert!(lasts >= retention, "{retention:?}");
            assert!(lasts <= retention + retention / PARTS + Duration::from_secs(2), "{retention:?}");
        }
    }

    #[test]
    fn expiry_key_is_parsed_strictly() {
        let hash = MessageHash::of(b"foo");
        assert_eq!(hash_in(&key_of(hash)), Some(hash));
        assert_eq!(hash_in(hash.as_bytes()), None);
        assert_eq!(hash_in(PREFIX), None);
    }
}
