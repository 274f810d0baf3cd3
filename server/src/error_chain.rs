//! Errors with their causes, for log lines and messages to the operator.

use std::error::Error;
use std::fmt;

/// Displays an error and its causes: `cannot use the data folder /x: Permission denied (os error 13)`.
pub fn chain(error: &(dyn Error + 'static)) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        write!(f, "{error}")?;
        let mut next = error.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    })
}
