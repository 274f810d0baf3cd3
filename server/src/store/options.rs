//! The options of the store.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;

use super::{RedisOptions, RedisUrl};
use crate::parsers::{byte_size, time_limit};
use crate::secret::SecretFile;

/// The store, its cache and its deadline.
#[derive(Debug, Clone, Args)]
pub struct StoreOptions {
    /// Where messages are stored: `file:FOLDER` (durable; created if its parent folder exists), `memory:` or
    /// `memory:SIZE` (lost when the server stops; up to 1 GiB or SIZE), `redis://USER:PASSWORD@HOST:PORT/DB`,
    /// `redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB` or `redis+cluster://HOST:PORT,HOST:PORT`; with TLS
    /// rediss://, rediss+sentinel:// or rediss+cluster://.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE", value_name = "STORE", default_value = "file:./data")]
    pub store: StoreKind,

    /// File that contains the store, instead of --store: a URL may contain a password. The server reads the file
    /// once, when it starts.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE_FILE", value_name = "FILE", value_parser = store_file)]
    pub store_file: Option<StoreKind>,

    /// Memory for recently used messages; 0 turns the cache off.
    #[arg(long, env = "MESSAGE_TO_HASH_CACHE_BYTES", value_name = "SIZE", default_value = "64MiB", value_parser = byte_size)]
    pub cache_bytes: ByteSize,

    /// Longest wait for the store; then the response is 503.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = time_limit)]
    pub store_timeout: Duration,

    /// Storage.
    #[command(flatten)]
    pub storage: StorageOptions,
}

impl StoreOptions {
    /// The store of these options.
    #[must_use]
    pub fn kind(&self) -> &StoreKind {
        self.store_file.as_ref().unwrap_or(&self.store)
    }
}

/// Reads the store from a file. Errors do not contain the text, since it may contain a password.
fn store_file(path: &str) -> Result<StoreKind, String> {
    SecretFile::open(path)?.read().reveal().parse()
}

/// How a store stores messages.
#[derive(Debug, Clone, Args)]
pub struct StorageOptions {
    /// Refuse new messages (503) while the store's disk has less free space than this.
    #[arg(long, env = "MESSAGE_TO_HASH_STORE_MIN_FREE", value_name = "SIZE", default_value = "256MiB", value_parser = byte_size)]
    pub store_min_free: ByteSize,

    /// How long a message is stored after it was last posted: 1s to 36500d. Without this option, messages do not
    /// expire.
    #[arg(long, env = "MESSAGE_TO_HASH_RETENTION", value_name = "TIME", value_parser = retention)]
    pub retention: Option<Duration>,

    /// Redis.
    #[command(flatten)]
    pub redis: RedisOptions,
}

impl StorageOptions {
    /// The options for a store that is only read.
    #[must_use]
    pub fn unchanged(redis: &RedisOptions) -> Self {
        Self { store_min_free: ByteSize(0), retention: None, redis: redis.clone() }
    }
}

/// A store, as `--store` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreKind {
    /// A folder on this machine.
    Embedded {
        /// Its path.
        folder: PathBuf,
    },
    /// The memory of this process.
    Memory {
        /// The upper limit for all messages, in bytes.
        max_bytes: u64,
    },
    /// Redis.
    Redis(RedisUrl),
}

impl FromStr for StoreKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("file", "")) => Err("file: needs a folder, as in file:./data".to_owned()),
            Some(("file", folder)) => Ok(Self::Embedded { folder: folder.into() }),
            Some(("memory", "")) => Ok(Self::Memory { max_bytes: ByteSize::gib(1).as_u64() }),
            Some(("memory", size)) => Ok(Self::Memory { max_bytes: byte_size(size)?.as_u64() }),
            _ if RedisUrl::has_scheme(text) => Ok(Self::Redis(text.parse()?)),
            // Without the text, since the URL of a store may contain a password.
            _ => Err("a store is file:FOLDER, memory:, memory:SIZE, redis://HOST, redis+sentinel://HOST,HOST/MASTER or \
                      redis+cluster://HOST,HOST"
                .to_owned()),
        }
    }
}

/// The upper limit prevents an overflow of the clock. Below the lower limit, messages could expire before clients
/// read them.
fn retention(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_hours(36_500 * 24);
    match humantime::parse_duration(text) {
        Ok(time) if time >= Duration::from_secs(1) && time <= LONGEST => Ok(time),
        Ok(_) => Err("a message may stay for 1s to 36500d".to_owned()),
        Err(error) => Err(format!("{error}; write 12h or 30d")),
    }
}
