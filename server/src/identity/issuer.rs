//! The issuer's current keys: read on a schedule, and when a token names an unknown key.
//!
//! The last keys stay in use while the issuer is unreachable. Tokens with unknown keys cause at most one read per
//! [`UNKNOWN_KEY_PAUSE`].

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use log::{info, warn};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::keys::KeySet;
use super::source::{JwksSource, ReadError};
use super::verified_tokens::VerifiedTokenCache;

/// The shortest time between two reads that unknown keys cause.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(10);
/// The time from a failed read to the next, unless the schedule is shorter.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

/// The keys and their source.
pub struct Keys {
    source: JwksSource,
    refresh: Duration,
    /// `None` until the first successful read.
    current: RwLock<Option<Arc<Current>>>,
    /// Whether the last read failed. A failure is logged once.
    is_unreachable: AtomicBool,
    /// The time of the last read that an unknown key caused. Locked during each read, so that reads do not overlap.
    last_unknown_key: Mutex<Option<Instant>>,
}

/// A version of the keys, and the tokens verified with it.
pub struct Current {
    text: Bytes,
    pub keys: KeySet,
    pub verified: VerifiedTokenCache,
}

/// The keys could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or the URL cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The content is not a JWK set. The text of the cause is not shown, since it may quote a key.
    #[error("it is not a JWK set (line {}, column {})", .0.line(), .0.column())]
    NotAKeySet(serde_json::Error),
    /// The JWK set has no key that the server can use.
    #[error("it has no key for RS256, ES256 or EdDSA")]
    NoKey,
}

impl Keys {
    /// Reads the keys. A missing file is an error; an unreachable URL is tried again by [`Self::keep_fresh`].
    pub async fn open(source: JwksSource, refresh: Duration) -> Result<Self, LoadError> {
        let keys = Self {
            source,
            refresh,
            current: RwLock::default(),
            is_unreachable: AtomicBool::new(false),
            last_unknown_key: Mutex::default(),
        };
        if let JwksSource::Url(_) = keys.source {
            keys.reload().await;
            return Ok(keys);
        }
        keys.load().await?;
        if keys.current().is_some_and(|current| current.keys.is_empty()) {
            return Err(LoadError::NoKey);
        }
        Ok(keys)
    }

    /// Reads the keys on schedule; never returns.
    pub async fn keep_fresh(&self) {
        loop {
            let is_unreachable = self.is_unreachable.load(Ordering::Relaxed);
            sleep(if is_unreachable { self.refresh.min(RETRY_PAUSE) } else { self.refresh }).await;
            let _reading = self.last_unknown_key.lock().await;
            self.reload().await;
        }
    }

    /// The keys of the last successful read.
    pub fn current(&self) -> Option<Arc<Current>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns keys newer than `known`, in which a token's key was missing. Reads them if the last such read is
    /// long enough ago.
    pub async fn newer_than(&self, known: &Arc<Current>) -> Option<Arc<Current>> {
        let mut last_read = self.last_unknown_key.lock().await;
        let newer = || self.current().filter(|current| !Arc::ptr_eq(current, known));
        if let Some(newer) = newer() {
            return Some(newer);
        }
        if last_read.is_some_and(|last| last.elapsed() < UNKNOWN_KEY_PAUSE) {
            return None;
        }
        *last_read = Some(Instant::now()); // set first, so that a cancelled request counts, too
        self.reload().await;
        newer()
    }

    /// Reads the keys, and logs when that begins to fail and when it works again.
    async fn reload(&self) {
        let loaded = self.load().await;
        let was_unreachable = self.is_unreachable.swap(loaded.is_err(), Ordering::Relaxed);
        let option = self.source.option();
        match loaded {
            Err(error) if !was_unreachable => match self.current() {
                Some(_) => warn!("{option}: {error}; the keys read before stay in use"),
                None => warn!("{option}: {error}; no token can be verified until it works"),
            },
            Ok(()) if was_unreachable => info!("{option}: it can be read again"),
            _ => {}
        }
    }

    async fn load(&self) -> Result<(), LoadError> {
        let text = self.source.read().await?;
        if self.current().is_some_and(|current| current.text == text) {
            return Ok(()); // the cache of verified tokens stays valid
        }
        let keys = KeySet::parse(&text).map_err(LoadError::NotAKeySet)?;
        match keys.len() {
            0 => warn!("{}: {}; every token is refused", self.source.option(), LoadError::NoKey),
            number => info!("{}: keys to verify tokens by: {number}", self.source.option()),
        }
        if let Some(unusable) = keys.describe_unusable() {
            warn!("{}: keys that cannot be used: {unusable}", self.source.option());
        }
        let current = Some(Arc::new(Current { text, keys, verified: VerifiedTokenCache::default() }));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
        Ok(())
    }
}
