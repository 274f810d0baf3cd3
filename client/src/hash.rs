//! The hash that identifies a message.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The SHA-256 digest (FIPS 180-4) of a message's UTF-8 bytes.
///
/// A hash is displayed as 64 lower-case hexadecimal digits, and parsed from digits of either case.
///
/// ```
/// use message_to_hash_client::MessageHash;
///
/// let hash = MessageHash::from_message("foo");
/// assert_eq!(hash.to_string(), "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae");
/// assert_eq!(hash.to_string().parse(), Ok(hash));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageHash([u8; 32]);

/// The error of parsing a [`MessageHash`]: the text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 hexadecimal digits")]
pub struct ParseHashError;

impl MessageHash {
    /// Computes the hash of a message.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        Self(Sha256::digest(message).into())
    }

    /// The former name of [`from_message`](Self::from_message).
    #[deprecated(note = "renamed to `from_message`")]
    #[must_use]
    pub fn of(message: &str) -> Self {
        Self::from_message(message)
    }

    /// Returns the digest, 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for MessageHash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        // The decoder would also accept a `0x` prefix.
        if text.len() != 64 {
            return Err(ParseHashError);
        }
        let mut bytes = [0; 32];
        const_hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseHashError)?;
        Ok(Self(bytes))
    }
}

impl From<[u8; 32]> for MessageHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for MessageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&const_hex::encode(self.0))
    }
}

impl fmt::Debug for MessageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_str_accepts_only_64_hex_digits() {
        let foo = MessageHash::from_message("foo").to_string();
        assert_eq!(foo.to_uppercase().parse(), Ok(MessageHash::from_message("foo")));
        for text in ["", "aa", &foo[1..], &format!("{foo}0"), &format!("g{}", &foo[1..]), &format!("0x{foo}")]
        {
            assert_eq!(text.parse::<MessageHash>(), Err(ParseHashError), "{text}");
        }
    }
}
