//! Where the bearer token comes from.

use std::fmt;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt as _};
use swagger::AuthData;

use crate::Error;
use crate::error::BoxError;

type Source = dyn Fn() -> BoxFuture<'static, Result<String, BoxError>> + Send + Sync;

/// What gives the token of each attempt, if any. Its `Debug` shows none.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Option<Arc<Source>>);

impl Tokens {
    pub(crate) fn of<F, T, E>(source: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self(Some(Arc::new(move || source().map(|token| token.map_err(Into::into)).boxed())))
    }

    pub(crate) async fn next(&self) -> Result<Option<AuthData>, Error> {
        let Some(source) = &self.0 else { return Ok(None) };
        let token = source().await.map_err(no_token)?;
        if token.is_empty() {
            return Err(no_token("it is empty".into()));
        }
        match AuthData::bearer(&token).filter(|_| token.bytes().all(|byte| byte.is_ascii_graphic())) {
            Some(token) => Ok(Some(token)),
            None => Err(no_token("it has characters that no token has".into())),
        }
    }
}

fn no_token(reason: BoxError) -> Error {
    Error::Token(reason.into())
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Tokens(..)" } else { "Tokens" })
    }
}
