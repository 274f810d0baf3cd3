//! The source of the bearer token.

use std::fmt;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt as _};
use swagger::AuthData;

use crate::Error;
use crate::error::BoxError;

type TokenFn = dyn Fn() -> BoxFuture<'static, Result<String, BoxError>> + Send + Sync;

/// Returns the token of each attempt, if one is configured. Its `Debug` output does not contain the token.
#[derive(Clone, Default)]
pub(crate) struct TokenSource(Option<Arc<TokenFn>>);

impl TokenSource {
    pub(crate) fn new<F, T, E>(source: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self(Some(Arc::new(move || source().map(|token| token.map_err(Into::into)).boxed())))
    }

    /// Gets the token for one attempt, or `None` without a source.
    ///
    /// # Errors
    /// [`Error::Token`] if the source fails, or the token is empty or has characters that a bearer token cannot have.
    pub(crate) async fn next_token(&self) -> Result<Option<AuthData>, Error> {
        let Some(source) = &self.0 else { return Ok(None) };
        let token = source().await.map_err(token_error)?;
        if token.is_empty() {
            return Err(token_error("it is empty".into()));
        }
        match AuthData::bearer(&token).filter(|_| token.bytes().all(|byte| byte.is_ascii_graphic())) {
            Some(token) => Ok(Some(token)),
            None => Err(token_error("it has characters that a bearer token cannot have".into())),
        }
    }
}

fn token_error(reason: BoxError) -> Error {
    Error::Token(reason.into())
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "TokenSource(..)" } else { "TokenSource" })
    }
}
