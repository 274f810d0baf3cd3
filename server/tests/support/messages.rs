//! Messages of the tests and their hashes.

use message_to_hash::message::MessageHash;

/// The SHA-256 of the message `foo`.
pub const FOO: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

/// Returns the hash of this message in hexadecimal.
pub fn digest(text: &str) -> String {
    MessageHash::of(text.as_bytes()).to_hex()
}
