//! A random sample of the messages that this instance acknowledged, to detect that Redis has lost messages.
//!
//! Every acknowledged message is in the sample with the same probability (reservoir sampling), so the
//! loss of old messages is detected as well as the loss of new ones.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;

use crate::message::{Message, MessageHash};
use crate::store::Put;

/// The maximum number of messages in the sample.
const CAPACITY: usize = 1024;
/// Checks do not read messages above this many bytes.
const MAX_READ: usize = 16 << 10;

/// The time between two checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);
/// The number of messages that one check reads.
const MESSAGES_PER_CHECK: usize = 8;
/// The minimum time between two log lines about a loss.
const LOG_INTERVAL: Duration = Duration::from_mins(10);

/// Counts acknowledged messages that are missing, and logs the loss.
pub(super) struct AcknowledgedSample {
    /// `None` if messages can be deleted. Then a missing message may have been deleted by another instance.
    sample: Option<Reservoir>,
    is_loss_accepted: bool,
    missing: Counter,
    last_missing: Mutex<Option<Instant>>,
    next_check: Mutex<Instant>,
}

impl AcknowledgedSample {
    pub(super) fn new(
        can_delete: bool,
        retention: Option<Duration>,
        is_loss_accepted: bool,
        missing: Counter,
    ) -> Self {
        Self {
            sample: (!can_delete).then(|| Reservoir::new(retention)),
            is_loss_accepted,
            missing,
            last_missing: Mutex::default(),
            next_check: Mutex::new(Instant::now()),
        }
    }

    /// Adds a message that was acknowledged now, if it is new. A message that was stored already may have a shorter
    /// time to live, from an earlier retention.
    pub(super) fn add(&self, hash: MessageHash, message: &Message, put: Put) {
        if let (Some(sample), Put::Created) = (&self.sample, put) {
            sample.add(hash, message.len());
        }
    }

    /// Returns the messages to read now. Returns none until the next check is due.
    pub(super) fn due(&self) -> Vec<MessageHash> {
        let mut next_check = self.next_check.lock().unwrap_or_else(PoisonError::into_inner);
        if *next_check > Instant::now() {
            return Vec::new();
        }
        *next_check = Instant::now() + CHECK_INTERVAL;
        self.sample.as_ref().map(|sample| sample.pick(MESSAGES_PER_CHECK)).unwrap_or_default()
    }

    /// Reports that a read, which began at `read_began`, did not find the message.
    pub(super) fn report_miss(&self, hash: MessageHash, read_began: Instant) {
        if !self.sample.as_ref().is_some_and(|sample| sample.remove_missing(hash, read_began)) {
            return;
        }
        self.missing.inc();
        let now = Instant::now();
        let last = self.last_missing.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        if !self.is_loss_accepted && last.is_none_or(|last| now - last >= LOG_INTERVAL) {
            log::error!(
                "Redis has lost messages that were acknowledged, for example {hash}: check whether it was flushed, \
                 evicted keys, or restarted without its data; \
                 message_to_hash_store_missing_acknowledged_messages_total counts the losses that this instance \
                 detects"
            );
        }
    }
}

/// A random sample of fixed capacity.
struct Reservoir {
    retention: Option<Duration>,
    state: Mutex<ReservoirState>,
}

#[derive(Default)]
struct ReservoirState {
    /// The number of messages added so far.
    added: usize,
    sampled: Vec<SampledMessage>,
}

#[derive(Clone, Copy)]
struct SampledMessage {
    hash: MessageHash,
    /// The length of the message in bytes.
    len: usize,
    acknowledged: Instant,
}

impl Reservoir {
    /// `retention` is the time to live of the messages; `None` means that they never expire.
    fn new(retention: Option<Duration>) -> Self {
        Self { retention, state: Mutex::default() }
    }

    /// Adds a message that was acknowledged now.
    fn add(&self, hash: MessageHash, len: usize) {
        let mut state = self.lock();
        state.added = state.added.saturating_add(1);
        let entry = SampledMessage { hash, len, acknowledged: Instant::now() };
        if state.sampled.len() < CAPACITY {
            state.sampled.push(entry);
        } else {
            let place = fastrand::usize(..state.added);
            if let Some(replaced) = state.sampled.get_mut(place) {
                *replaced = entry;
            }
        }
    }

    /// Picks random messages that should be in the store and are cheap to read. Drops expired messages.
    fn pick(&self, count: usize) -> Vec<MessageHash> {
        let mut state = self.lock();
        let is_kept = |entry: &SampledMessage| {
            self.retention.is_none_or(|retention| entry.acknowledged.elapsed() < retention)
        };
        state.sampled.retain(is_kept);
        let small = state.sampled.iter().filter(|entry| entry.len <= MAX_READ).map(|entry| entry.hash);
        fastrand::choose_multiple(small, count)
    }

    /// Removes a message that a read did not find. Returns whether it should have been there: it was acknowledged
    /// before the read began, and has not expired.
    fn remove_missing(&self, hash: MessageHash, read_began: Instant) -> bool {
        let mut state = self.lock();
        let Some(index) = state.sampled.iter().position(|entry| entry.hash == hash) else { return false };
        if state.sampled[index].acknowledged >= read_began {
            return false;
        }
        let entry = state.sampled.swap_remove(index);
        self.retention.is_none_or(|retention| entry.acknowledged.elapsed() < retention)
    }

    fn lock(&self) -> MutexGuard<'_, ReservoirState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_is_bounded_and_has_old_and_new_messages() {
        let sample = Reservoir::new(None);
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
        let (sample, hash) = (Reservoir::new(None), MessageHash::of(b"foo"));
        let before = Instant::now();
        sample.add(hash, 1);
        assert!(!sample.remove_missing(hash, before));
        assert_eq!(sample.pick(8), [hash]);
        assert!(sample.remove_missing(hash, Instant::now()));
        assert!(!sample.remove_missing(hash, Instant::now()), "a loss is counted once");
    }

    #[test]
    fn expired_and_large_messages_are_not_checked() {
        let sample = Reservoir::new(Some(Duration::ZERO));
        sample.add(MessageHash::of(b"foo"), 1);
        assert!(!sample.remove_missing(MessageHash::of(b"foo"), Instant::now()));
        let sample = Reservoir::new(None);
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
            let acknowledged = AcknowledgedSample::new(can_delete, None, false, missing.clone());
            acknowledged.add(hash, &message, put);
            acknowledged.report_miss(hash, Instant::now());
            assert_eq!(missing.get(), expected, "{can_delete} {put:?}");
        }
    }
}
