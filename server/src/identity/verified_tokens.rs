//! A cache of verified tokens, so that a client's token is not verified again for each request.
//!
//! A cache belongs to one version of the key set, and is dropped with it.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::token::Verified;

/// Together at most 8 MiB of tokens.
const MAX_TOKENS: usize = 4096;
/// Longer tokens are not cached.
const MAX_TOKEN_BYTES: usize = 2048;

/// Tokens that one version of the key set has verified.
pub struct VerifiedTokenCache {
    /// Keyed by the token itself: a cryptographic hash of it would cost more than the rest of the lookup.
    verified: Cache<Box<str>, Arc<Verified>>,
}

impl Default for VerifiedTokenCache {
    fn default() -> Self {
        Self { verified: Cache::new(MAX_TOKENS) }
    }
}

impl VerifiedTokenCache {
    /// Returns the claims of a token that was verified before.
    pub fn get(&self, token: &str) -> Option<Arc<Verified>> {
        self.verified.get(token)
    }

    /// Stores the claims of a verified token.
    pub fn insert(&self, token: &str, verified: &Arc<Verified>) {
        if token.len() <= MAX_TOKEN_BYTES {
            self.verified.insert(token.into(), Arc::clone(verified));
        }
    }
}
