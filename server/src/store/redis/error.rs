//! Converts errors of the Redis client to errors of the store.

use super::client::{RedisClientError, RedisClientErrorKind};
use crate::store::StoreError;

impl From<RedisClientError> for StoreError {
    fn from(error: RedisClientError) -> Self {
        let text = error.with_causes().into();
        match error.kind {
            RedisClientErrorKind::ValueTooLarge => Self::TooLarge(text),
            RedisClientErrorKind::Full => Self::Full(text),
            RedisClientErrorKind::Damaged => Self::Corrupt(text),
            RedisClientErrorKind::Moved(_)
            | RedisClientErrorKind::Ask(_)
            | RedisClientErrorKind::Demoted
            | RedisClientErrorKind::Disconnected
            | RedisClientErrorKind::TimedOut
            | RedisClientErrorKind::Refused
            | RedisClientErrorKind::NotOffered => Self::Unavailable(text),
        }
    }
}
