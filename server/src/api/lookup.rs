//! Many digests in one request: each has its own result, and all of them one deadline.
//!
//! A digest does not tell how large its message is, and 17 KB of them may name 250 MiB. So the reads of one answer are
//! bounded by bytes, and so are those of all answers together.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use futures::stream::{self, FuturesUnordered, StreamExt as _};
use message_to_hash_api::models::{ItemProblem, LookupResult, LookupResults, MessageLookup};
use message_to_hash_api::server::{Operation, look_up_messages};

use super::Messages;
use super::batch::{item_problem, log_causes, problem_of, refuse_too_many};
use super::failures::{NOT_FOUND, OperationError};
use crate::context::RequestContext;
use crate::message::{Message, MessageHash};

/// Bytes of the messages of one answer, as JSON; the contract says so.
const MAX_ANSWER_BYTES: i64 = 6 << 20;
/// Bytes that one lookup reads, with those of messages that its answer has no room for.
const MAX_READ_BYTES: i64 = 32 << 20;
/// The reads that one lookup has under way.
const READS: MaxReads = MaxReads { bytes: 32 << 20, min: 4, max: 250 };
/// The reads that all lookups together have under way.
const READS_OF_ALL: MaxReads = MaxReads { bytes: 64 << 20, min: 8, max: 256 };
/// Messages that are smaller are expected to have so many bytes, too.
const MIN_EXPECTED_BYTES: u64 = 1 << 10;

/// As many reads as `bytes` hold of the largest messages, but from `min` to `max`.
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

/// How many reads all lookups together have under way.
pub(super) fn max_reads_of_all(max_message_bytes: u64) -> usize {
    usize::try_from(READS_OF_ALL.of(max_message_bytes)).unwrap_or(usize::MAX)
}

/// The result of one digest.
enum Found {
    Message(Message),
    Nothing,
    /// The answer is full.
    LeftOut,
}

/// What one lookup may still read, and its answer still hold. Below zero once there was no room.
struct Budget {
    answer: AtomicI64,
    reads: AtomicI64,
    /// Of the largest message that was read; 0 before the first.
    largest: AtomicU64,
    max_message_bytes: u64,
}

impl Budget {
    fn new(max_message_bytes: u64) -> Self {
        let (answer, reads) = (AtomicI64::new(MAX_ANSWER_BYTES), AtomicI64::new(MAX_READ_BYTES));
        Self { answer, reads, largest: AtomicU64::new(0), max_message_bytes }
    }

    fn is_gone(&self) -> bool {
        [&self.answer, &self.reads].iter().any(|left| left.load(Ordering::Relaxed) < 0)
    }

    /// How many reads may be under way. Each is expected to give the largest message that this lookup has had, the first
    /// ones the largest that there may be; so a lookup of large messages reads about as much as its answer holds.
    fn reads_at_once(&self) -> usize {
        let expected = match self.largest.load(Ordering::Relaxed) {
            0 => self.max_message_bytes,
            largest => largest.max(MIN_EXPECTED_BYTES),
        };
        let left = u64::try_from(self.answer.load(Ordering::Relaxed)).unwrap_or(0);
        let reads = (left / expected.max(1)).clamp(1, READS.of(self.max_message_bytes));
        usize::try_from(reads).unwrap_or(usize::MAX)
    }

