//! Why a call did not succeed, and whether it may when it is repeated.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::MessageHash;

/// Any error, of a part that is not named here.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Such an error that belongs to all results of one request.
pub type SharedError = Arc<dyn StdError + Send + Sync>;

/// Why a call did not succeed, after as many attempts as were worth it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The server cannot be reached, or the connection broke before the whole answer was there.
    #[error("the connection failed: {}", root_cause(&**.0))]
    Connection(#[source] SharedError),

    /// TLS could not be agreed on: mostly, the server's certificate is not one that is trusted, or it has no TLS.
    #[error("no TLS that is trusted: {0}")]
    Untrusted(#[source] SharedError),

    /// There was no whole answer in time.
    #[error("no answer in time")]
    TimedOut,

    /// The server, or a proxy before it, cannot for now: 408, 429, 502, 503 or 504.
    #[error("the server cannot now: {0}")]
    Unavailable(ErrorResponse),

    /// A token is needed, or the one that was sent is not valid: 401.
    #[error("the server asks for a valid token: {0}")]
    Unauthorized(ErrorResponse),

    /// The token does not allow this: 403.
    #[error("the server does not allow it: {0}")]
    Forbidden(ErrorResponse),

    /// The message is larger than the server takes: 413.
    #[error("the message is too large: {0}")]
    MessageTooLarge(ErrorResponse),

    /// Any other answer that is no success, as 451 for a message that is blocked; repeating the request would not
    /// change it.
    #[error("the server refused: {0}")]
    Refused(ErrorResponse),

    /// The server is elsewhere. Redirects are not followed, since a token would go along.
    #[error("the server redirects to {}, which is not followed", location.as_deref().unwrap_or("nowhere"))]
    Redirected {
        /// The HTTP status.
        status: u16,
        /// Where to.
        location: Option<String>,
    },

    /// What came back is not the message that was asked for. Something between here and the store lies.
    #[error("asked for {asked}, and was given a message whose hash is {given}")]
    WrongMessage {
        /// The hash that was asked for.
        asked: MessageHash,
        /// The hash of what came.
        given: MessageHash,
    },

    /// The digest that came back is not that of the message, so another one may have been stored.
    #[error("the message's hash is {message}, and the server acknowledged {given}")]
    WrongDigest {
        /// The hash of the message.
        message: MessageHash,
        /// The digest that came.
        given: MessageHash,
    },

    /// The answer is larger than any message that is expected.
    #[error("the answer has more than {limit} bytes")]
    AnswerTooLarge {
        /// The most bytes that are read.
        limit: usize,
    },

    /// What answered does not speak as this service does.
    #[error("the answer cannot be understood: {0}")]
    NotUnderstood(String),

    /// The token source failed, or gave what cannot be a token.
    #[error("no token: {0}")]
    Token(#[source] SharedError),
}

/// An answer of the server that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: u16,
    /// What the server says about it.
    pub detail: String,
    /// How long it asks to be left alone.
    pub retry_after: Option<Duration>,
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, since a terminal would obey what a server put there.
        for character in self.detail.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_debug())?;
            } else {
                f.write_char(character)?;
            }
        }
        write!(f, " ({})", self.status)
    }
}

impl Error {
    /// Whether the same call may succeed later. The client has repeated such a call as long as it may.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::TimedOut | Self::Unavailable(_))
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(response) => response.retry_after,
            _ => None,
        }
    }

    /// What went wrong while a request was sent and its answer read.
    pub(crate) fn from_transport(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        let mut causes =
            std::iter::successors(Some(&*error as &(dyn StdError + 'static)), |cause| next_cause(*cause));
        if let Some(tls_error) = causes.clone().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            let reason = match tls_error {
                rustls::Error::InvalidMessage(_) => "what answers there does not speak TLS".to_owned(),
                _ => root_cause(&*error).to_string(),
            };
            return Self::Untrusted(BoxError::from(reason).into());
        }
        if causes.any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse)) {
            return Self::NotUnderstood(format!("it is not HTTP: {}", root_cause(&*error)));
        }
        Self::Connection(error.into())
    }

    /// An answer that is no success, as a whole or to one of many messages.
    pub(crate) fn from_response(status: u16, detail: &str, retry_after: Option<Duration>) -> Self {
        const LONGEST: usize = 500;
        let response = ErrorResponse { status, detail: detail.chars().take(LONGEST).collect(), retry_after };
        match status {
            // Not 500: this service says 503 where it may be better later.
            408 | 429 | 502 | 503 | 504 => Self::Unavailable(response),
            401 => Self::Unauthorized(response),
            403 => Self::Forbidden(response),
            413 => Self::MessageTooLarge(response),
            _ => Self::Refused(response),
        }
    }

    /// `text` may repeat what the server sent, however long that is.
    pub(crate) fn invalid_response(text: &str) -> Self {
        const LONGEST: usize = 200;
        Self::NotUnderstood(text.chars().take(LONGEST).collect())
    }
}

/// The innermost cause, which says most.
fn root_cause<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    std::iter::successors(Some(error), |cause| next_cause(*cause)).last().unwrap_or(error)
}

/// An `io::Error` hides what it wraps from `source`.
fn next_cause<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
