//! The options of deletion and blocking.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Erasure;
use crate::blocked::BlockedHashes;
use crate::parsers::duration;

/// The blocked messages, and the staleness bound of deleted and blocked messages.
#[derive(Debug, Clone, Args)]
pub struct ErasureOptions {
    /// File with the hashes of blocked messages, one per line. They are neither returned nor stored. The file is read
    /// again when it changes.
    #[arg(long, env = "MESSAGE_TO_HASH_BLOCKED_HASHES_FILE", value_name = "FILE", value_parser = blocked_hashes)]
    pub blocked_hashes_file: Option<Arc<BlockedHashes>>,

    /// How long caches may return a message after it was deleted or blocked. Without an issuer and without a file of
    /// blocked hashes, caches may keep messages without limit.
    #[arg(long, env = "MESSAGE_TO_HASH_DELETE_WITHIN", value_name = "TIME", default_value = "60s", value_parser = delete_within)]
    pub delete_within: Duration,
}

impl ErasureOptions {
    /// Combines the options. `deletes` tells whether clients may delete messages.
    #[must_use]
    pub fn erasure(&self, deletes: bool) -> Erasure {
        let blocked = self.blocked_hashes_file.clone();
        let is_possible = deletes || blocked.is_some();
        Erasure { deletes, blocked, staleness_bound: is_possible.then_some(self.delete_within) }
    }
}

fn blocked_hashes(path: &str) -> Result<Arc<BlockedHashes>, String> {
    BlockedHashes::open(PathBuf::from(path)).map(Arc::new).map_err(|error| error.to_string())
}

/// The upper limit prevents an overflow of the clock.
fn delete_within(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_hours(365 * 24);
    let within = duration(text)?;
    if within >= Duration::from_secs(1) && within <= LONGEST {
        Ok(within)
    } else {
        Err("it may be 1s to 365d".to_owned())
    }
}
