//! A message, and the hash that names it.
//!
//! This module knows neither HTTP nor stores. Bytes from a store become a `Message` only by
//! [`Message::verified`], which checks them against the requested hash.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The upper limit for the option `--max-message-bytes`.
pub const MAX_MESSAGE_BYTES: u32 = 64 << 20;

/// The SHA-256 digest (FIPS 180-4) of a message's UTF-8 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageHash([u8; 32]);

impl MessageHash {
    /// Computes the digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Wraps the 32 bytes of a digest.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses 64 hexadecimal digits of either case; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // The decoder would also accept a prefix `0x`.
        if text.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        const_hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Parses base64url without padding, as in `ni` URIs (RFC 6920); `None` for any other text.
    #[must_use]
    pub fn parse_base64url(text: &str) -> Option<Self> {
        // 32 bytes have 43 characters. Other lengths need no decoding.
        if text.len() != 43 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }

    /// The 32 bytes of the digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Formats the digest as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.digits().as_str().to_owned()
    }

    /// The same digits in a buffer on the stack, without an allocation.
    pub fn digits(&self) -> const_hex::Buffer<32> {
        let mut digits = const_hex::Buffer::new();
        digits.format(&self.0);
        digits
    }
}

impl fmt::Display for MessageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits().as_str())
    }
}

impl fmt::Debug for MessageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A message: Unicode text, cheap to clone. Its `Debug` output shows only the length, so that no log line
/// can contain the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(Arc<String>);

/// The bytes read from a store do not have the requested hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is stored under {expected} has the digest {actual}")]
pub struct HashMismatchError {
    expected: MessageHash,
    actual: MessageHash,
}

impl Message {
    /// Makes a message of `bytes` from a store, after checking that they have the requested hash.
    ///
    /// # Errors
    /// [`HashMismatchError`] if the bytes have another digest. Invalid UTF-8 is never stored, so bytes with the
    /// right digest are valid UTF-8.
    pub fn verified(hash: MessageHash, bytes: &[u8]) -> Result<Self, HashMismatchError> {
        let actual = MessageHash::of(bytes);
        let mismatch = HashMismatchError { expected: hash, actual };
        if actual != hash {
            return Err(mismatch);
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| mismatch)?;
        Ok(Self(Arc::new(text)))
    }

    /// Computes the hash that names this message.
    #[must_use]
    pub fn hash(&self) -> MessageHash {
        MessageHash::of(self.0.as_bytes())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The length in bytes of UTF-8.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the text is empty. The empty message is a valid message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self(Arc::new(text))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

    #[test]
    fn hash_is_sha_256_in_lower_case_hex() {
        assert_eq!(MessageHash::of(b"foo").to_string(), FOO);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Message::from(String::new()).hash().to_string(), empty);
    }

    #[test]
    fn hash_is_64_hex_digits() {
        assert_eq!(MessageHash::parse(FOO), Some(MessageHash::of(b"foo")));
        assert_eq!(MessageHash::parse(&FOO.to_uppercase()), Some(MessageHash::of(b"foo")));
        for text in [
            "",
            "aa",
            "hash_example",
            &FOO[1..],
            &format!("{FOO}0"),
            &format!("g{}", &FOO[1..]),
            &format!("0x{FOO}"),
            &format!("0x{}", &FOO[2..]),
        ] {
            assert_eq!(MessageHash::parse(text), None, "{text}");
        }
    }

    #[test]
    fn base64url_hash_is_43_canonical_characters() {
        let foo = "LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564";
        assert_eq!(MessageHash::parse_base64url(foo), Some(MessageHash::of(b"foo")));
        for text in [
            "",
            FOO,
            &foo[1..],
            &format!("{foo}="),
            &format!("{foo}A"),
            // The same 32 bytes, if the last two bits were ignored.
            &format!("{}5", &foo[..42]),
            &foo.replace('_', "/"),
            &foo.replace('-', "+"),
            &format!(" {}", &foo[1..]),
            &format!("\u{e9}{}", &foo[2..]),
        ] {
            assert_eq!(MessageHash::parse_base64url(text), None, "{text}");
        }
    }

    #[test]
    fn message_with_another_hash_is_refused() {
        let hash = MessageHash::of(b"foo");
        assert_eq!(Message::verified(hash, b"foo").as_ref().map(Message::as_str), Ok("foo"));
        assert!(Message::verified(hash, b"fop").is_err());
        assert!(Message::verified(hash, b"").is_err());
        assert!(Message::verified(MessageHash::of(b"\xff"), b"\xff").is_err());
    }

    #[test]
    fn debug_output_hides_the_text() {
        assert_eq!(format!("{:?}", Message::from("secret".to_owned())), "Message(6 bytes)");
    }
}
