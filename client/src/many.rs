//! Many messages at a time: what is ready goes by one request, and each has a result of its own.

use futures::FutureExt as _;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use message_to_hash_api::models::{BatchResult, ItemProblem, LookupResult, MessageBatch, MessageLookup};
use message_to_hash_api::{AddMessageBatchResponse, Api as _, LookUpMessagesResponse};
use swagger::ApiError;

use crate::attempts::Attempts;
use crate::client::{ABSENT, Client, Stored, check_digest, check_message, unexpected};
use crate::exchange::Call;
use crate::{Error, MessageHash};

/// Items of one request: as many as a server stores at once.
const MOST: usize = 250;
/// Bytes of the messages of one request, unless it is one message: as JSON, six times as many are no more than a
/// server takes.
const MOST_BYTES: usize = 1_000_000;
/// Bytes of an answer to such a request, whatever the largest message: the contract bounds its messages to 6 MiB.
const ANSWER_BYTES: usize = 7 << 20;

impl Client {
    /// Stores many messages, by [some](crate::Builder::concurrency) requests at a time: a result for each, in their order.
    /// A request has whatever is ready, up to 250 messages and 1 MB. A failure ends nothing; whoever wants to stop at
    /// one drops the stream.
    pub fn put_all<'a, M: AsRef<str> + Send + Sync + 'a>(
        &'a self,
        messages: impl Stream<Item = M> + Send + 'a,
    ) -> BoxStream<'a, Result<Stored, Error>> {
        let batches = batches(messages, |message| message.as_ref().len());
        let put = move |batch: Vec<M>| async move { stream::iter(self.put_batch(&batch).await) };
        batches.map(put).buffered(self.concurrency).flatten().boxed()
    }

    /// As [`get`](Self::get) for many, by [some](crate::Builder::concurrency) requests at a time: a result for each,
    /// in their order.
    pub fn get_all<'a>(
        &'a self,
        hashes: impl Stream<Item = MessageHash> + Send + 'a,
    ) -> BoxStream<'a, Result<Option<String>, Error>> {
        let get = move |batch: Vec<_>| async move { stream::iter(self.get_batch(&batch).await) };
        batches(hashes, |_| 0).map(get).buffered(self.concurrency).flatten().boxed()
    }

    async fn put_batch<M: AsRef<str> + Sync>(&self, messages: &[M]) -> Vec<Result<Stored, Error>> {
        if let [message] = messages {
            return vec![self.put(message.as_ref()).await];
        }
        let items = messages.iter().map(|message| (message.as_ref(), MessageHash::of(message.as_ref())));
        let mut results = self.for_each(items.collect(), |items, call| self.send(items, call)).await;
        // A proxy may take less at once than the server does.
        if results.iter().all(is_too_large) {
            for (message, result) in messages.iter().zip(&mut results) {
                *result = self.put(message.as_ref()).await;
            }
        }
        results
    }

    async fn get_batch(&self, hashes: &[MessageHash]) -> Vec<Result<Option<String>, Error>> {
        if let [hash] = hashes {
            return vec![self.get(*hash).await];
        }
        let mut results = self.for_each(hashes.to_vec(), |hashes, call| self.look_up(hashes, call)).await;
        // The answer had no room for it.
        for (hash, result) in hashes.iter().zip(&mut results).filter(|(_, result)| is_too_large(result)) {
            *result = self.get(*hash).await;
        }
        results
    }

    /// A result for each item. The request is repeated for what fails for a while, and for that alone.
    async fn for_each<I: Copy, T, A>(
        &self,
        items: Vec<I>,
        ask: impl Fn(Vec<I>, Call) -> A,
    ) -> Vec<Result<T, Error>>
    where
        A: Future<Output = Result<Vec<Result<T, Error>>, Error>>,
    {
        let mut results: Vec<_> = items.iter().map(|_| Err(Error::TimedOut)).collect();
        let mut wanted: Vec<_> = (0..items.len()).collect();
        let mut attempts = Attempts::begin(self.patience);
        loop {
            let asked = wanted.iter().map(|number| items[*number]).collect();
            let failure = match attempts.run(&self.tokens, |call| ask(asked, call)).await {
                Ok(answers) => {
                    for (number, answer) in wanted.iter().zip(answers) {
                        results[*number] = answer;
                    }
                    wanted.retain(|number| results[*number].as_ref().is_err_and(Error::is_temporary));
                    wanted.first().and_then(|number| results[*number].as_ref().err().cloned())
                }
                Err(error) => {
                    for number in &wanted {
                        results[*number] = Err(error.clone());
                    }
                    Some(error)
                }
            };
            let Some(failure) = failure else { return results };
            if attempts.pause_after(failure).await.is_err() {
                return results;
            }
        }
    }

    async fn send(
        &self,
        items: Vec<(&str, MessageHash)>,
        call: Call,
    ) -> Result<Vec<Result<Stored, Error>>, Error> {
        let call = call.with_answer_bytes(ANSWER_BYTES);
        let batch =
            MessageBatch { messages: items.iter().map(|(message, _)| (*message).to_owned()).collect() };
        let results = match self.generated.add_message_batch(batch, &call).await {
            Ok(AddMessageBatchResponse::Processed { body, .. }) => body.results,
            Ok(_) => return Err(unexpected()),
            Err(ApiError(text)) => return Err(call.failed(&text)),
        };
        check_number(items.len(), results.len())?;
        Ok(items.into_iter().zip(results).map(|((_, hash), result)| stored(hash, result)).collect())
    }

    async fn look_up(
        &self,
        hashes: Vec<MessageHash>,
        call: Call,
    ) -> Result<Vec<Result<Option<String>, Error>>, Error> {
        let call = call.with_answer_bytes(ANSWER_BYTES);
        let lookup = MessageLookup { digests: hashes.iter().map(ToString::to_string).collect() };
        let results = match self.generated.look_up_messages(lookup, &call).await {
            Ok(LookUpMessagesResponse::Processed { body, .. }) => body.results,
            Ok(_) => return Err(unexpected()),
            Err(ApiError(text)) => return Err(call.failed(&text)),
        };
        check_number(hashes.len(), results.len())?;
        Ok(hashes.into_iter().zip(results).map(|(hash, result)| found(hash, result)).collect())
    }
}

