//! The calls on single messages: each one retries temporary failures and verifies the response.

use message_to_hash_api::models::{Message, MessageDigest, Problem};
use message_to_hash_api::{
    AddMessageResponse, Api as _, Client as Generated, DeleteMessageResponse, GetMessageByHashResponse,
};
use swagger::ApiError;

use crate::attempts::{Attempts, RetryPolicy};
use crate::token::TokenSource;
use crate::transport::{CallContext, Transport};
use crate::{Builder, ConfigError, Error, ErrorResponse, MessageHash};

/// The detail of the service's 404 for a message that is not stored. Other 404s come from a wrong path or a proxy.
pub(crate) const NOT_FOUND_DETAIL: &str = "Message not found";

/// A client of one messageToHash service. It is cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) generated: Generated<Transport, CallContext>,
    pub(crate) token_source: TokenSource,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) concurrency: usize,
}

/// The result of storing a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutResult {
    /// The hash of the message, for [`Client::get`].
    pub hash: MessageHash,
    /// True if this call stored the message, false if it was stored before. It is also false if a first attempt stored
    /// the message and its response was lost.
    pub new: bool,
}

impl Client {
    /// Creates a client with default settings. `base_url` is http or https, and may have a path.
    ///
    /// # Errors
    /// [`ConfigError::BaseUrl`] if `base_url` is not such a URL; [`ConfigError::Certificates`] if it is https and the
    /// system has no CA certificates.
    pub fn new(base_url: impl Into<String>) -> Result<Self, ConfigError> {
        Self::builder(base_url).build()
    }

    /// Returns a [`Builder`], for a client with other settings.
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

    /// Stores a message, and returns its hash once the server has stored it durably.
    ///
    /// # Errors
    /// Any [`Error`]. The message may be stored although the call failed. Storing it again is safe.
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

    /// Returns the message with this hash, or `None` if it is not stored. The message is verified against the hash.
    ///
    /// # Errors
    /// [`Error::WrongMessage`] if the message has another hash, or any other [`Error`].
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

    /// Returns whether a message with this hash is stored. The message is not transferred, so the answer of the service
    /// is not verified.
    ///
    /// # Errors
    /// Any [`Error`].
    pub async fn exists(&self, hash: MessageHash) -> Result<bool, Error> {
        let attempt = |call: CallContext| async move {
            // `If-None-Match: *` matches any stored message: 304, without a body (RFC 9110, section 13.1.2).
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

    /// Deletes the message with this hash. It succeeds too if the message is not stored. Where the service checks
    /// tokens, the token needs the scope for deletion. A deleted message can be stored again.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the token lacks the scope, or any other [`Error`]. The message may be deleted although
    /// the call failed. Deleting it again is safe.
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

    /// Runs attempts until one succeeds, fails permanently, or reaches a limit. Retrying is safe, since every request
    /// of this service is idempotent.
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

/// Checks that the server acknowledged the digest of the message that was sent.
pub(crate) fn check_digest(message: MessageHash, digest: &str) -> Result<(), Error> {
    match digest.parse() {
        Ok(given) if given == message => Ok(()),
        Ok(given) => Err(Error::WrongDigest { message, given }),
        Err(_) => Err(Error::invalid_response(&format!("{digest:?} is not a digest"))),
    }
}

/// Returns the message if it has the expected hash.
pub(crate) fn check_message(expected: MessageHash, message: String) -> Result<String, Error> {
    match MessageHash::from_message(&message) {
        given if given == expected => Ok(message),
        given => Err(Error::WrongMessage { asked: expected, given }),
    }
}

/// Checks that a 404 is about the message. A 404 about the path means that the base URL is wrong.
fn check_not_found(problem: Problem) -> Result<(), Error> {
    match problem.err_msg.as_str() {
        NOT_FOUND_DETAIL => Ok(()),
        _ => Err(Error::Refused(ErrorResponse { status: 404, detail: problem.detail, retry_after: None })),
    }
}

/// The error for a well-formed response that does not belong to the request.
pub(crate) fn unexpected_response() -> Error {
    Error::invalid_response("it does not belong to the request")
}
