//! Converts errors of the Redis client to errors of the store.

use super::client::{ClientError, ClientErrorKind};
use crate::store::StoreError;

impl From<ClientError> for StoreError {
    fn from(error: ClientError) -> Self {
        let text = error.with_causes().into();
        match error.kind {
            ClientErrorKind::ValueTooLarge => Self::TooLarge(text),
            ClientErrorKind::Full => Self::Full(text),
            ClientErrorKind::Damaged => Self::Corrupt(text),
            ClientErrorKind::Moved(_)
            | ClientErrorKind::Ask(_)
            | ClientErrorKind::Demoted
            | ClientErrorKind::Disconnected
            | ClientErrorKind::TimedOut
            | ClientErrorKind::Refused
            | ClientErrorKind::NotOffered => Self::Unavailable(text),
        }
    }
}
