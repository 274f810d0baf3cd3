//! Options of `export`, `import` and `copy`.

use std::path::PathBuf;

use clap::Args;

use super::{LogOptions, RedisOptions, StorageOptions, StoreKind};

/// Options of `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The store, as for `serve`. A data folder may be one that a server serves.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE", value_name = "STORE", default_value = "file:./data", value_parser = lasting)]
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

/// Options of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// What `export` wrote, compressed or not; - is stdin.
    #[arg(default_value = "-")]
    pub file: PathBuf,

    /// The store, as for `serve`. A data folder must not be one that a server serves.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE", value_name = "STORE", default_value = "file:./data", value_parser = lasting)]
    pub store: StoreKind,

    /// How it keeps them.
    #[command(flatten)]
    pub storage: StorageOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Options of `copy`.
#[derive(Debug, Args)]
pub struct Copy {
    /// The store to read. A data folder may be one that a server serves.
    #[arg(long, env = "MESSAGE_TO_HASH_FROM", value_name = "STORE", value_parser = lasting)]
    pub from: StoreKind,

    /// The store to write. A data folder must not be one that a server serves.
    #[arg(long, env = "MESSAGE_TO_HASH_TO", value_name = "STORE", value_parser = lasting)]
    pub to: StoreKind,

    /// How it keeps them.
    #[command(flatten)]
    pub storage: StorageOptions,

    /// Logging.
    #[command(flatten)]
    pub log: LogOptions,
}

fn lasting(text: &str) -> Result<StoreKind, String> {
    match text.parse()? {
        StoreKind::Memory { .. } => Err("memory: is no other process's to read or write".to_owned()),
        kind => Ok(kind),
    }
}
