//! The calls: each is repeated while that helps, and what comes back is checked.

use std::time::Duration;

use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _};
use log::debug;
use message_to_hash_api::models::{Message, MessageDigest, Problem};
use message_to_hash_api::{AddMessageResponse, Api as _, Client as Generated, GetMessageByHashResponse};
use swagger::ApiError;
use tokio::time::{Instant, sleep, timeout};

use crate::backoff::wait;
use crate::exchange::{Call, Exchange};
use crate::token::Tokens;
use crate::{Answer, Builder, ConfigError, Error, MessageHash};

/// A client of one messageToHash service. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    generated: Generated<Exchange, Call>,
    tokens: Tokens,
    patience: Patience,
    concurrency: usize,
}

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) attempts: u32,
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
}

/// What became of a message that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The hash that gives the message back.
    pub hash: MessageHash,
    /// Whether it was not stored before. A repeated attempt may find what the first one has stored.
    pub new: bool,
}

impl Client {
    /// A client of the service at this URL (http or https, perhaps with a path), with all defaults.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub fn new(base_url: impl Into<String>) -> Result<Self, ConfigError> {
        Self::builder(base_url).build()
    }

    /// As [`new`](Self::new), for all that can be said beside.
    pub fn builder(base_url: impl Into<String>) -> Builder {
        Builder::new(base_url.into())
    }

    pub(crate) fn from_parts(
        generated: Generated<Exchange, Call>,
        tokens: Tokens,
        patience: Patience,
        concurrency: usize,
    ) -> Self {
        Self { generated, tokens, patience, concurrency }
    }

    /// Stores a message, and returns its hash once the message is durable.
    ///
    /// # Errors
    /// [`Error`]. The message may be stored all the same: put it again, as often as you like.
    pub async fn put(&self, message: &str) -> Result<Stored, Error> {
        let hash = MessageHash::of(message);
        let attempt = |call: Call| async move {
            let sent = Message { message: message.to_owned() };
            let (MessageDigest { digest }, new) = match self.generated.add_message(sent, &call).await {
                Ok(AddMessageResponse::Created { body, .. }) => (body, true),
                Ok(AddMessageResponse::AlreadyStored { body, .. }) => (body, false),
                Ok(_) => return Err(unexpected()),
                Err(ApiError(text)) => return Err(call.failed(&text)),
            };
            match digest.parse() {
                Ok(given) if given == hash => Ok(Stored { hash, new }),
                Ok(given) => Err(Error::WrongDigest { message: hash, given }),
                Err(_) => Err(Error::not_understood(&format!("{digest:?} is no digest"))),
            }
        };
        self.repeat(attempt).await
    }

    /// The message that has this hash, verified against it; `None` if the service has none.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn get(&self, hash: MessageHash) -> Result<Option<String>, Error> {
        let attempt = |call: Call| async move {
            let message = match self.generated.get_message_by_hash(hash.to_string(), None, None, &call).await
            {
                Ok(GetMessageByHashResponse::Found { body, .. }) => body.message,
                Ok(GetMessageByHashResponse::NotFound { body, .. }) => return absent(body).map(|()| None),
                Ok(_) => return Err(unexpected()),
                Err(ApiError(text)) => return Err(call.failed(&text)),
            };
            match MessageHash::of(&message) {
                given if given == hash => Ok(Some(message)),
                given => Err(Error::WrongMessage { asked: hash, given }),
            }
        };
        self.repeat(attempt).await
    }

    /// Whether the service has a message with this hash, by its word: the message is not transferred.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn exists(&self, hash: MessageHash) -> Result<bool, Error> {
        let attempt = |call: Call| async move {
            // Whoever has any copy is told only that it is current.
            let any = Some("*".to_owned());
            match self.generated.get_message_by_hash(hash.to_string(), None, any, &call).await {
                Ok(GetMessageByHashResponse::NotModified { .. } | GetMessageByHashResponse::Found { .. }) => {
                    Ok(true)
                }
                Ok(GetMessageByHashResponse::NotFound { body, .. }) => absent(body).map(|()| false),
                Ok(_) => Err(unexpected()),
                Err(ApiError(text)) => Err(call.failed(&text)),
            }
        };
        self.repeat(attempt).await
    }

    /// Stores many messages, [some](Builder::concurrency) at a time: a result for each, in their order. A
    /// failure ends nothing; whoever wants to stop at one drops the stream.
    pub fn put_all<'a, M: AsRef<str> + Send + 'a>(
        &'a self,
        messages: impl Stream<Item = M> + Send + 'a,
    ) -> BoxStream<'a, Result<Stored, Error>> {
        let put = async |message: M| self.put(message.as_ref()).await;
        messages.map(put).buffered(self.concurrency).boxed()
    }

    /// As [`get`](Self::get) for many, [some](Builder::concurrency) at a time: a result for each, in their order.
    pub fn get_all<'a>(
        &'a self,
        hashes: impl Stream<Item = MessageHash> + Send + 'a,
    ) -> BoxStream<'a, Result<Option<String>, Error>> {
        hashes.map(|hash| self.get(hash)).buffered(self.concurrency).boxed()
    }

    /// Attempts until one succeeds, or failed for good, or it is time to give up. Every request of this service
    /// may be repeated.
    async fn repeat<T, A>(&self, attempt: impl Fn(Call) -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        let (begun, patience) = (Instant::now(), self.patience);
        let span_id = format!("{:032x}", fastrand::u128(..));
        let mut attempts = 1;
        loop {
            let one = async { attempt(Call::new(span_id.clone(), self.tokens.next().await?)).await };
            let left = patience.total.saturating_sub(begun.elapsed());
            let done = timeout(patience.attempt.min(left), one).await.unwrap_or(Err(Error::TimedOut));
            let error = match done {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let wait = wait(attempts, error.retry_after());
            let is_too_late = begun.elapsed().saturating_add(wait) >= patience.total;
            if !error.is_temporary() || attempts >= patience.attempts || is_too_late {
                debug!("{span_id}: attempt {attempts} was the last: {error}");
                return Err(error);
            }
            debug!("{span_id}: attempt {attempts}: {error}; the next in {wait:?}");
            sleep(wait).await;
            attempts += 1;
        }
    }
}

/// A 404 may also be of a path that is none, where the base URL has one too many: that says nothing of messages.
fn absent(problem: Problem) -> Result<(), Error> {
    match problem.err_msg.as_str() {
        "Message not found" => Ok(()),
        _ => Err(Error::Refused(Answer { status: 404, detail: problem.detail, retry_after: None })),
    }
}

/// An answer that is decoded, and not one to this request.
fn unexpected() -> Error {
    Error::not_understood("it is none to what was asked")
}
