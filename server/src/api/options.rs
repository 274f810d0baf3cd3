//! Options about messages that must not be served any more.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::Erasure;
use crate::blocked::BlockedHashes;
use crate::parsers::duration;

/// What must not be served any more, and how soon that holds.
#[derive(Debug, Clone, Args)]
pub struct ErasureOptions {
    /// File with the hashes of messages that are neither given nor taken, one a line. It is read again when it
    /// changes.
    #[arg(long, env = "MESSAGE_TO_HASH_BLOCKED_HASHES_FILE", value_name = "FILE", value_parser = blocked_hashes)]
    pub blocked_hashes_file: Option<Arc<BlockedHashes>>,

    /// How long a message that was deleted or blocked may still come from a cache. Where neither can be, since there
    /// is no issuer and no such file, messages may be cached for ever.
    #[arg(long, env = "MESSAGE_TO_HASH_DELETE_WITHIN", value_name = "TIME", default_value = "60s", value_parser = delete_within)]
    pub delete_within: Duration,
}

impl ErasureOptions {
    /// How messages can be withdrawn. `deletes` tells whether clients may delete messages.
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

/// So long that no clock overflows.
fn delete_within(text: &str) -> Result<Duration, String> {
    const LONGEST: Duration = Duration::from_hours(365 * 24);
    let within = duration(text)?;
    if within >= Duration::from_secs(1) && within <= LONGEST {
        Ok(within)
    } else {
        Err("it may be 1s to 365d".to_owned())
    }
}
