//! The calls: each is repeated while that helps, and what comes back is checked.

use message_to_hash_api::models::{Message, MessageDigest, Problem};
use message_to_hash_api::{
    AddMessageResponse, Api as _, Client as Generated, DeleteMessageResponse, GetMessageByHashResponse,
};
use swagger::ApiError;

use crate::attempts::{Attempts, Patience};
use crate::exchange::{Call, Exchange};
use crate::token::Tokens;
use crate::{Answer, Builder, ConfigError, Error, MessageHash};

/// What the service says of a message that it does not have.
pub(crate) const ABSENT: &str = "Message not found";

/// A client of one messageToHash service. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) generated: Generated<Exchange, Call>,
    pub(crate) tokens: Tokens,
    pub(crate) patience: Patience,
    pub(crate) concurrency: usize,
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
            check_digest(hash, &digest).map(|()| Stored { hash, new })
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
            check_message(hash, message).map(Some)
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

    /// Has the service forget the message that has this hash, if it has it. That takes a token whose scope is to
    /// delete; the message can be put again.
    ///
    /// # Errors
    /// [`Error`]. The message may be gone all the same: delete it again, as often as you like.
    pub async fn delete(&self, hash: MessageHash) -> Result<(), Error> {
        let attempt = |call: Call| async move {
            match self.generated.delete_message(hash.to_string(), None, &call).await {
                Ok(DeleteMessageResponse::Deleted { .. }) => Ok(()),
                Ok(_) => Err(unexpected()),
                Err(ApiError(text)) => Err(call.failed(&text)),
            }
        };
        self.repeat(attempt).await
    }

    /// Attempts until one succeeds, or failed for good, or it is time to give up. Every request of this service
    /// may be repeated.
    async fn repeat<T, A>(&self, attempt: impl Fn(Call) -> A) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        let mut attempts = Attempts::begin(self.patience);
        loop {
            match attempts.run(&self.tokens, &attempt).await {
                Ok(done) => return Ok(done),
                Err(error) => attempts.pause_after(error).await?,
            }
        }
    }
}

/// Whether the digest that came is that of the message.
pub(crate) fn check_digest(message: MessageHash, digest: &str) -> Result<(), Error> {
    match digest.parse() {
        Ok(given) if given == message => Ok(()),
        Ok(given) => Err(Error::WrongDigest { message, given }),
        Err(_) => Err(Error::not_understood(&format!("{digest:?} is no digest"))),
    }
}

/// The message, if it is the one that was asked for.
pub(crate) fn check_message(asked: MessageHash, message: String) -> Result<String, Error> {
    match MessageHash::of(&message) {
        given if given == asked => Ok(message),
        given => Err(Error::WrongMessage { asked, given }),
    }
}

/// A 404 may also be of a path that is none, where the base URL has one too many: that says nothing of messages.
fn absent(problem: Problem) -> Result<(), Error> {
    match problem.err_msg.as_str() {
        ABSENT => Ok(()),
        _ => Err(Error::Refused(Answer { status: 404, detail: problem.detail, retry_after: None })),
    }
}

/// An answer that is decoded, and not one to this request.
pub(crate) fn unexpected() -> Error {
    Error::not_understood("it is none to what was asked")
}
