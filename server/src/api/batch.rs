//! Many messages in one request: each item has its own result, and all items share one deadline.
//!
//! A batch is stored in parts of some hundred messages, so that one commit or one round trip to each node serves a
//! whole part.

use std::collections::HashMap;

use futures::future::{self, FutureExt as _};
use futures::stream::{self, Stream, StreamExt as _};
use log::error;
use message_to_hash_api::models::{BatchResult, BatchResults, ItemProblem, MessageBatch, Problem};
use message_to_hash_api::server::{Operation, add_message_batch};
use message_to_hash_api_runtime::{Declares, OperationSet as _, status_code};

use super::Messages;
use super::failures::{self, OperationError};
use crate::context::RequestContext;
use crate::error_chain::chain;
use crate::message::{Message, MessageHash};
use crate::store::{Put, StoreError};

/// The number of items of one request that the store works on at the same time.
const CONCURRENT_ITEMS: usize = 250;
/// The number of messages of all batches that may wait in the store. That is more than one commit takes, and few
/// enough that batches never fill a queue of the store.
pub(super) const MAX_CONCURRENT_WRITES: usize = 1024;

/// The problem of one item, with the status that a request for this item alone would have.
struct ItemFailure(ItemProblem);

impl<const STATUS: u16> Declares<STATUS, (Problem,)> for ItemFailure {
    fn with((problem,): (Problem,)) -> Self {
        Self(ItemProblem::new(problem.status, problem.detail))
    }
}

impl<const STATUS: u16> Declares<STATUS, (Problem, i32)> for ItemFailure {
    fn with((problem, _retry_after): (Problem, i32)) -> Self {
        Self(ItemProblem::new(problem.status, problem.detail))
    }
}

/// The detail for a request that lists more than `max` items.
pub(crate) fn too_many(max: usize) -> String {
    format!("A request may list at most {max} items")
}

/// The response to a request that lists more items than the operation takes.
pub(super) fn refuse_too_many<R: Declares<400, (Problem,)>>(operation: Operation, items: usize) -> Option<R> {
    let max = operation.info().max_items.filter(|max| items > *max)?;
    Some(failures::refuse::<400, R>(&too_many(max)))
}

impl Messages {
    pub(super) async fn put_batch(
        &self,
        batch: MessageBatch,
        context: &RequestContext<'_>,
    ) -> add_message_batch::Response {
        if let Some(refusal) = refuse_too_many(Operation::AddMessageBatch, batch.messages.len()) {
            return refusal;
        }
        let body = self.add_batch(batch.messages, context).await;
        add_message_batch::Response::Processed { body }
    }

    async fn add_batch(&self, messages: Vec<String>, context: &RequestContext<'_>) -> BatchResults {
        let mut first_index = HashMap::with_capacity(messages.len());
        let mut distinct = Vec::with_capacity(messages.len());
        let mut items = Vec::with_capacity(messages.len());
        for message in messages {
            let hash = MessageHash::of(message.as_bytes());
            let index = *first_index.entry(hash).or_insert_with(|| {
                distinct.push((hash, Message::from(message)));
                distinct.len() - 1
            });
            items.push((hash, index));
        }
        let stored = self.store_all(distinct).await;
        log_causes(&stored, context);
        let mut is_repeated = vec![false; stored.len()];
        let results = items.into_iter().map(|(hash, index)| {
            let is_repeat = std::mem::replace(&mut is_repeated[index], true);
            let mut result = BatchResult::new(hash.to_hex());
            match &stored[index] {
                Ok(put) => result.created = Some(*put == Put::Created && !is_repeat),
                Err(error) => result.problem = Some(problem_of(error)),
            }
            result
        });
        BatchResults::new(results.collect())
    }

    async fn store_all(&self, messages: Vec<(MessageHash, Message)>) -> Vec<Result<Put, OperationError>> {
        let count = messages.len();
        let (mut accepted, mut refused) = (Vec::with_capacity(count), Vec::new());
        for (index, (hash, message)) in messages.into_iter().enumerate() {
            match self.check_size(&message).and_then(|()| self.erasure.check(hash)) {
                Ok(()) => accepted.push((index, (hash, message))),
                Err(error) => refused.push((index, Err(error))),
            }
        }
        // Results that are ready are taken together, since each item of a `select_all` costs a little.
        let parts = accepted
            .chunks(CONCURRENT_ITEMS)
            .map(|part| self.store_part(part).ready_chunks(CONCURRENT_ITEMS).boxed());
        self.collect_results(count, refused, stream::select_all(parts).flat_map(stream::iter)).await
    }

    /// Stores a part of a batch. A result is yielded as soon as its node replies, so a slow node does not delay the
    /// others.
    fn store_part(
        &self,
        part: &[(usize, (MessageHash, Message))],
    ) -> impl Stream<Item = (usize, Result<Put, OperationError>)> {
        let (indexes, messages): (Vec<_>, Vec<_>) = part.iter().cloned().unzip();
        let begin = async move {
            let mut permits =
                self.batches.acquire_many(u32::try_from(indexes.len()).unwrap_or(u32::MAX)).await;
            self.store.put_all(messages).map(move |(position, put)| {
                drop(permits.as_mut().ok().and_then(|permits| permits.split(1)));
                (indexes[position], put.map_err(OperationError::from))
            })
        };
        begin.flatten_stream()
    }

    /// Collects the results of `count` items by their indexes: the known ones, and those that `work` yields before the
    /// store timeout. An item without a result has failed.
    pub(super) async fn collect_results<T>(
        &self,
        count: usize,
        known: impl IntoIterator<Item = (usize, Result<T, OperationError>)>,
        work: impl Stream<Item = (usize, Result<T, OperationError>)>,
    ) -> Vec<Result<T, OperationError>> {
        let mut results: Vec<_> = std::iter::repeat_with(|| None).take(count).collect();
        known.into_iter().for_each(|(index, result)| results[index] = Some(result));
        let all = work.for_each(|(index, result)| {
            results[index] = Some(result);
            future::ready(())
        });
        // Results from before the deadline stay valid after it.
        let _ = tokio::time::timeout(self.store_timeout, all).await;
        let late = || Err(StoreError::Unavailable("no answer in time".into()).into());
        results.into_iter().map(|result| result.unwrap_or_else(late)).collect()
    }
}

/// The problem of an item for which the operation failed.
pub(super) fn problem_of(error: &OperationError) -> ItemProblem {
    failures::response_to::<ItemFailure>(error).0
}

pub(super) fn item_problem<const STATUS: u16>(detail: &str) -> ItemProblem {
    ItemProblem::new(status_code::<STATUS>().as_u16(), detail.to_owned())
}

/// Logs one line, however many items failed.
pub(super) fn log_causes<T>(results: &[Result<T, OperationError>], context: &RequestContext<'_>) {
    let mut causes = results.iter().filter_map(|result| result.as_ref().err()?.cause_to_log());
    if let Some(first) = causes.next() {
        let failed = causes.count() + 1;
        error!(span = context.span_id(); "{failed} of {} items failed: {}", results.len(), chain(first));
    }
}
