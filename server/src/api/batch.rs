//! Many messages in one request: each item has its own result, and all of them one deadline.
//!
//! The store is given messages by the hundred, and what is looked up side by side: one commit, or one round trip
//! to each node, serves all that wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::{self, FutureExt as _};
use futures::stream::{self, Stream, StreamExt as _};
use hyper::StatusCode;
use log::error;
use message_to_hash_api::models::{BatchResult, BatchResults, ItemProblem, LookupResult, LookupResults};

use super::{Failure, Messages, NOT_FOUND, Refusal};
use crate::context::RequestContext;
use crate::message::{Message, MessageHash};
use crate::store::{Put, StoreError};

/// Items of one request that the store is given at once.
const AT_ONCE: usize = 250;
/// Bytes of the messages of one answer, as JSON; the contract says so.
const ANSWER_BYTES: i64 = 6 << 20;
/// Messages that all lookups together may have read and not yet counted into their answers.
pub(super) const READS_AT_ONCE: usize = 256;
/// Messages of all batches together that the store has at a time: more than it gathers at once, and few enough
/// that none of its queues is full of them.
pub(super) const WRITES_AT_ONCE: usize = 1024;

/// What became of a digest.
enum Found {
    Message(Message),
    Nothing,
    /// The answer is full.
    LeftOut,
}

/// The bytes that an answer has left for messages. Once that is gone nothing more is read.
struct Room(AtomicI64);

impl Room {
    fn is_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed) < 0
    }

    fn take(&self, message: Message) -> Found {
        if self.is_gone() {
            return Found::LeftOut;
        }
        let bytes = i64::try_from(bytes_as_json(message.as_str())).unwrap_or(i64::MAX);
        // One that never fits leaves the room to the others.
        let fits = bytes <= ANSWER_BYTES && self.0.fetch_sub(bytes, Ordering::Relaxed) >= bytes;
        if fits { Found::Message(message) } else { Found::LeftOut }
    }
}

/// The detail for a request that lists more than it may.
pub(crate) fn too_many(most: usize) -> String {
    format!("A request may list at most {most} items")
}

impl Messages {
    pub(super) async fn add_batch(&self, messages: Vec<String>, context: &RequestContext) -> BatchResults {
        let mut firsts = HashMap::with_capacity(messages.len());
        let mut different = Vec::with_capacity(messages.len());
        let mut items = Vec::with_capacity(messages.len());
        for message in messages {
            let hash = MessageHash::of(message.as_bytes());
            let first = *firsts.entry(hash).or_insert_with(|| {
                different.push((hash, Message::from(message)));
                different.len() - 1
            });
            items.push((hash, first));
        }
        let done = self.store_all(different).await;
        log_causes(&done, context);
        let mut is_repeated = vec![false; done.len()];
        let results = items.into_iter().map(|(hash, first)| {
            let is_repeat = std::mem::replace(&mut is_repeated[first], true);
            let mut result = BatchResult::new(hash.to_hex());
            match &done[first] {
                Ok(put) => result.created = Some(*put == Put::Created && !is_repeat),
                Err(failure) => result.problem = Some(Refusal::from(failure).into()),
            }
            result
        });
        BatchResults::new(results.collect())
    }

    async fn store_all(&self, messages: Vec<(MessageHash, Message)>) -> Vec<Result<Put, Failure>> {
        let items = messages.len();
        let (mut wanted, mut refused) = (Vec::with_capacity(items), Vec::new());
        for (number, (hash, message)) in messages.into_iter().enumerate() {
            match self.check_size(&message).and_then(|()| self.erasure.check(hash)) {
                Ok(()) => wanted.push((number, (hash, message))),
                Err(failure) => refused.push((number, Err(failure))),
            }
        }
        // What is there at once is taken at once, since each piece of a `select_all` has its price.
        let parts = wanted.chunks(AT_ONCE).map(|part| self.store_part(part).ready_chunks(AT_ONCE).boxed());
        self.all_of(items, refused, stream::select_all(parts).flat_map(stream::iter)).await
    }

    /// One store may be many nodes: what one of them has stored waits for no other.
    fn store_part(
        &self,
        part: &[(usize, (MessageHash, Message))],
    ) -> impl Stream<Item = (usize, Result<Put, Failure>)> {
        let (numbers, messages): (Vec<_>, Vec<_>) = part.iter().cloned().unzip();
        let begin = async move {
            let mut turns = self.batches.acquire_many(u32::try_from(numbers.len()).unwrap_or(u32::MAX)).await;
            self.store.put_all(messages).map(move |(index, put)| {
                drop(turns.as_mut().ok().and_then(|turns| turns.split(1)));
                (numbers[index], put.map_err(Failure::from))
            })
        };
        begin.flatten_stream()
    }

