//! The calls on streams of messages: items that are ready share a request, and each item gets its own result.

use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use message_to_hash_api::models::{BatchResult, ItemProblem, LookupResult, MessageBatch, MessageLookup};
use message_to_hash_api::{AddMessageBatchResponse, Api as _, LookUpMessagesResponse};
use swagger::ApiError;

use crate::attempts::Attempts;
use crate::client::{Client, NOT_FOUND_DETAIL, PutResult, check_digest, check_message, unexpected_response};
use crate::transport::CallContext;
use crate::{Error, MessageHash};

/// The most items in one request. The server passes that many messages to its store at once.
pub const MAX_BATCH_MESSAGES: usize = 250;
/// The most bytes of messages in one request; a single message may be larger. Batching saves the cost of a request per
/// message, so larger batches save little, and delay all their results on a slow connection.
pub const MAX_BATCH_BYTES: usize = 32 << 10;
/// The delay after a temporary failure of one item. Results of a batch carry no `Retry-After`; a single request would
/// get this one.
const ITEM_RETRY_AFTER: Duration = Duration::from_secs(1);
/// The most bytes in the response to a batch. The contract limits the messages in it to 6 MiB.
const MAX_RESPONSE_BYTES: usize = 7 << 20;

impl Client {
    /// Stores a stream of messages, and returns one result per message, in order.
    ///
    /// Messages that are ready share a request, up to [`MAX_BATCH_MESSAGES`] and [`MAX_BATCH_BYTES`]. Up to
    /// [`concurrency`](crate::Builder::concurrency) requests are in flight. After an error the stream continues with
    /// the next message; drop it to stop.
    ///
    /// Requests make progress only while the stream is polled, but their timeouts run all the time. So process results
    /// that take long in another task.
    pub fn put_all<'a, M: AsRef<str> + Send + Sync + 'a>(
        &'a self,
        messages: impl Stream<Item = M> + Send + 'a,
    ) -> BoxStream<'a, Result<PutResult, Error>> {
        let batches = into_batches(messages, |message| message.as_ref().len());
        let put = move |batch: Vec<M>| async move {
            let results = self.put_batch(&batch).await;
            stream::iter(batch.into_iter().zip(results))
        };
        let retry_alone = async |(message, result): (M, Result<_, ItemError>)| match result {
            Err(error) if error.retry_alone => self.put(message.as_ref()).await,
            result => result.map_err(|error| error.error),
        };
        batches.map(put).buffered(self.concurrency).flatten().then(retry_alone).boxed()
    }

    /// Looks up a stream of hashes, and returns one result per hash, in order: the verified message, or `None` if it is
    /// not stored. Batching, concurrency and errors are those of [`put_all`](Self::put_all).
    pub fn get_all<'a>(
        &'a self,
        hashes: impl Stream<Item = MessageHash> + Send + 'a,
    ) -> BoxStream<'a, Result<Option<String>, Error>> {
        let get = move |batch: Vec<MessageHash>| async move {
            let results = self.get_batch(&batch).await;
            stream::iter(batch.into_iter().zip(results))
        };
        let retry_alone = async |(hash, result): (MessageHash, Result<_, ItemError>)| match result {
            Err(error) if error.retry_alone => self.get(hash).await,
            result => result.map_err(|error| error.error),
        };
        into_batches(hashes, |_| 0).map(get).buffered(self.concurrency).flatten().then(retry_alone).boxed()
    }

    async fn put_batch<M: AsRef<str> + Sync>(&self, messages: &[M]) -> Vec<Result<PutResult, ItemError>> {
        if let [message] = messages {
            return vec![self.put(message.as_ref()).await.map_err(ItemError::from)];
        }
        let items =
            messages.iter().map(|message| (message.as_ref(), MessageHash::from_message(message.as_ref())));
        self.run_batch(items.collect(), |items, call| self.send_batch(items, call)).await
    }

    async fn get_batch(&self, hashes: &[MessageHash]) -> Vec<Result<Option<String>, ItemError>> {
        if let [hash] = hashes {
            return vec![self.get(*hash).await.map_err(ItemError::from)];
        }
        self.run_batch(hashes.to_vec(), |hashes, call| self.look_up_batch(hashes, call)).await
    }

    /// Sends a batch, and returns one result per item. A retry holds only the items that failed temporarily.
    async fn run_batch<I: Copy, T, A>(
        &self,
        items: Vec<I>,
        send: impl Fn(Vec<I>, CallContext) -> A,
    ) -> Vec<Result<T, ItemError>>
    where
        A: Future<Output = Result<Vec<Result<T, ItemError>>, Error>>,
    {
        let mut results: Vec<_> = items.iter().map(|_| Err(Error::TimedOut.into())).collect();
        let mut pending: Vec<_> = (0..items.len()).collect();
        let mut attempts = Attempts::start(self.retry_policy);
        loop {
            let batch = pending.iter().map(|index| items[*index]).collect();
            let last_error = match attempts.run(&self.token_source, |call| send(batch, call)).await {
                Ok(batch_results) => {
                    for (index, result) in pending.iter().zip(batch_results) {
                        results[*index] = result;
                    }
                    pending.retain(|index| {
                        results[*index].as_ref().is_err_and(|error| error.error.is_temporary())
                    });
                    pending.first().and_then(|index| Some(results[*index].as_ref().err()?.error.clone()))
                }
                Err(error) => {
                    let retry_alone = matches!(error, Error::MessageTooLarge(_) | Error::Refused(_));
                    for index in &pending {
                        results[*index] = Err(ItemError { error: error.clone(), retry_alone });
                    }
                    Some(error)
                }
            };
            let Some(last_error) = last_error else { return results };
            if attempts.wait_before_retry(last_error).await.is_err() {
                return results;
            }
        }
    }

    async fn send_batch(
        &self,
        items: Vec<(&str, MessageHash)>,
        call: CallContext,
    ) -> Result<Vec<Result<PutResult, ItemError>>, Error> {
        let call = call.with_max_response_bytes(MAX_RESPONSE_BYTES);
        let batch =
            MessageBatch { messages: items.iter().map(|(message, _)| (*message).to_owned()).collect() };
        let results = match self.generated.add_message_batch(batch, &call).await {
            Ok(AddMessageBatchResponse::Processed { body, .. }) => body.results,
            Ok(_) => return Err(unexpected_response()),
            Err(ApiError(text)) => return Err(call.into_error(&text)),
        };
        check_result_count(items.len(), results.len())?;
        Ok(items.into_iter().zip(results).map(|((_, hash), result)| put_result(hash, result)).collect())
    }

    async fn look_up_batch(
        &self,
        hashes: Vec<MessageHash>,
        call: CallContext,
    ) -> Result<Vec<Result<Option<String>, ItemError>>, Error> {
        let call = call.with_max_response_bytes(MAX_RESPONSE_BYTES);
        let lookup = MessageLookup { digests: hashes.iter().map(ToString::to_string).collect() };
        let results = match self.generated.look_up_messages(lookup, &call).await {
            Ok(LookUpMessagesResponse::Processed { body, .. }) => body.results,
            Ok(_) => return Err(unexpected_response()),
            Err(ApiError(text)) => return Err(call.into_error(&text)),
        };
        check_result_count(hashes.len(), results.len())?;
        Ok(hashes.into_iter().zip(results).map(|(hash, result)| lookup_result(hash, result)).collect())
    }
}

