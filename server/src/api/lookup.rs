//! Many digests in one request: each digest has its own result, and all share one deadline.
//!
//! A digest does not tell the size of its message: 17 KB of digests may name 250 MiB. Therefore a byte budget limits the
//! reads of one lookup, and another limit applies to the concurrent reads of all lookups.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use futures::stream::{self, FuturesUnordered, StreamExt as _};
use message_to_hash_api::models::{ItemProblem, LookupResult, LookupResults, MessageLookup};
use message_to_hash_api::server::{Operation, look_up_messages};

use super::Messages;
use super::batch::{item_problem, log_causes, problem_of, refuse_too_many};
use super::failures::{NOT_FOUND, OperationError};
use crate::context::RequestContext;
use crate::message::{Message, MessageHash};

/// The maximum bytes of all messages in one response, as JSON. The contract documents this limit.
const MAX_RESPONSE_BYTES: i64 = 6 << 20;
/// The maximum bytes that one lookup reads, including messages that its response has no room for.
const MAX_READ_BYTES: i64 = 32 << 20;
/// The concurrent reads of one lookup.
const READS: MaxReads = MaxReads { bytes: 32 << 20, min: 4, max: 250 };
/// The concurrent reads of all lookups together.
const READS_OF_ALL: MaxReads = MaxReads { bytes: 64 << 20, min: 8, max: 256 };
/// The smallest size that is assumed for an unread message.
const MIN_EXPECTED_BYTES: u64 = 1 << 10;

/// A limit on concurrent reads: the number of largest messages that fit into `bytes`, at least `min` and at most `max`.
struct MaxReads {
    bytes: u64,
    min: u64,
    max: u64,
}

impl MaxReads {
    fn of(&self, max_message_bytes: u64) -> u64 {
        (self.bytes / max_message_bytes.max(1)).clamp(self.min, self.max)
    }
}

/// The maximum number of concurrent reads of all lookups together.
pub(super) fn max_reads_of_all(max_message_bytes: u64) -> usize {
    usize::try_from(READS_OF_ALL.of(max_message_bytes)).unwrap_or(usize::MAX)
}

/// The result of one digest.
enum LookupOutcome {
    Found(Message),
    NotFound,
    /// The response has no room for the message.
    NoRoom,
}

/// The bytes that one lookup may still read, and that its response may still hold. A value below zero means that the
/// budget is exhausted.
struct Budget {
    response: AtomicI64,
    reads: AtomicI64,
    /// The size of the largest message that was read; 0 before the first read.
    largest: AtomicU64,
    max_message_bytes: u64,
}

impl Budget {
    fn new(max_message_bytes: u64) -> Self {
        let (response, reads) = (AtomicI64::new(MAX_RESPONSE_BYTES), AtomicI64::new(MAX_READ_BYTES));
        Self { response, reads, largest: AtomicU64::new(0), max_message_bytes }
    }

    fn is_exhausted(&self) -> bool {
        [&self.response, &self.reads].iter().any(|left| left.load(Ordering::Relaxed) < 0)
    }

    /// The number of reads that may be in flight. Each read is assumed to return a message as large as the largest one so
    /// far, or before the first read as large as the limit. So a lookup of large messages reads little more than its
    /// response can hold.
    fn max_concurrent_reads(&self) -> usize {
        let expected = match self.largest.load(Ordering::Relaxed) {
            0 => self.max_message_bytes,
            largest => largest.max(MIN_EXPECTED_BYTES),
        };
        let left = u64::try_from(self.response.load(Ordering::Relaxed)).unwrap_or(0);
        let reads = (left / expected.max(1)).clamp(1, READS.of(self.max_message_bytes));
        usize::try_from(reads).unwrap_or(usize::MAX)
    }

