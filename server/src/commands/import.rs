//! `import`: stores the messages of a file that `export` wrote.

use std::path::PathBuf;

use clap::Args;

use super::copy::lasting_store;
use super::runtime::InterruptibleRuntime;
use super::{CommandError, start_logging};
use crate::logging::LogOptions;
use crate::store::{StorageOptions, StoreKind};
use crate::transfer;

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// File that `export` wrote, compressed or not; - is stdin.
    #[arg(default_value = "-")]
    pub file: PathBuf,

    /// The store, as for `serve`. It must not be the data folder of a running server.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE", value_name = "STORE", default_value = "file:./data", value_parser = lasting_store)]
    pub store: StoreKind,

    /// Storage.
    #[command(flatten)]
    pub storage: StorageOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Stores the messages, and skips damaged lines.
///
/// # Errors
/// [`CommandError`], also if some of the lines are damaged.
pub fn run(args: &ImportArgs, runtime: InterruptibleRuntime) -> Result<(), CommandError> {
    start_logging(&args.log)?;
    Ok(runtime.run(async |_| transfer::import(&args.file, &args.store, &args.storage).await)?)
}
