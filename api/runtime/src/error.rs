//! The errors that prevent a response of an operation.

use hyper::StatusCode;
use hyper::header::HeaderName;

/// A request that cannot be decoded, or a response that cannot be encoded.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request is not valid for the operation. The text tells the client the reason.
    #[error("{0}")]
    BadRequest(String),
    /// The operation set a header to a value that HTTP does not allow.
    #[error("The header {0} cannot have its value")]
    InvalidHeader(HeaderName),
    /// The body of the response cannot be written as JSON.
    #[error("The response cannot be written as JSON")]
    InvalidBody(#[source] sonic_rs::Error),
}

impl CallError {
    /// The status that tells the client about this error.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::InvalidHeader(_) | Self::InvalidBody(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn bad_request(reason: impl Into<String>) -> Self {
        Self::BadRequest(reason.into())
    }
}