    /// Counts a message that was read from the store.
    fn count_read(&self, message: &Message) {
        let bytes = message.len() as u64;
        self.largest.fetch_max(bytes.max(1), Ordering::Relaxed);
        self.reads.fetch_sub(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Reserves room in the response for a message. Returns [`LookupOutcome::NoRoom`] if the response is full.
    fn reserve(&self, message: Message) -> LookupOutcome {
        if self.response.load(Ordering::Relaxed) < 0 {
            return LookupOutcome::NoRoom;
        }
        let bytes = i64::try_from(bytes_as_json(message.as_str())).unwrap_or(i64::MAX);
        // A message that exceeds an empty response does not use up the room of others.
        let fits = bytes <= MAX_RESPONSE_BYTES && self.response.fetch_sub(bytes, Ordering::Relaxed) >= bytes;
        if fits { LookupOutcome::Found(message) } else { LookupOutcome::NoRoom }
    }
}

impl Messages {
    pub(super) async fn get_batch(
        &self,
        lookup: MessageLookup,
        context: &RequestContext<'_>,
    ) -> look_up_messages::Response {
        if let Some(refusal) = refuse_too_many(Operation::LookUpMessages, lookup.digests.len()) {
            return refusal;
        }
        let body = self.look_up(lookup.digests, context).await;
        look_up_messages::Response::Processed { body }
    }

    async fn look_up(&self, digests: Vec<String>, context: &RequestContext<'_>) -> LookupResults {
        let budget = &Budget::new(self.max_message_bytes);
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (number, digest) in digests.iter().enumerate() {
            match self.find_cached(digest, budget) {
                Ok(outcome) => known.push((number, outcome)),
                Err(hash) => unknown.push((number, hash)),
            }
        }
        let reads = unknown
            .into_iter()
            .map(|(number, hash)| async move { (number, self.read_one(hash, budget).await) });
        // The budget limits the concurrent reads, and changes with each message that is read.
        let reads =
            stream::unfold((reads, FuturesUnordered::new()), |(mut reads, mut in_flight)| async move {
                let more = budget.max_concurrent_reads().saturating_sub(in_flight.len());
                in_flight.extend(reads.by_ref().take(more));
                let done = in_flight.next().await?;
                Some((done, (reads, in_flight)))
            });
        let done = self.collect_results(digests.len(), known, reads).await;
        log_causes(&done, context);
        let results = digests.into_iter().zip(done).map(|(digest, outcome)| {
            let mut result = LookupResult::new(digest);
            match outcome {
                Ok(LookupOutcome::Found(message)) => result.message = Some(message.as_str().to_owned()),
                Ok(LookupOutcome::NotFound) => result.problem = Some(item_problem::<404>(NOT_FOUND)),
                Ok(LookupOutcome::NoRoom) => result.problem = Some(no_room()),
                Err(error) => result.problem = Some(problem_of(&error)),
            }
            result
        });
        LookupResults::new(results.collect())
    }

    /// The outcome of a digest that needs no read from the store, so that it does not queue for one. Otherwise the hash
    /// to read, as an error.
    fn find_cached(
        &self,
        digest: &str,
        budget: &Budget,
    ) -> Result<Result<LookupOutcome, OperationError>, MessageHash> {
        let Some(hash) = MessageHash::parse(digest) else { return Ok(Ok(LookupOutcome::NotFound)) };
        if let Err(error) = self.erasure.check(hash) {
            return Ok(Err(error));
        }
        let stored = self.store.get_cached(hash).ok_or(hash)?;
        Ok(Ok(budget.reserve(stored.message)))
    }

    async fn read_one(&self, hash: MessageHash, budget: &Budget) -> Result<LookupOutcome, OperationError> {
        let _permit = self.lookups.acquire().await;
        if budget.is_exhausted() {
            return Ok(LookupOutcome::NoRoom);
        }
        let stored = self.store.get(hash).await?;
        // The hash may have been blocked while the store was read.
        self.erasure.check(hash)?;
        let Some(stored) = stored else { return Ok(LookupOutcome::NotFound) };
        budget.count_read(&stored.message);
        Ok(budget.reserve(stored.message))
    }
}

/// An upper bound of a text's bytes in JSON, without its quotes. A control character takes up to six bytes.
fn bytes_as_json(text: &str) -> usize {
    let more = |byte| match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

fn no_room() -> ItemProblem {
    item_problem::<413>("The answer has no room for this message; look it up again, or get it by itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_as_json_is_an_upper_bound() {
        for text in ["", "foo", "\"\\/", "\u{0}\u{1f}\n\t\u{8}\u{7f}", "\u{e9}\u{2028}\u{1f600}"] {
            let json = serde_json::to_string(text).unwrap();
            assert!(json.len() - 2 <= bytes_as_json(text), "{json}");
        }
        assert_eq!(bytes_as_json("\u{1}\"a"), 6 + 2 + 1);
    }

    #[test]
    fn max_concurrent_reads_follows_the_largest_message() {
        let budget = Budget::new(1 << 20);
        assert_eq!(budget.max_concurrent_reads(), 6);
        budget.count_read(&Message::from("small".to_owned()));
        assert_eq!(budget.max_concurrent_reads(), 32);
        budget.count_read(&Message::from("x".repeat(2 << 20)));
        assert_eq!(budget.max_concurrent_reads(), 3);
        for _ in 0..15 {
            budget.count_read(&Message::from("x".repeat(2 << 20)));
        }
        assert!(budget.is_exhausted(), "32 MiB and 5 bytes were read");
        for (max_message_bytes, first, then) in [(64 << 20, 1, 4), (4 << 10, 250, 250), (1, 250, 250)] {
            let budget = Budget::new(max_message_bytes);
            assert_eq!(budget.max_concurrent_reads(), first, "{max_message_bytes}");
            budget.count_read(&Message::from(String::new()));
            assert_eq!(budget.max_concurrent_reads(), then, "{max_message_bytes}");
        }
        assert_eq!([1, 1 << 20, 64 << 20].map(max_reads_of_all), [256, 64, 8]);
    }
}
