//! `export`: writes all messages of a store to stdout.

use clap::Args;

use super::copy::lasting_store;
use super::runtime::InterruptibleRuntime;
use super::{CommandError, start_logging};
use crate::logging::LogOptions;
use crate::store::{RedisOptions, StoreKind};
use crate::transfer;

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The store, as for `serve`. It may be the data folder of a running server.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE", value_name = "STORE", default_value = "file:./data", value_parser = lasting_store)]
    pub store: StoreKind,

    /// Compress with Zstandard.
    #[arg(long)]
    pub zstd: bool,

    /// Redis.
    #[command(flatten)]
    pub redis: RedisOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Writes the messages as JSON lines.
///
/// # Errors
/// [`CommandError`], also if some of the messages are damaged.
pub fn run(args: &ExportArgs, runtime: InterruptibleRuntime) -> Result<(), CommandError> {
    start_logging(&args.log)?;
    Ok(runtime.run(async |_| transfer::export(&args.store, &args.redis, args.zstd).await)?)
}