/// Whatever is ready, together, up to the bounds of a request.
fn batches<T: Send>(
    items: impl Stream<Item = T> + Send,
    bytes_of: impl Fn(&T) -> usize + Copy + Send,
) -> impl Stream<Item = Vec<T>> + Send {
    stream::unfold(Box::pin(items.peekable()), move |mut items| async move {
        let first = items.next().await?;
        let mut bytes = bytes_of(&first);
        let mut batch = vec![first];
        while batch.len() < MOST
            && let Some(Some(next)) = items.as_mut().peek().now_or_never()
            && bytes + bytes_of(next) <= MOST_BYTES
        {
            bytes += bytes_of(next);
            batch.extend(items.next().await);
        }
        Some((batch, items))
    })
}

fn is_too_large<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::MessageTooLarge(_)))
}

fn stored(hash: MessageHash, result: BatchResult) -> Result<Stored, Error> {
    check_digest(hash, &result.digest)?;
    match (result.created, result.problem) {
        (Some(new), None) => Ok(Stored { hash, new }),
        (None, Some(problem)) => Err(failed(problem)),
        _ => Err(unexpected()),
    }
}

fn found(hash: MessageHash, result: LookupResult) -> Result<Option<String>, Error> {
    match (result.message, result.problem) {
        (Some(message), None) => check_message(hash, message).map(Some),
        (None, Some(_)) if result.digest.parse() != Ok(hash) => Err(unexpected()),
        (None, Some(problem)) if problem.status == 404 && problem.detail == ABSENT => Ok(None),
        (None, Some(problem)) => Err(failed(problem)),
        _ => Err(unexpected()),
    }
}

fn failed(ItemProblem { status, detail }: ItemProblem) -> Error {
    Error::of_answer(status, &detail, None)
}

/// Whether each item has a result.
fn check_number(asked: usize, given: usize) -> Result<(), Error> {
    if asked == given {
        return Ok(());
    }
    Err(Error::not_understood(&format!("it has {given} results for {asked}")))
}
