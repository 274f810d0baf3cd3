//! Many messages at a time: what is ready goes by one request, and each has a result of its own.

use std::time::Duration;

use futures::FutureExt as _;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use message_to_hash_api::models::{BatchResult, ItemProblem, LookupResult, MessageBatch, MessageLookup};
use message_to_hash_api::{AddMessageBatchResponse, Api as _, LookUpMessagesResponse};
use swagger::ApiError;

use crate::attempts::Attempts;
use crate::client::{ABSENT, Client, Stored, check_digest, check_message, unexpected};
use crate::exchange::Call;
use crate::{Error, MessageHash};

/// Messages of one request: as many as a server stores at once.
pub const BATCH_MESSAGES: usize = 250;
/// Bytes of the messages of one request, unless it is one message. It is the number of messages that is worth a
/// request together; more bytes would only be late together, where a connection is slow.
pub const BATCH_BYTES: usize = 32 << 10;
/// After an answer that one message could not be stored or read for a while: what the service says in `Retry-After`
/// where it is asked for one alone.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Bytes of an answer to such a request, whatever the largest message: the contract bounds its messages to 6 MiB.
const ANSWER_BYTES: usize = 7 << 20;

impl Client {
    /// Stores many messages, by [some](crate::Builder::concurrency) requests at a time: a result for each, in their
    /// order. A request has whatever is ready, up to [`BATCH_MESSAGES`] and [`BATCH_BYTES`]. A failure ends nothing;
    /// whoever wants to stop at one drops the stream. Requests under way go on only while results are taken, and their
    /// time runs meanwhile: put aside what needs long.
    pub fn put_all<'a, M: AsRef<str> + Send + Sync + 'a>(
        &'a self,
        messages: impl Stream<Item = M> + Send + 'a,
    ) -> BoxStream<'a, Result<Stored, Error>> {
        let batches = batches(messages, |message| message.as_ref().len());
        let put = move |batch: Vec<M>| async move {
            let results = self.put_batch(&batch).await;
            stream::iter(batch.into_iter().zip(results))
        };
        let again = async |(message, result): (M, Result<_, Failed>)| match result {
            Err(failed) if failed.together => self.put(message.as_ref()).await,
            result => result.map_err(|failed| failed.error),
        };
        batches.map(put).buffered(self.concurrency).flatten().then(again).boxed()
    }

    /// As [`get`](Self::get) for many, by [some](crate::Builder::concurrency) requests at a time: a result for each,
    /// in their order. What is said of [`put_all`](Self::put_all) holds here, too.
    pub fn get_all<'a>(
        &'a self,
        hashes: impl Stream<Item = MessageHash> + Send + 'a,
    ) -> BoxStream<'a, Result<Option<String>, Error>> {
        let get = move |batch: Vec<MessageHash>| async move {
            let results = self.get_batch(&batch).await;
            stream::iter(batch.into_iter().zip(results))
        };
        let again = async |(hash, result): (MessageHash, Result<_, Failed>)| match result {
            Err(failed) if failed.together => self.get(hash).await,
            result => result.map_err(|failed| failed.error),
        };
        batches(hashes, |_| 0).map(get).buffered(self.concurrency).flatten().then(again).boxed()
    }

    async fn put_batch<M: AsRef<str> + Sync>(&self, messages: &[M]) -> Vec<Result<Stored, Failed>> {
        if let [message] = messages {
            return vec![self.put(message.as_ref()).await.map_err(Failed::from)];
        }
        let items = messages.iter().map(|message| (message.as_ref(), MessageHash::of(message.as_ref())));
        self.for_each(items.collect(), |items, call| self.send(items, call)).await
    }

    async fn get_batch(&self, hashes: &[MessageHash]) -> Vec<Result<Option<String>, Failed>> {
        if let [hash] = hashes {
            return vec![self.get(*hash).await.map_err(Failed::from)];
        }
        self.for_each(hashes.to_vec(), |hashes, call| self.look_up(hashes, call)).await
    }

    /// A result for each item. The request is repeated for what fails for a while, and for that alone.
    async fn for_each<I: Copy, T, A>(
        &self,
        items: Vec<I>,
        ask: impl Fn(Vec<I>, Call) -> A,
    ) -> Vec<Result<T, Failed>>
    where
        A: Future<Output = Result<Vec<Result<T, Failed>>, Error>>,
    {
        let mut results: Vec<_> = items.iter().map(|_| Err(Error::TimedOut.into())).collect();
        let mut wanted: Vec<_> = (0..items.len()).collect();
        let mut attempts = Attempts::begin(self.patience);
        loop {
            let asked = wanted.iter().map(|number| items[*number]).collect();
            let failure = match attempts.run(&self.tokens, |call| ask(asked, call)).await {
                Ok(answers) => {
                    for (number, answer) in wanted.iter().zip(answers) {
                        results[*number] = answer;
                    }
                    wanted.retain(|number| {
                        results[*number].as_ref().is_err_and(|failed| failed.error.is_temporary())
                    });
                    wanted.first().and_then(|number| Some(results[*number].as_ref().err()?.error.clone()))
                }
                Err(error) => {
                    let together = matches!(error, Error::MessageTooLarge(_) | Error::Refused(_));
                    for number in &wanted {
                        results[*number] = Err(Failed { error: error.clone(), together });
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
    ) -> Result<Vec<Result<Stored, Failed>>, Error> {
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
    ) -> Result<Vec<Result<Option<String>, Failed>>, Error> {
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
        while batch.len() < BATCH_MESSAGES
            && let Some(Some(next)) = items.as_mut().peek().now_or_never()
            && bytes + bytes_of(next) <= BATCH_BYTES
        {
            bytes += bytes_of(next);
            batch.extend(items.next().await);
        }
        Some((batch, items))
    })
}

/// Why there is no result for a message of many.
struct Failed {
    error: Error,
    /// Alone it may fare better: the answer had no room for it, or somebody refused the request as a whole.
    together: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, together: false }
    }
}

fn stored(hash: MessageHash, result: BatchResult) -> Result<Stored, Failed> {
    check_digest(hash, &result.digest)?;
    match (result.created, result.problem) {
        (Some(new), None) => Ok(Stored { hash, new }),
        (None, Some(problem)) => Err(reason(problem).into()),
        _ => Err(unexpected().into()),
    }
}

fn found(hash: MessageHash, result: LookupResult) -> Result<Option<String>, Failed> {
    match (result.message, result.problem) {
        (Some(message), None) => Ok(Some(check_message(hash, message)?)),
        (None, Some(_)) if result.digest.parse() != Ok(hash) => Err(unexpected().into()),
        (None, Some(problem)) if problem.status == 404 && problem.detail == ABSENT => Ok(None),
        (None, Some(problem)) => {
            let error = reason(problem);
            let together = matches!(error, Error::MessageTooLarge(_));
            Err(Failed { error, together })
        }
        _ => Err(unexpected().into()),
    }
}

fn reason(ItemProblem { status, detail }: ItemProblem) -> Error {
    Error::of_answer(status, &detail, Some(RETRY_AFTER))
}

/// Whether each item has a result.
fn check_number(asked: usize, given: usize) -> Result<(), Error> {
    if asked == given {
        return Ok(());
    }
    Err(Error::not_understood(&format!("it has {given} results for {asked}")))
}
