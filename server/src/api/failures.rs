//! The table of failures: which response an operation gives for which error.
//!
//! The functions here are generic over the response. A function names the statuses that it may choose as `Declares<STATUS, _>`,
//! so that it compiles only for an operation whose contract declares all of them.

use log::error;
use message_to_hash_api::models::Problem;
use message_to_hash_api_runtime::{Declares, status_code};

use crate::context::RequestContext;
use crate::error_chain::chain;
use crate::problem::problem;
use crate::store::StoreError;

pub(super) const NOT_FOUND: &str = "Message not found";
const RETRY_AFTER_SECONDS: i32 = 1;

/// Why an operation has no result.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum OperationError {
    /// The message has more bytes than this server takes.
    #[error("the message is larger than {0} bytes")]
    TooLarge(u64),
    /// The hash of the message is on the deny list.
    #[error("the message is blocked")]
    Blocked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OperationError {
    /// The cause, if the operator has to know it. The limit of a store that is below `--max-message-bytes` is logged once
    /// at startup, not for each message.
    pub(super) fn cause_to_log(&self) -> Option<&StoreError> {
        match self {
            Self::TooLarge(_) | Self::Blocked | Self::Store(StoreError::TooLarge(_)) => None,
            Self::Store(cause) => Some(cause),
        }
    }
}

/// Logs the error and answers it.
pub(super) fn respond<R>(error: &OperationError, context: &RequestContext<'_>) -> R
where
    R: Declares<413, (Problem,)> + Declares<451, (Problem,)>,
    R: Declares<500, (Problem,)> + Declares<503, (Problem, i32)>,
{
    if let Some(cause) = error.cause_to_log() {
        log_store_error(cause, context);
    }
    response_to(error)
}

/// Logs the error of the store and answers it.
pub(super) fn respond_to_store_error<R>(error: &StoreError, context: &RequestContext<'_>) -> R
where
    R: Declares<413, (Problem,)> + Declares<500, (Problem,)> + Declares<503, (Problem, i32)>,
{
    log_store_error(error, context);
    response_to_store_error(error)
}

/// The response to an error. Nothing is logged.
pub(super) fn response_to<R>(error: &OperationError) -> R
where
    R: Declares<413, (Problem,)> + Declares<451, (Problem,)>,
    R: Declares<500, (Problem,)> + Declares<503, (Problem, i32)>,
{
    match error {
        OperationError::TooLarge(limit) => {
            refuse::<413, R>(&format!("A message may have at most {limit} bytes"))
        }
        OperationError::Blocked => refuse::<451, R>("This message is blocked here"),
        OperationError::Store(error) => response_to_store_error(error),
    }
}

fn response_to_store_error<R>(error: &StoreError) -> R
where
    R: Declares<413, (Problem,)> + Declares<500, (Problem,)> + Declares<503, (Problem, i32)>,
{
    match error {
        StoreError::Unavailable(_) | StoreError::AtRisk(_) => {
            retry_later("The store is not available; repeat the request later")
        }
        StoreError::TooLarge(_) => refuse::<413, R>("The store takes no message as large as this one"),
        StoreError::Full(_) => retry_later("The store is full; repeat the request later"),
        StoreError::Corrupt(_) => refuse::<500, R>("The stored copy of this message is damaged"),
    }
}

/// A response whose only content is a problem with this detail.
pub(super) fn refuse<const STATUS: u16, R: Declares<STATUS, (Problem,)>>(detail: &str) -> R {
    R::with((problem(status_code::<STATUS>(), detail),))
}

fn retry_later<R: Declares<503, (Problem, i32)>>(detail: &str) -> R {
    R::with((problem(status_code::<503>(), detail), RETRY_AFTER_SECONDS))
}

/// The response is not cacheable, because the message may be stored later.
pub(super) fn not_found<R: Declares<404, (Problem, String)>>() -> R {
    R::with((problem(status_code::<404>(), NOT_FOUND), "no-store".to_owned()))
}

pub(super) fn precondition_failed<R: Declares<412, (Problem,)>>() -> R {
    refuse::<412, R>("If-Match does not name what is stored here")
}

fn log_store_error(cause: &StoreError, context: &RequestContext<'_>) {
    error!(span = context.span_id(); "{}", chain(cause));
}
