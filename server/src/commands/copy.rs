//! `copy`: stores the messages of one store in another.

use clap::Args;

use super::runtime::InterruptibleRuntime;
use super::{CommandError, start_logging};
use crate::logging::LogOptions;
use crate::store::{StorageOptions, StoreKind};
use crate::transfer;

/// Arguments of `copy`.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The store to read. It may be the data folder of a running server.
    #[arg(long, env = "MESSAGE_TO_HASH_FROM", value_name = "STORE", value_parser = lasting_store)]
    pub from: StoreKind,

    /// The store to write. It must not be the data folder of a running server.
    #[arg(long, env = "MESSAGE_TO_HASH_TO", value_name = "STORE", value_parser = lasting_store)]
    pub to: StoreKind,

    /// Storage.
    #[command(flatten)]
    pub storage: StorageOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Copies the messages, and skips damaged ones.
///
/// # Errors
/// [`CommandError`], also if some of the messages are damaged.
pub fn run(args: &CopyArgs, runtime: InterruptibleRuntime) -> Result<(), CommandError> {
    start_logging(&args.log)?;
    Ok(runtime.run(async |_| transfer::copy(&args.from, &args.to, &args.storage).await)?)
}

/// Parses a store that outlives its process.
pub(super) fn lasting_store(text: &str) -> Result<StoreKind, String> {
    match text.parse()? {
        StoreKind::Memory { .. } => Err("memory: cannot be shared with another process".to_owned()),
        kind => Ok(kind),
    }
}
