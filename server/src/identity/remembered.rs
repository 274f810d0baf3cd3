//! Tokens that were verified, so that this is not done again for each request.
//!
//! What is remembered holds for the keys that have verified it, and goes with them.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::token::Verified;

/// So many tokens, and how long each may be: 8 MiB of them together.
const TOKENS: usize = 4096;
const TOKEN_BYTES: usize = 2048;

/// What one set of keys has verified lately.
pub struct Remembered {
    /// By the token itself: to hash one costs a fast server more than the rest of all this.
    verified: Cache<Box<str>, Arc<Verified>>,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { verified: Cache::new(TOKENS) }
    }
}

impl Remembered {
    /// What this token says, if it was verified.
    pub fn recall(&self, token: &str) -> Option<Arc<Verified>> {
        self.verified.get(token)
    }

    /// This token was verified.
    pub fn remember(&self, token: &str, verified: &Arc<Verified>) {
        if token.len() <= TOKEN_BYTES {
            self.verified.insert(token.into(), Arc::clone(verified));
        }
    }
}