    pub(super) async fn look_up(&self, digests: Vec<String>, context: &RequestContext) -> LookupResults {
        let room = &Room(AtomicI64::new(ANSWER_BYTES));
        let (mut known, mut reads) = (Vec::new(), Vec::new());
        for (number, digest) in digests.iter().enumerate() {
            let hash = match self.find_at_hand(digest, room) {
                Ok(found) => {
                    known.push((number, found));
                    continue;
                }
                Err(hash) => hash,
            };
            reads.push(async move { (number, self.read_one(hash, room).await) });
        }
        let reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        let done = self.all_of(digests.len(), known, reads).await;
        log_causes(&done, context);
        let results = digests.into_iter().zip(done).map(|(digest, found)| {
            let mut result = LookupResult::new(digest);
            match found {
                Ok(Found::Message(message)) => result.message = Some(message.as_str().to_owned()),
                Ok(Found::Nothing) => {
                    result.problem =
                        Some(ItemProblem::new(StatusCode::NOT_FOUND.as_u16(), NOT_FOUND.to_owned()));
                }
                Ok(Found::LeftOut) => result.problem = Some(left_out()),
                Err(failure) => result.problem = Some(Refusal::from(&failure).into()),
            }
            result
        });
        LookupResults::new(results.collect())
    }

    /// What becomes of a digest, where that needs no store, and so no turn behind those that wait for it; or the
    /// hash to read.
    fn find_at_hand(&self, digest: &str, room: &Room) -> Result<Result<Found, Failure>, MessageHash> {
        let Some(hash) = MessageHash::parse(digest) else { return Ok(Ok(Found::Nothing)) };
        if let Err(failure) = self.erasure.check(hash) {
            return Ok(Err(failure));
        }
        let stored = self.store.get_at_hand(hash).ok_or(hash)?;
        Ok(Ok(room.take(stored.message)))
    }

    async fn read_one(&self, hash: MessageHash, room: &Room) -> Result<Found, Failure> {
        let _turn = self.lookups.acquire().await;
        if room.is_gone() {
            return Ok(Found::LeftOut);
        }
        let stored = self.store.get(hash).await?;
        self.erasure.check(hash)?; // that may have taken a while
        Ok(stored.map_or(Found::Nothing, |stored| room.take(stored.message)))
    }

    /// The results of so many items, in their order: those that are known, and as this work gives them by their
    /// numbers. What is not done in time has failed.
    async fn all_of<T>(
        &self,
        items: usize,
        known: impl IntoIterator<Item = (usize, Result<T, Failure>)>,
        work: impl Stream<Item = (usize, Result<T, Failure>)>,
    ) -> Vec<Result<T, Failure>> {
        let mut results: Vec<_> = std::iter::repeat_with(|| None).take(items).collect();
        known.into_iter().for_each(|(number, result)| results[number] = Some(result));
        let all = work.for_each(|(number, result)| {
            results[number] = Some(result);
            future::ready(())
        });
        // What was done before the deadline stays done.
        let _ = tokio::time::timeout(self.store_timeout, all).await;
        let late = || Err(StoreError::Unavailable("no answer in time".to_owned()).into());
        results.into_iter().map(|result| result.unwrap_or_else(late)).collect()
    }
}

/// What a text takes in JSON, without its quotes: control characters take up to six bytes.
fn bytes_as_json(text: &str) -> usize {
    let more = |byte| match byte {
        b'"' | b'\\' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.len() + text.bytes().map(more).sum::<usize>()
}

impl From<Refusal> for ItemProblem {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status.as_u16(), refusal.detail)
    }
}

fn left_out() -> ItemProblem {
    let detail = "The answer has no room for this message; look it up again, or get it by itself";
    ItemProblem::new(StatusCode::PAYLOAD_TOO_LARGE.as_u16(), detail.to_owned())
}

/// One line, however many items failed.
fn log_causes<T>(done: &[Result<T, Failure>], context: &RequestContext) {
    let mut causes = done.iter().filter_map(|result| match result {
        Err(Failure::Store(StoreError::TooLarge(_))) => None,
        Err(Failure::Store(cause)) => Some(cause),
        _ => None,
    });
    if let Some(first) = causes.next() {
        let failed = causes.count() + 1;
        error!(span = context.span_id(); "{failed} of {} items failed: {first}", done.len());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_text_takes_in_json_is_never_more_than_is_counted() {
        for text in ["", "foo", "\"\\/", "\u{0}\u{1f}\n\t\u{8}\u{7f}", "\u{e9}\u{2028}\u{1f600}"] {
            let json = serde_json::to_string(text).unwrap();
            assert!(json.len() - 2 <= super::bytes_as_json(text), "{json}");
        }
        assert_eq!(super::bytes_as_json("\u{1}\"a"), 6 + 2 + 1);
    }
}