    /// Counts a message that the store was asked for.
    fn count_read(&self, message: &Message) {
        let bytes = message.len() as u64;
        self.largest.fetch_max(bytes.max(1), Ordering::Relaxed);
        self.reads.fetch_sub(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Gives a message room in the answer, if there is any.
    fn take(&self, message: Message) -> Found {
        if self.answer.load(Ordering::Relaxed) < 0 {
            return Found::LeftOut;
        }
        let bytes = i64::try_from(bytes_as_json(message.as_str())).unwrap_or(i64::MAX);
        // A message larger than any answer leaves the room to the others.
        let fits = bytes <= MAX_ANSWER_BYTES && self.answer.fetch_sub(bytes, Ordering::Relaxed) >= bytes;
        if fits { Found::Message(message) } else { Found::LeftOut }
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
            match self.find_at_hand(digest, budget) {
                Ok(found) => known.push((number, found)),
                Err(hash) => unknown.push((number, hash)),
            }
        }
        let reads = unknown
            .into_iter()
            .map(|(number, hash)| async move { (number, self.read_one(hash, budget).await) });
        // As many at once as the budget allows, which changes with each message that is read.
        let reads =
            stream::unfold((reads, FuturesUnordered::new()), |(mut reads, mut under_way)| async move {
                let more = budget.reads_at_once().saturating_sub(under_way.len());
                under_way.extend(reads.by_ref().take(more));
                let done = under_way.next().await?;
                Some((done, (reads, under_way)))
            });
        let done = self.collect_results(digests.len(), known, reads).await;
        log_causes(&done, context);
        let results = digests.into_iter().zip(done).map(|(digest, found)| {
            let mut result = LookupResult::new(digest);
            match found {
                Ok(Found::Message(message)) => result.message = Some(message.as_str().to_owned()),
                Ok(Found::Nothing) => result.problem = Some(item_problem::<404>(NOT_FOUND)),
                Ok(Found::LeftOut) => result.problem = Some(left_out()),
                Err(error) => result.problem = Some(problem_of(&error)),
            }
            result
        });
        LookupResults::new(results.collect())
    }

    /// The result of a digest, where that needs no store, and so no turn behind those that wait for it; or the hash to
    /// read.
    fn find_at_hand(
        &self,
        digest: &str,
        budget: &Budget,
    ) -> Result<Result<Found, OperationError>, MessageHash> {
        let Some(hash) = MessageHash::parse(digest) else { return Ok(Ok(Found::Nothing)) };
        if let Err(error) = self.erasure.check(hash) {
            return Ok(Err(error));
        }
        let stored = self.store.get_cached(hash).ok_or(hash)?;
        Ok(Ok(budget.take(stored.message)))
    }

    async fn read_one(&self, hash: MessageHash, budget: &Budget) -> Result<Found, OperationError> {
        let _turn = self.lookups.acquire().await;
        if budget.is_gone() {
            return Ok(Found::LeftOut);
        }
        let stored = self.store.get(hash).await?;
        self.erasure.check(hash)?; // that may have taken a while
        let Some(stored) = stored else { return Ok(Found::Nothing) };
        budget.count_read(&stored.message);
        Ok(budget.take(stored.message))
    }
}

/// The bytes of a text in JSON, without its quotes: control characters take up to six.
fn bytes_as_json(text: &str) -> usize {
    let more = |byte| match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

fn left_out() -> ItemProblem {
    item_problem::<413>("The answer has no room for this message; look it up again, or get it by itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_json_are_never_more_than_counted() {
        for text in ["", "foo", "\"\\/", "\u{0}\u{1f}\n\t\u{8}\u{7f}", "\u{e9}\u{2028}\u{1f600}"] {
            let json = serde_json::to_string(text).unwrap();
            assert!(json.len() - 2 <= bytes_as_json(text), "{json}");
        }
        assert_eq!(bytes_as_json("\u{1}\"a"), 6 + 2 + 1);
    }

    #[test]
    fn reads_at_once_follow_the_largest_message() {
        let budget = Budget::new(1 << 20);
        assert_eq!(budget.reads_at_once(), 6);
        budget.count_read(&Message::from("small".to_owned()));
        assert_eq!(budget.reads_at_once(), 32);
        budget.count_read(&Message::from("x".repeat(2 << 20)));
        assert_eq!(budget.reads_at_once(), 3);
        for _ in 0..15 {
            budget.count_read(&Message::from("x".repeat(2 << 20)));
        }
        assert!(budget.is_gone(), "32 MiB and 5 bytes were read");
        for (max_message_bytes, first, then) in [(64 << 20, 1, 4), (4 << 10, 250, 250), (1, 250, 250)] {
            let budget = Budget::new(max_message_bytes);
            assert_eq!(budget.reads_at_once(), first, "{max_message_bytes}");
            budget.count_read(&Message::from(String::new()));
            assert_eq!(budget.reads_at_once(), then, "{max_message_bytes}");
        }
        assert_eq!([1, 1 << 20, 64 << 20].map(max_reads_of_all), [256, 64, 8]);
    }
}
