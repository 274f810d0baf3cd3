//! Mutations of a hash, and the net change that one batch makes to it.

use super::expiry::Expiry;
use crate::message::Message;

/// A requested change of one hash.
#[derive(Debug, Clone)]
pub(super) enum Mutation {
    Put(Message),
    Delete,
}

impl Mutation {
    /// The bytes that the mutation takes in the queue.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Put(message) => message.len(),
            Self::Delete => 0,
        }
    }

    pub(super) fn is_deletion(&self) -> bool {
        matches!(self, Self::Delete)
    }
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
    fn from(mutation: &'a Mutation) -> Self {
        match mutation {
            Mutation::Put(message) => Self::Written(message),
            Mutation::Delete => Self::Deleted,
        }
    }
}
