//! What is asked of a hash, and what all that one batch asks of it comes to.

use super::expiry::Expiry;
use crate::message::Message;

/// What is to become of a hash.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Put(Message),
    Delete,
}

/// What the changes of one hash come to.
pub(super) struct Left<'a> {
    pub(super) message: Final<'a>,
    /// On disk, before all of them.
    pub(super) expiry_was: Option<Expiry>,
}

pub(super) enum Final<'a> {
    AsItWas,
    Written(&'a Message),
    Deleted,
}

impl<'a> From<&'a Change> for Final<'a> {
    fn from(change: &'a Change) -> Self {
        match change {
            Change::Put(message) => Self::Written(message),
            Change::Delete => Self::Deleted,
        }
    }
}
