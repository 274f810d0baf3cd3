//! The views of the Sentinels on the primary, and whether enough of them agree.

use std::collections::HashMap;

use tokio::time::Instant;

use super::address::Address;
use super::confirmation::min_confirmations;

/// The last view of each Sentinel.
#[derive(Default)]
pub(super) struct SentinelViews {
    /// Includes Sentinels that are gone: such a Sentinel may have been the first to learn of a failover.
    by_sentinel: HashMap<Address, SentinelView>,
    /// The primary that a failover is replacing, and when this announcement becomes void.
    failover: Option<(Address, Instant)>,
}

/// The reply of one Sentinel.
pub(super) struct SentinelView {
    /// When the request was sent.
    pub(super) requested: Instant,
    /// `config-epoch`, which each failover increases.
    pub(super) epoch: u64,
    /// The number of Sentinels including this one, if it reports that number.
    pub(super) voters: Option<usize>,
    /// The Sentinel considers the primary to be down, or a failover is under way.
    pub(super) is_in_doubt: bool,
    pub(super) primary: Address,
    pub(super) replicas: Vec<Address>,
}

impl SentinelViews {
    /// Adds the view of a Sentinel, and returns the view with the latest epoch.
    pub(super) fn merge(&mut self, sentinel: &Address, view: SentinelView) -> Option<&SentinelView> {
        self.by_sentinel.insert(sentinel.clone(), view);
        self.by_sentinel.values().max_by_key(|view| view.epoch)
    }

    /// A failover from this primary began. The announcement counts until `expires`.
    pub(super) fn begin_failover(&mut self, primary: Address, expires: Instant) {
        self.failover = Some((primary, expires));
    }

    /// The failover was aborted.
    pub(super) fn abort_failover(&mut self) {
        self.failover = None;
    }

    /// Whether a failover from this primary is under way.
    pub(super) fn failover_pending(&self, primary: &Address) -> bool {
        self.failover.as_ref().is_some_and(|(old, expires)| old == primary && Instant::now() < *expires)
    }

    /// Whether enough of the `listed` Sentinels have confirmed this primary in requests sent at `since` or later.
    pub(super) fn is_confirmed(&self, primary: &Address, since: Instant, listed: usize) -> bool {
        let confirms =
            |view: &&SentinelView| view.primary == *primary && view.requested >= since && !view.is_in_doubt;
        let voters = self.by_sentinel.values().filter_map(|view| view.voters).max().unwrap_or(listed);
        // The client cannot ask Sentinels that the URL does not list.
        let required = min_confirmations(voters).min(listed);
        let confirmations = self.by_sentinel.values().filter(confirms).count();
        !self.failover_pending(primary) && confirmations >= required
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(port: u16) -> Address {
        Address { host: "redis".to_owned(), port }
    }

    fn view(primary: u16, voters: Option<usize>) -> SentinelView {
        let (primary, requested) = (address(primary), Instant::now());
        SentinelView { requested, epoch: 0, voters, is_in_doubt: false, primary, replicas: vec![] }
    }

    fn views(all: impl IntoIterator<Item = SentinelView>) -> SentinelViews {
        let by_sentinel = all.into_iter().zip(1..).map(|(view, port)| (address(port), view)).collect();
        SentinelViews { by_sentinel, failover: None }
    }

    #[test]
    fn minority_of_sentinels_confirms_nothing() {
        let (since, primary) = (Instant::now(), address(7));
        let single = views([view(7, Some(3))]);
        assert!(!single.is_confirmed(&primary, since, 3));
        assert!(views([view(7, Some(3)), view(7, Some(3))]).is_confirmed(&primary, since, 3));
        assert!(!views([view(7, Some(3)), view(8, Some(3))]).is_confirmed(&primary, since, 3));
        // One listed Sentinel suffices, because the others cannot be asked. Neither of two Sentinels has a majority alone.
        assert!(single.is_confirmed(&primary, since, 1));
        assert!(views([view(7, Some(2))]).is_confirmed(&primary, since, 2));
        // Without a reported number of voters, the listed Sentinels count.
        assert!(!views([view(7, None)]).is_confirmed(&primary, since, 3));
    }

    #[test]
    fn stale_or_uncertain_view_confirms_nothing() {
        let primary = address(7);
        let later = Instant::now() + Duration::from_secs(1);
        assert!(!views([view(7, None)]).is_confirmed(&primary, later, 1));
        let in_doubt = views([SentinelView { is_in_doubt: true, ..view(7, None) }]);
        assert!(!in_doubt.is_confirmed(&primary, later - Duration::from_secs(2), 1));
        let pending = SentinelViews { failover: Some((address(7), later)), ..views([view(7, None)]) };
        assert!(!pending.is_confirmed(&primary, later - Duration::from_secs(2), 1));
    }
}
