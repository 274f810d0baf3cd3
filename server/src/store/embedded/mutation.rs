//! What is asked of a hash, and what all that one batch asks of it comes to.

use super::expiry::Expiry;
use crate::message::Message;

/// What is to become of a hash.
#[derive(Debug, Clone)]
pub(super) enum Mutation {
    Put(Message),
    Delete,
}

/// What the changes of one hash come to.
pub(super) struct NetChange<'a> {
    pub(super) effect: Effect<'a>,
    /// On disk, before all of them.
    pub(super) previous_expiry: Option<Expiry>,
}

pub(super) enum Effect<'a> {
    Unchanged,
    Written(&'a Message),
    Deleted,
}

impl<'a> From<&'a Mutation> for Effect<'a> {
    fn from(change: &'a Mutation) -> Self {
        match change {
            Mutation::Put(message) => Self::Written(message),
            Mutation::Delete => Self::Deleted,
        }
    }
}
