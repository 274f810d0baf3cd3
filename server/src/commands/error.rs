//! The error of a command that is not a client.

use std::io;

use super::healthcheck::HealthcheckError;
use super::serve::BindError;
use crate::identity::IdentityError;
use crate::store::OpenError;
use crate::transfer::TransferError;

/// A command failed. The text and its causes are one line for the operator: see [`crate::error_chain::chain`].
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The clock is wrong.
    #[error("the clock of this machine is before 1970 or after 9999: set it")]
    Clock,
    /// The runtime cannot be started.
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    /// The log cannot be started.
    #[error("cannot log")]
    Log(#[source] io::Error),
    /// A listener cannot be opened.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The store cannot be opened.
    #[error("--store")]
    Store(#[source] OpenError),
    /// The issuer's keys cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The server failed.
    #[error(transparent)]
    Serve(#[from] io::Error),
    /// A transfer failed or is incomplete.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The server is not healthy.
    #[error(transparent)]
    Healthcheck(#[from] HealthcheckError),
}
