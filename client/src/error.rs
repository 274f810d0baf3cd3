//! The errors of a call, and which of them are temporary.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::MessageHash;

/// An error of any type, for example from a token source.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// An error of any type that several results share, since one request may carry many messages.
pub type SharedError = Arc<dyn StdError + Send + Sync>;

/// The error of a call: that of its last attempt.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The server is unreachable, or the connection broke before the response was complete.
    #[error("the connection failed: {}", root_cause(&**.0))]
    Connection(#[source] SharedError),

    /// The TLS handshake failed: the server's certificate is not trusted, or the server does not speak TLS.
    #[error("no trusted TLS connection: {0}")]
    Untrusted(#[source] SharedError),

    /// The response was not complete before the deadline of the attempt or of the call.
    #[error("no complete response before the deadline")]
    TimedOut,

    /// The server, or a proxy in front of it, is temporarily unable to answer: 408, 429, 502, 503 or 504.
    #[error("the server is temporarily unavailable: {0}")]
    Unavailable(ErrorResponse),

    /// The token is missing or invalid: 401.
    #[error("the server requires a valid token: {0}")]
    Unauthorized(ErrorResponse),

    /// The token is valid but does not allow the operation: 403.
    #[error("the server does not allow the operation: {0}")]
    Forbidden(ErrorResponse),

    /// The message exceeds the server's size limit: 413.
    #[error("the message is too large: {0}")]
    MessageTooLarge(ErrorResponse),

    /// Any other error status, for example 451 for a blocked message. A retry would fail too.
    #[error("the server refused the request: {0}")]
    Refused(ErrorResponse),

    /// The server sent a redirect. The client does not follow redirects, since it would send the token to another host.
    #[error("redirect to {} not followed", location.as_deref().unwrap_or("an unknown location"))]
    Redirected {
        /// The HTTP status, 300 to 399.
        status: u16,
        /// The `Location` header, if the server sent a readable one.
        location: Option<String>,
    },

    /// The response holds another message. A server, cache or proxy on the way is faulty or malicious.
    #[error("asked for the message {asked}, but received one whose hash is {given}")]
    WrongMessage {
        /// The requested hash.
        asked: MessageHash,
        /// The hash of the message in the response.
        given: MessageHash,
    },

    /// The server acknowledged another digest, so it may have stored another message.
    #[error("the hash of the message is {message}, but the server acknowledged {given}")]
    WrongDigest {
        /// The hash of the message that was sent.
        message: MessageHash,
        /// The digest in the response.
        given: MessageHash,
    },

    /// The body of the response exceeds the limit; see [`max_message_bytes`](crate::Builder::max_message_bytes).
    #[error("the response has more than {limit} bytes")]
    AnswerTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },

    /// The response is not valid for this service: another program answers, or a proxy changed the response.
    #[error("invalid response: {0}")]
    NotUnderstood(String),

    /// The token source failed, or returned text that cannot be a token.
    #[error("no token: {0}")]
    Token(#[source] SharedError),
}

/// An HTTP response with an error status, or one that this service does not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The HTTP status, for example 503.
    pub status: u16,
    /// The `detail` of the problem document (RFC 9457), at most 500 characters. Without such a document it is the
    /// standard phrase of the status.
    pub detail: String,
    /// The delay that the server asks for in `Retry-After` (RFC 9110, section 10.2.3).
    pub retry_after: Option<Duration>,
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped, since a terminal would execute control sequences in text from the server.
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
    /// Returns whether the same call may succeed later. The client has already retried such a call up to its limits.
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

    /// Classifies an error of sending a request or reading its response.
    pub(crate) fn from_transport(error: impl Into<BoxError>) -> Self {
        let error = error.into();
        let mut causes =
            std::iter::successors(Some(&*error as &(dyn StdError + 'static)), |cause| next_cause(*cause));
        if let Some(tls_error) = causes.clone().find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
            let reason = match tls_error {
                rustls::Error::InvalidMessage(_) => "the server does not speak TLS".to_owned(),
                _ => root_cause(&*error).to_string(),
            };
            return Self::Untrusted(BoxError::from(reason).into());
        }
        if causes.any(|cause| cause.downcast_ref().is_some_and(hyper::Error::is_parse)) {
            return Self::NotUnderstood(format!("it is not HTTP: {}", root_cause(&*error)));
        }
        Self::Connection(error.into())
    }

    /// Classifies an error status: that of a response, or of one result in a batch.
    pub(crate) fn from_response(status: u16, detail: &str, retry_after: Option<Duration>) -> Self {
        const MAX_DETAIL_CHARS: usize = 500;
        let response =
            ErrorResponse { status, detail: detail.chars().take(MAX_DETAIL_CHARS).collect(), retry_after };
        match status {
            // 500 is permanent: this service answers 503 where a retry may help.
            408 | 429 | 502 | 503 | 504 => Self::Unavailable(response),
            401 => Self::Unauthorized(response),
            403 => Self::Forbidden(response),
            413 => Self::MessageTooLarge(response),
            _ => Self::Refused(response),
        }
    }

    /// The error for an invalid response. `text` is cut to 200 characters, since it may quote the server.
    pub(crate) fn invalid_response(text: &str) -> Self {
        const MAX_TEXT_CHARS: usize = 200;
        Self::NotUnderstood(text.chars().take(MAX_TEXT_CHARS).collect())
    }
}

/// Returns the innermost cause, which is the most specific one.
fn root_cause<'e>(error: &'e (dyn StdError + 'static)) -> &'e (dyn StdError + 'static) {
    std::iter::successors(Some(error), |cause| next_cause(*cause)).last().unwrap_or(error)
}

/// Returns the cause of an error. `source` of an `io::Error` skips the error that it wraps, so that one is looked up.
fn next_cause<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
