//! The issuer's keys as they come and go: read on a schedule, and when a token names one that is not known.
//!
//! What was read last holds while the issuer is away. Strange tokens never make us ask it often.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use log::{info, warn};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::keys::KeySet;
use super::remembered::Remembered;
use super::source::{ReadError, Source};

/// From one reading to the next that an unknown key causes.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(10);
/// After a reading that failed, unless the schedule is shorter.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

/// The keys, and where they come from.
pub struct Keys {
    source: Source,
    refresh: Duration,
    /// None until they could be read.
    current: RwLock<Option<Arc<Current>>>,
    /// Whether the last reading failed, which is said once.
    is_away: AtomicBool,
    /// When an unknown key was last the reason to read. Held while reading, so that no older answer comes last.
    asked: Mutex<Option<Instant>>,
}

/// Keys as they were read last.
pub struct Current {
    text: Bytes,
    pub keys: KeySet,
    pub verified: Remembered,
}

/// Why there are no new keys.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("it is no JWK set (line {}, column {})", .0.line(), .0.column())]
    NoKeySet(#[from] serde_json::Error),
    #[error("it has no key for RS256, ES256 or EdDSA")]
    NoKey,
}

impl Keys {
    /// Reads them. A file has to be there; an issuer may be away, and is asked again by [`Self::keep_fresh`].
    pub async fn open(source: Source, refresh: Duration) -> Result<Self, LoadError> {
        let keys = Self {
            source,
            refresh,
            current: RwLock::default(),
            is_away: AtomicBool::new(false),
            asked: Mutex::default(),
        };
        if let Source::Url(_) = keys.source {
            keys.reload().await;
            return Ok(keys);
        }
        keys.load().await?;
        if keys.current().is_some_and(|current| current.keys.is_empty()) {
            return Err(LoadError::NoKey);
        }
        Ok(keys)
    }

    /// Reads them again and again, for ever.
    pub async fn keep_fresh(&self) {
        loop {
            let is_away = self.is_away.load(Ordering::Relaxed);
            sleep(if is_away { self.refresh.min(RETRY_PAUSE) } else { self.refresh }).await;
            let _reading = self.asked.lock().await;
            self.reload().await;
        }
    }

    /// The keys as they were read last.
    pub fn current(&self) -> Option<Arc<Current>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keys that are newer than those, which lacked one; reads them for it, if it is some time since the
    /// last time.
    pub async fn newer_than(&self, known: &Arc<Current>) -> Option<Arc<Current>> {
        let mut asked = self.asked.lock().await;
        let newer = || self.current().filter(|current| !Arc::ptr_eq(current, known));
        if let Some(newer) = newer() {
            return Some(newer);
        }
        if asked.is_some_and(|last| last.elapsed() < UNKNOWN_KEY_PAUSE) {
            return None;
        }
        *asked = Some(Instant::now()); // before, so that also one who does not wait for it has asked
        self.reload().await;
        newer()
    }

    /// Reads them, and says when that begins to fail and when it is over.
    async fn reload(&self) {
        let loaded = self.load().await;
        let was_away = self.is_away.swap(loaded.is_err(), Ordering::Relaxed);
        let option = self.source.option();
        match loaded {
            Err(error) if !was_away => match self.current() {
                Some(_) => warn!("{option}: {error}; the keys read before stay in use"),
                None => warn!("{option}: {error}; no token can be verified until it works"),
            },
            Ok(()) if was_away => info!("{option}: it can be read again"),
            _ => {}
        }
    }

    async fn load(&self) -> Result<(), LoadError> {
        let text = self.source.read().await?;
        if self.current().is_some_and(|current| current.text == text) {
            return Ok(()); // what they have verified stays verified
        }
        let keys = KeySet::parse(&text)?;
        match keys.len() {
            0 => warn!("{}: {}; every token is refused", self.source.option(), LoadError::NoKey),
            number => info!("{}: keys to verify tokens by: {number}", self.source.option()),
        }
        if let Some(unusable) = keys.describe_unusable() {
            warn!("{}: keys that cannot be used: {unusable}", self.source.option());
        }
        let current = Some(Arc::new(Current { text, keys, verified: Remembered::default() }));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
        Ok(())
    }
}
