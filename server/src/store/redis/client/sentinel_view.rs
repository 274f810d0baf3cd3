//! What the sentinels said about the primary, and whether enough of them agree.

use std::collections::HashMap;

use tokio::time::Instant;

use super::confirmation::min_confirmations;
use crate::store::redis::url::Address;

#[derive(Default)]
pub(in crate::store::redis) struct Heard {
    /// What each sentinel said last, even if it is gone: it may have been the first to know.
    pub(in crate::store::redis) opinions: HashMap<Address, Opinion>,
    /// The primary that is being replaced, and until when that is believed.
    pub(in crate::store::redis) left: Option<(Address, Instant)>,
}

pub(in crate::store::redis) struct Opinion {
    /// Before it was asked.
    pub(in crate::store::redis) asked: Instant,
    pub(in crate::store::redis) epoch: u64,
    /// How many sentinels there are, itself included, where it says so.
    pub(in crate::store::redis) voters: Option<usize>,
    /// It takes the primary for down, or is replacing it.
    pub(in crate::store::redis) is_in_doubt: bool,
    pub(in crate::store::redis) primary: Address,
    pub(in crate::store::redis) replicas: Vec<Address>,
}

impl Heard {
    pub(in crate::store::redis) fn is_left(&self, primary: &Address) -> bool {
        self.left.as_ref().is_some_and(|(left, until)| left == primary && Instant::now() < *until)
    }

    /// Whether enough of the listed sentinels have confirmed this primary since then.
    pub(in crate::store::redis) fn is_confirmed(
        &self,
        primary: &Address,
        since: Instant,
        listed: usize,
    ) -> bool {
        let confirms = |opinion: &&Opinion| {
            opinion.primary == *primary && opinion.asked >= since && !opinion.is_in_doubt
        };
        let voters = self.opinions.values().filter_map(|opinion| opinion.voters).max().unwrap_or(listed);
        // Of sentinels that are not listed nothing is known.
        let required = min_confirmations(voters).min(listed);
        !self.is_left(primary) && self.opinions.values().filter(confirms).count() >= required
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn address(port: u16) -> Address {
        Address { host: "redis".to_owned(), port }
    }

    fn opinion(primary: u16, voters: Option<usize>) -> Opinion {
        let (primary, asked) = (address(primary), Instant::now());
        Opinion { asked, epoch: 0, voters, is_in_doubt: false, primary, replicas: vec![] }
    }

    fn heard(opinions: impl IntoIterator<Item = Opinion>) -> Heard {
        let opinions = opinions.into_iter().zip(1..).map(|(opinion, port)| (address(port), opinion));
        Heard { opinions: opinions.collect(), left: None }
    }

    #[test]
    fn minority_of_sentinels_confirms_nothing() {
        let (since, primary) = (Instant::now(), address(7));
        let one = heard([opinion(7, Some(3))]);
        assert!(!one.is_confirmed(&primary, since, 3));
        assert!(heard([opinion(7, Some(3)), opinion(7, Some(3))]).is_confirmed(&primary, since, 3));
        assert!(!heard([opinion(7, Some(3)), opinion(8, Some(3))]).is_confirmed(&primary, since, 3));
        // Only as many as are listed can be asked; two cannot agree without each other.
        assert!(one.is_confirmed(&primary, since, 1));
        assert!(heard([opinion(7, Some(2))]).is_confirmed(&primary, since, 2));
        // Without a number of sentinels, those that are listed count.
        assert!(!heard([opinion(7, None)]).is_confirmed(&primary, since, 3));
    }

    #[test]
    fn stale_or_uncertain_view_confirms_nothing() {
        let primary = address(7);
        let later = Instant::now() + Duration::from_secs(1);
        assert!(!heard([opinion(7, None)]).is_confirmed(&primary, later, 1));
        let in_doubt = heard([Opinion { is_in_doubt: true, ..opinion(7, None) }]);
        assert!(!in_doubt.is_confirmed(&primary, later - Duration::from_secs(2), 1));
        let left = Heard { left: Some((address(7), later)), ..heard([opinion(7, None)]) };
        assert!(!left.is_confirmed(&primary, later - Duration::from_secs(2), 1));
    }
}
