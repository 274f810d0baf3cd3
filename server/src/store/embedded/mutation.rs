//! Mutations of a hash, and the net change that one batch makes to it.

use super::expiry::Expiry;
use crate::message::Message;

/// A requested change of one hash.
#[derive(Debug, Clone)]
pub(super) enum Mutation {
    Put(Message),
    Delete,
}

/// The net change of all mutations of one hash in a batch.
pub(super) struct NetChange<'a> {
    pub(super) effect: Effect<'a>,
    /// The expiry on disk before the batch.
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
