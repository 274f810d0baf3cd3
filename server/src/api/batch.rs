//! Many messages in one request: each item has its own result, and all of them one deadline.
//!
//! The store is given messages by the hundred: one commit, or one round trip to each node, serves all that wait.

use std::collections::HashMap;

use futures::future::{self, FutureExt as _};
use futures::stream::{self, Stream, StreamExt as _};
use log::error;
use message_to_hash_api::models::{BatchResult, BatchResults, ItemProblem};

use super::{Failure, Messages, Refusal};
use crate::context::RequestContext;
use crate::message::{Message, MessageHash};
use crate::store::{Put, StoreError};

/// Items of one request that the store is given at once.
const AT_ONCE: usize = 250;
/// Messages of all batches together that the store has at a time: more than it gathers at once, and few enough
/// that none of its queues is full of them.
pub(super) const WRITES_AT_ONCE: usize = 1024;

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

    /// The results of so many items, in their order: those that are known, and as this work gives them by their
    /// numbers. What is not done in time has failed.
    pub(super) async fn all_of<T>(
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

impl From<Refusal> for ItemProblem {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status.as_u16(), refusal.detail)
    }
}

/// One line, however many items failed.
pub(super) fn log_causes<T>(done: &[Result<T, Failure>], context: &RequestContext) {
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