/// Groups items that are ready at the same time, up to the limits of a request.
fn into_batches<T: Send>(
    items: impl Stream<Item = T> + Send,
    bytes_of: impl Fn(&T) -> usize + Copy + Send,
) -> impl Stream<Item = Vec<T>> + Send {
    stream::unfold(Box::pin(items.peekable()), move |mut items| async move {
        let first = items.next().await?;
        let mut bytes = bytes_of(&first);
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH_MESSAGES
            && let Some(Some(next)) = items.as_mut().peek().now_or_never()
            && bytes + bytes_of(next) <= MAX_BATCH_BYTES
        {
            bytes += bytes_of(next);
            batch.extend(items.next().await);
        }
        Some((batch, items))
    })
}

/// The error of one item in a batch.
struct ItemError {
    error: Error,
    /// Whether the item may succeed in a separate request: the response had no room for it, or the whole batch was
    /// rejected.
    retry_alone: bool,
}

impl From<Error> for ItemError {
    fn from(error: Error) -> Self {
        Self { error, retry_alone: false }
    }
}

fn put_result(hash: MessageHash, result: BatchResult) -> Result<PutResult, ItemError> {
    check_digest(hash, &result.digest)?;
    match (result.created, result.problem) {
        (Some(new), None) => Ok(PutResult { hash, new }),
        (None, Some(problem)) => Err(item_error(problem).into()),
        _ => Err(unexpected_response().into()),
    }
}

fn lookup_result(hash: MessageHash, result: LookupResult) -> Result<Option<String>, ItemError> {
    match (result.message, result.problem) {
        (Some(message), None) => Ok(Some(check_message(hash, message)?)),
        (None, Some(_)) if result.digest.parse() != Ok(hash) => Err(unexpected_response().into()),
        (None, Some(problem)) if problem.status == 404 && problem.detail == NOT_FOUND_DETAIL => Ok(None),
        (None, Some(problem)) => {
            let error = item_error(problem);
            let retry_alone = matches!(error, Error::MessageTooLarge(_));
            Err(ItemError { error, retry_alone })
        }
        _ => Err(unexpected_response().into()),
    }
}

fn item_error(ItemProblem { status, detail }: ItemProblem) -> Error {
    Error::from_response(status, &detail, Some(ITEM_RETRY_AFTER))
}

/// Checks that the response has one result per item.
fn check_result_count(expected: usize, actual: usize) -> Result<(), Error> {
    if expected == actual {
        return Ok(());
    }
    Err(Error::invalid_response(&format!("it has {actual} results for {expected}")))
}
