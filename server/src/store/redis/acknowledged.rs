//! A random sample of the messages that this instance acknowledged, to notice when the store has lost them.
//!
//! Each acknowledged message is in the sample with the same probability (reservoir sampling), so a loss of old
//! messages shows as well as one of new messages.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;

use crate::message::{Message, MessageHash};
use crate::store::Put;

const CAPACITY: usize = 1024;
/// Bytes of the largest message that a check reads.
const MAX_READ: usize = 16 << 10;

/// From one check of some of the messages to the next.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);
/// How many messages a check reads.
const CHECKED: usize = 8;
/// A loss this long after the last one is logged again.
const QUIET_INTERVAL: Duration = Duration::from_mins(10);

/// Counts acknowledged messages that are missing, and logs the loss.
pub(super) struct Acknowledged {
    /// `None` where messages can be deleted: another instance may have deleted one, so a miss proves nothing.
    sample: Option<Sample>,
    is_loss_accepted: bool,
    missing: Counter,
    last_missing: Mutex<Option<Instant>>,
    next_check: Mutex<Instant>,
}

impl Acknowledged {
    pub(super) fn new(
        can_delete: bool,
        retention: Option<Duration>,
        is_loss_accepted: bool,
        missing: Counter,
    ) -> Self {
        Self {
            sample: (!can_delete).then(|| Sample::new(retention)),
            is_loss_accepted,
            missing,
            last_missing: Mutex::default(),
            next_check: Mutex::new(Instant::now()),
        }
    }

    /// A message was acknowledged. One that was stored already may have a time to live from an earlier retention,
    /// so only a new one is known to stay.
    pub(super) fn add(&self, hash: MessageHash, message: &Message, put: Put) {
        if let (Some(sample), Put::Created) = (&self.sample, put) {
            sample.add(hash, message.len());
        }
    }

    /// The messages to read now; none until the next check is due.
    pub(super) fn due(&self) -> Vec<MessageHash> {
        let mut next_check = self.next_check.lock().unwrap_or_else(PoisonError::into_inner);
        if *next_check > Instant::now() {
            return Vec::new();
        }
        *next_check = Instant::now() + CHECK_INTERVAL;
        self.sample.as_ref().map(|sample| sample.pick(CHECKED)).unwrap_or_default()
    }

    /// A read that began at this time did not find the message.
    pub(super) fn missed(&self, hash: MessageHash, read_began: Instant) {
        if !self.sample.as_ref().is_some_and(|sample| sample.remove_missing(hash, read_began)) {
            return;
        }
        self.missing.inc();
        let now = Instant::now();
        let last = self.last_missing.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        if !self.is_loss_accepted && last.is_none_or(|last| now - last >= QUIET_INTERVAL) {
            log::error!(
                "Redis has lost messages that were acknowledged, {hash} for one: was it flushed, did it evict them, \
                 or did it start again without its data? message_to_hash_store_missing_acknowledged_messages_total \
                 counts those that this instance finds missing"
            );
        }
    }
}

/// Acknowledged messages.
struct Sample {
    retention: Option<Duration>,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    acknowledged: usize,
    sampled: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    hash: MessageHash,
    len: usize,
    since: Instant,
}

impl Sample {
    /// A sample of messages that stay for this long.
    fn new(retention: Option<Duration>) -> Self {
        Self { retention, entries: Mutex::default() }
    }

    /// Takes in a new message that was acknowledged now.
    fn add(&self, hash: MessageHash, len: usize) {
        let mut entries = self.entries();
        entries.acknowledged = entries.acknowledged.saturating_add(1);
        let entry = Entry { hash, len, since: Instant::now() };
        if entries.sampled.len() < CAPACITY {
            entries.sampled.push(entry);
        } else {
            let place = fastrand::usize(..entries.acknowledged);
            if let Some(replaced) = entries.sampled.get_mut(place) {
                *replaced = entry;
            }
        }
    }

    /// Some messages that should be in the store and are cheap to read.
    fn pick(&self, count: usize) -> Vec<MessageHash> {
        let mut entries = self.entries();
        let is_kept =
            |entry: &Entry| self.retention.is_none_or(|retention| entry.since.elapsed() < retention);
        entries.sampled.retain(is_kept);
        let small = entries.sampled.iter().filter(|entry| entry.len <= MAX_READ).map(|entry| entry.hash);
        fastrand::choose_multiple(small, count)
    }

    /// Takes out the message that was missing when it was read, and says whether it should have been there: it
    /// was acknowledged before the read began, and its retention is not over.
    fn remove_missing(&self, hash: MessageHash, read_began: Instant) -> bool {
        let mut entries = self.entries();
        let Some(index) = entries.sampled.iter().position(|entry| entry.hash == hash) else { return false };
        if entries.sampled[index].since >= read_began {
            return false;
        }
        let entry = entries.sampled.swap_remove(index);
        self.retention.is_none_or(|retention| entry.since.elapsed() < retention)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_is_bounded_and_has_old_and_new_messages() {
        let sample = Sample::new(None);
        let hash = |number: usize| MessageHash::of(number.to_string().as_bytes());
        let count = CAPACITY * 4;
        (0..count).for_each(|number| sample.add(hash(number), 1));
        let now = Instant::now();
        let is_sampled: Vec<_> = (0..count).map(|number| sample.remove_missing(hash(number), now)).collect();
        assert_eq!(is_sampled.iter().filter(|is_sampled| **is_sampled).count(), CAPACITY);
        for quarter in is_sampled.chunks(CAPACITY) {
            assert!(quarter.contains(&true) && quarter.contains(&false));
        }
    }

    #[test]
    fn only_messages_acknowledged_before_the_read_are_missing() {
        let (sample, hash) = (Sample::new(None), MessageHash::of(b"foo"));
        let before = Instant::now();
        sample.add(hash, 1);
        assert!(!sample.remove_missing(hash, before));
        assert_eq!(sample.pick(8), [hash]);
        assert!(sample.remove_missing(hash, Instant::now()));
        assert!(!sample.remove_missing(hash, Instant::now()), "it is counted once");
    }

    #[test]
    fn expired_and_large_messages_are_not_checked() {
        let sample = Sample::new(Some(Duration::ZERO));
        sample.add(MessageHash::of(b"foo"), 1);
        assert!(!sample.remove_missing(MessageHash::of(b"foo"), Instant::now()));
        let sample = Sample::new(None);
        sample.add(MessageHash::of(b"foo"), MAX_READ + 1);
        assert_eq!(sample.pick(8), []);
    }

    #[test]
    fn missing_message_counts_only_without_deletion() {
        let (hash, message) = (MessageHash::of(b"foo"), Message::from("foo".to_owned()));
        for (can_delete, put, expected) in
            [(false, Put::Created, 1), (false, Put::AlreadyStored, 0), (true, Put::Created, 0)]
        {
            let missing = Counter::default();
            let acknowledged = Acknowledged::new(can_delete, None, false, missing.clone());
            acknowledged.add(hash, &message, put);
            acknowledged.missed(hash, Instant::now());
            assert_eq!(missing.get(), expected, "{can_delete} {put:?}");
        }
    }
}
