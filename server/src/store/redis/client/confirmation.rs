//! Whether a primary that misses a message is the primary still.
//!
//! A primary that was paused or cut off, and was replaced meanwhile, goes on answering until it learns of it, and it
//! lacks what its successor was given. So its miss counts only where enough of those that vote on failovers, the
//! sentinels or the primaries of a Cluster, still name it. A hit needs no confirmation: its hash is checked.

use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::node::Node;
use super::slots::Range;

/// How old a confirmation may be when a read begins. So long after a failover a miss may be wrong, at most.
pub(in crate::store::redis) const MAX_AGE: Duration = Duration::from_secs(1);
/// How long a read waits for a confirmation.
pub(in crate::store::redis) const MAX_WAIT: Duration = Duration::from_secs(1);

/// How many of these voters have to name a primary: so many that no majority, which a failover takes, is without one
/// of them.
pub(in crate::store::redis) fn min_confirmations(voters: usize) -> usize {
    voters.div_ceil(2)
}

/// What the primaries of a Cluster last said about the slots.
#[derive(Default)]
pub(in crate::store::redis) struct Witnesses(Mutex<Option<Round>>);

struct Round {
    asked: Instant,
    /// The slots as each primary that answered knows them.
    views: Vec<Vec<Range>>,
    /// Whether every primary was waited for.
    is_complete: bool,
}

impl Round {
    /// How many name this node as the one that serves the slot.
    fn confirmations(&self, slot: u16, id: &str) -> usize {
        let owner = |view: &Vec<Range>| {
            let range = view.iter().find(|range| (range.first..=range.last).contains(&slot));
            range.is_some_and(|range| range.id == id)
        };
        self.views.iter().filter(|view| owner(view)).count()
    }
}

impl Witnesses {
    /// Whether enough of these primaries named the node of this id for the slot, `MAX_AGE` before `asked` or later.
    pub(in crate::store::redis) async fn confirm(
        &self,
        primaries: &[&Node],
        slot: u16,
        id: &str,
        asked: Instant,
    ) -> bool {
        let required = min_confirmations(primaries.len());
        let begun = Instant::now();
        // One round at a time; those that wait for it use its result.
        let mut last = self.0.lock().await;
        if let Some(round) = &*last {
            if round.asked + MAX_AGE >= asked && round.confirmations(slot, id) >= required {
                return true;
            }
            if round.asked >= begun && round.is_complete {
                return false;
            }
        }
        let mut round = Round { asked: Instant::now(), views: Vec::new(), is_complete: false };
        let up = primaries.iter().copied().filter(|node| node.is_up());
        let mut answers: FuturesUnordered<_> = up.map(|node| timeout(MAX_WAIT, node.slots())).collect();
        while round.confirmations(slot, id) < required {
            match answers.next().await {
                Some(Ok(Ok(view))) => round.views.push(view),
                Some(_) => {}
                None => {
                    round.is_complete = true;
                    break;
                }
            }
        }
        let is_confirmed = round.confirmations(slot, id) >= required;
        drop(answers);
        *last = Some(round);
        is_confirmed
    }
}

#[cfg(test)]
mod tests {
    use super::min_confirmations;

    #[test]
    fn every_majority_includes_a_confirming_node() {
        for voters in 1..=20 {
            let majority = voters / 2 + 1;
            assert!(min_confirmations(voters) + majority > voters, "{voters}");
        }
    }
}
