//! Errors of stores.

use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

type Cause = Box<dyn Error + Send + Sync>;

/// An operation of a store failed. The texts are for the operator, never for a client.
#[derive(Debug, Clone)]
pub enum StoreError {
    /// The store cannot be reached or cannot work now. The same request may succeed later.
    Unavailable(Reason),
    /// The store works, but may lose messages that it acknowledges.
    AtRisk(Reason),
    /// The store has no room for more messages. Stored messages can still be read.
    Full(Reason),
    /// The store never takes a message of this size.
    TooLarge(Reason),
    /// The stored bytes are not the message that was put.
    Corrupt(Reason),
}

impl StoreError {
    fn parts(&self) -> (&'static str, &Reason) {
        match self {
            Self::Unavailable(reason) => ("the store is not available", reason),
            Self::AtRisk(reason) => ("the store may lose messages", reason),
            Self::Full(reason) => ("the store is full", reason),
            Self::TooLarge(reason) => ("the message is too large for the store", reason),
            Self::Corrupt(reason) => ("the store is corrupt", reason),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, reason) = self.parts();
        write!(f, "{kind}: {reason}")
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.parts().1.source()
    }
}

/// Why an operation failed: a text, and the error that caused the failure, if any.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct Reason {
    text: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Reason {
    /// A reason with its cause. `text` does not repeat the cause.
    pub fn caused_by(text: impl fmt::Display, source: impl Into<Cause>) -> Self {
        Self { text: text.to_string(), source: Some(source.into().into()) }
    }
}

impl<T: Into<String>> From<T> for Reason {
    fn from(text: T) -> Self {
        Self { text: text.into(), source: None }
    }
}

/// The text, without the cause.
impl Deref for Reason {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

/// A store cannot be opened. The text tells the operator what failed, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct OpenError {
    text: String,
    source: Option<Cause>,
}

impl OpenError {
    /// An error without a cause.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), source: None }
    }

    /// An error with its cause. `text` does not repeat the cause.
    pub fn caused_by(text: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self { text: text.into(), source: Some(source.into()) }
    }

    /// The data folder cannot be used because of `source`.
    pub(super) fn folder(folder: &Path, source: impl Into<Cause>) -> Self {
        Self::caused_by(format!("cannot use the data folder {}", folder.display()), source)
    }

    /// Replaces `from` in the text by `to`.
    pub(super) fn with_path(self, from: &Path, to: &Path) -> Self {
        let text = self.text.replace(&from.display().to_string(), &to.display().to_string());
        Self { text, ..self }
    }
}
