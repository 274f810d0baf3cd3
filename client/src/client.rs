//! The calls: each is repeated while that helps, and what comes back is checked.

use message_to_hash_api::models::{Message, MessageDigest, Problem};
use message_to_hash_api::{
    AddMessageResponse, Api as _, Client as Generated, DeleteMessageResponse, GetMessageByHashResponse,
};
use swagger::ApiError;

use crate::attempts::{Attempts, RetryPolicy};
use crate::token::TokenSource;
use crate::transport::{CallContext, Transport};
use crate::{Builder, ConfigError, Error, ErrorResponse, MessageHash};

/// What the service says of a message that it does not have.
pub(crate) const NOT_FOUND_DETAIL: &str = "Message not found";

/// A client of one messageToHash service. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) generated: Generated<Transport, CallContext>,
    pub(crate) token_source: TokenSource,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) concurrency: usize,
}

/// What became of a message that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutResult {
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
        generated: Generated<Transport, CallContext>,
        token_source: TokenSource,
        retry_policy: RetryPolicy,
        concurrency: usize,
    ) -> Self {
        Self { generated, token_source, retry_policy, concurrency }
    }

    /// Stores a message, and returns its hash once the message is durable.
    ///
    /// # Errors
    /// [`Error`]. The message may be stored all the same: put it again, as often as you like.
    pub async fn put(&self, message: &str) -> Result<PutResult, Error> {
        let hash = MessageHash::from_message(message);
        let attempt = |call: CallContext| async move {
            let sent = Message { message: message.to_owned() };
            let (MessageDigest { digest }, new) = match self.generated.add_message(sent, &call).await {
                Ok(AddMessageResponse::Created { body, .. }) => (body, true),
                Ok(AddMessageResponse::AlreadyStored { body, .. }) => (body, false),
                Ok(_) => return Err(unexpected_response()),
                Err(ApiError(text)) => return Err(call.into_error(&text)),
            };
            check_digest(hash, &digest).map(|()| PutResult { hash, new })
        };
        self.retry(attempt).await
    }

    /// The message that has this hash, verified against it; `None` if the service has none.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn get(&self, hash: MessageHash) -> Result<Option<String>, Error> {
        let attempt = |call: CallContext| async move {
            let message = match self.generated.get_message_by_hash(hash.to_string(), None, None, &call).await
            {
                Ok(GetMessageByHashResponse::Found { body, .. }) => body.message,
                Ok(GetMessageByHashResponse::NotFound { body, .. }) => {
                    return check_not_found(body).map(|()| None);
                }
                Ok(_) => return Err(unexpected_response()),
                Err(ApiError(text)) => return Err(call.into_error(&text)),
            };
            check_message(hash, message).map(Some)
        };
        self.retry(attempt).await
    }

    /// Whether the service has a message with this hash, by its word: the message is not transferred.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn exists(&self, hash: MessageHash) -> Result<bool, Error> {
        let attempt = |call: CallContext| async move {
            // Whoever has any copy is told only that it is current.
            let any = Some("*".to_owned());
            match self.generated.get_message_by_hash(hash.to_string(), None, any, &call).await {
                Ok(GetMessageByHashResponse::NotModified { .. } | GetMessageByHashResponse::Found { .. }) => {
                    Ok(true)
                }
                Ok(GetMessageByHashResponse::NotFound { body, .. }) => check_not_found(body).map(|()| false),
                Ok(_) => Err(unexpected_response()),
                Err(ApiError(text)) => Err(call.into_error(&text)),
            }
        };
        self.retry(attempt).await
    }

    /// Has the service forget the message that has this hash, if it has it. That takes a token whose scope is to
    /// delete; the message can be put again.
    ///
    /// # Errors
    /// [`Error`]. The message may be gone all the same: delete it again, as often as you like.
    pub async fn delete(&self, hash: MessageHash) -> Result<(), Error> {
        let attempt = |call: CallContext| async move {
            match self.generated.delete_message(hash.to_string(), None, &call).await {
                Ok(DeleteMessageResponse::Deleted { .. }) => Ok(()),
                Ok(_) => Err(unexpected_response()),
                Err(ApiError(text)) => Err(call.into_error(&text)),
            }
        };
        self.retry(attempt).await
    }

    /// Attempts until one succeeds, or failed for good, or it is time to give up. Every request of this service
    /// may be repeated.
    async fn retry<T, A>(&self, attempt: impl Fn(CallContext) -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        let mut attempts = Attempts::start(self.retry_policy);
        loop {
            match attempts.run(&self.token_source, &attempt).await {
                Ok(done) => return Ok(done),
                Err(error) => attempts.wait_before_retry(error).await?,
            }
        }
    }
}

/// Whether the digest that came is that of the message.
pub(crate) fn check_digest(message: MessageHash, digest: &str) -> Result<(), Error> {
    match digest.parse() {
        Ok(given) if given == message => Ok(()),
        Ok(given) => Err(Error::WrongDigest { message, given }),
        Err(_) => Err(Error::invalid_response(&format!("{digest:?} is no digest"))),
    }
}

/// The message, if it is the one that was asked for.
pub(crate) fn check_message(expected: MessageHash, message: String) -> Result<String, Error> {
    match MessageHash::from_message(&message) {
        given if given == expected => Ok(message),
        given => Err(Error::WrongMessage { asked: expected, given }),
    }
}

/// A 404 may also be of a path that is none, where the base URL has one too many: that says nothing of messages.
fn check_not_found(problem: Problem) -> Result<(), Error> {
    match problem.err_msg.as_str() {
        NOT_FOUND_DETAIL => Ok(()),
        _ => Err(Error::Refused(ErrorResponse { status: 404, detail: problem.detail, retry_after: None })),
    }
}

/// An answer that is decoded, and not one to this request.
pub(crate) fn unexpected_response() -> Error {
    Error::invalid_response("it is none to what was asked")
}
