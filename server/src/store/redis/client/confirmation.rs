//! Confirms that a primary is still the primary when it reports a missing key.
//!
//! A primary that was paused or cut off, and was replaced by a failover, goes on replying until it learns of the
//! failover. It lacks the keys that its successor received. Therefore a miss counts only if enough voters still name
//! this primary. The voters are those that decide on a failover: the Sentinels, or the primaries of a Cluster. A hit
//! needs no confirmation, because the caller verifies the value.

use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::node::Node;
use super::slots::SlotRange;

/// The maximum age of a confirmation when a read begins. After a failover, a miss may be wrong for this long.
pub(super) const MAX_AGE: Duration = Duration::from_secs(1);
/// How long a read waits for a confirmation.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(1);

/// Returns how many of the voters must name a primary. A failover needs a majority of the voters, and every majority
/// contains at least one voter of this many.
pub(super) fn min_confirmations(voters: usize) -> usize {
    voters.div_ceil(2)
}

/// The last poll of the Cluster's primaries.
#[derive(Default)]
pub(super) struct SlotPolls(Mutex<Option<SlotPoll>>);

struct SlotPoll {
    began: Instant,
    /// The slot map of each primary that replied.
    views: Vec<Vec<SlotRange>>,
    /// Every primary replied or failed.
    is_complete: bool,
}

impl SlotPoll {
    /// Counts the primaries that name the node with this ID as the owner of the slot.
    fn confirmations(&self, slot: u16, id: &str) -> usize {
        let names_node = |view: &&Vec<SlotRange>| {
            let range = view.iter().find(|range| (range.first..=range.last).contains(&slot));
            range.is_some_and(|range| range.id == id)
        };
        self.views.iter().filter(names_node).count()
    }
}

impl SlotPolls {
    /// Whether enough of these primaries name the node with this ID as the owner of the slot. A poll that began at
    /// most `MAX_AGE` before `read_began` is reused.
    pub(super) async fn confirm(
        &self,
        primaries: &[&Node],
        slot: u16,
        id: &str,
        read_began: Instant,
    ) -> bool {
        let required = min_confirmations(primaries.len());
        let call_began = Instant::now();
        // The lock admits one poll at a time. The callers that wait for the lock use its result.
        let mut last = self.0.lock().await;
        if let Some(poll) = &*last {
            if poll.began + MAX_AGE >= read_began && poll.confirmations(slot, id) >= required {
                return true;
            }
            if poll.began >= call_began && poll.is_complete {
                return false;
            }
        }
        let mut poll = SlotPoll { began: Instant::now(), views: Vec::new(), is_complete: false };
        let up = primaries.iter().copied().filter(|node| node.is_up());
        let mut replies: FuturesUnordered<_> = up.map(|node| timeout(MAX_WAIT, node.slots())).collect();
        while poll.confirmations(slot, id) < required {
            match replies.next().await {
                Some(Ok(Ok(view))) => poll.views.push(view),
                Some(_) => {}
                None => {
                    poll.is_complete = true;
                    break;
                }
            }
        }
        let is_confirmed = poll.confirmations(slot, id) >= required;
        drop(replies);
        *last = Some(poll);
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
