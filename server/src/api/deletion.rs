//! Deleted messages and blocked hashes.

use std::sync::Arc;
use std::time::Duration;

use log::info;
use message_to_hash_api::models::Problem;
use message_to_hash_api::server::delete_message::Response;
use message_to_hash_api_runtime::Declares;

use super::failures::{self, OperationError, refuse};
use super::{Messages, conditions};
use crate::blocked::BlockedHashes;
use crate::context::RequestContext;
use crate::message::MessageHash;
use crate::store::StoreError;

/// How messages can be withdrawn. The default is: not at all.
#[derive(Debug, Clone, Default)]
pub struct Erasure {
    /// Clients may delete messages.
    pub deletes: bool,
    /// Hashes whose messages are neither stored nor returned.
    pub blocked: Option<Arc<BlockedHashes>>,
    /// How long a cache may return a message after it was deleted or blocked. `None` if messages can be neither
    /// deleted nor blocked.
    pub staleness_bound: Option<Duration>,
}

impl Erasure {
    /// Whether a message can be withdrawn.
    pub(super) fn is_possible(&self) -> bool {
        self.staleness_bound.is_some()
    }

    pub(super) fn check(&self, hash: MessageHash) -> Result<(), OperationError> {
        match &self.blocked {
            Some(blocked) if blocked.contains(hash) => Err(OperationError::Blocked),
            _ => Ok(()),
        }
    }
}

impl Messages {
    pub(super) async fn delete(
        &self,
        hash: &str,
        if_match: Option<&str>,
        context: &RequestContext<'_>,
    ) -> Response {
        if !self.erasure.deletes {
            return forbidden();
        }
        let Some(hash) = MessageHash::parse(hash) else {
            return refuse::<404, _>("A digest has 64 hexadecimal digits");
        };
        let delete = async {
            if if_match.is_some() && !self.is_match(hash, if_match).await? {
                return Ok(false);
            }
            // Logged before the deletion, because a deletion that fails may have been done nevertheless. The access
            // log is not enough: it has the path as it was sent, and digits in it may be percent-encoded.
            info!(span = context.span_id(); "{} deletes {hash}", context.subject().unwrap_or("-"));
            self.store.delete(hash).await.map(|()| true)
        };
        match self.with_timeout(delete).await {
            Ok(true) => Response::Deleted {},
            Ok(false) => failures::precondition_failed(),
            Err(error) => failures::respond_to_store_error(&error, context),
        }
    }

    /// Whether the message is stored, possibly damaged, and `If-Match` names it.
    async fn is_match(&self, hash: MessageHash, if_match: Option<&str>) -> Result<bool, StoreError> {
        let is_named = conditions::matches(if_match, &conditions::e_tag(hash));
        match self.store.get(hash).await {
            Ok(stored) => Ok(is_named && stored.is_some()),
            Err(StoreError::Corrupt(_)) => Ok(is_named),
            Err(error) => Err(error),
        }
    }
}

/// The response of a server that does not ask clients for an identity.
fn forbidden<R: Declares<403, (Problem,)>>() -> R {
    refuse::<403, R>(
        "Nothing can be deleted here, since nobody is asked for an identity; see --identity-issuer",
    )
}

/// Keeps `max-age` so short that withdrawn messages leave caches within the bound. A proxy counts whole seconds, and the
/// first one may have begun already. Some proxies do not send `Age`, so clients behind them must ask each time.
pub(super) fn cache_control(reads_are_private: bool, rest: Duration) -> String {
    let seconds = rest.as_secs().saturating_sub(1);
    if reads_are_private {
        format!("private, max-age={seconds}, must-revalidate")
    } else {
        format!("public, max-age=0, s-maxage={seconds}, must-revalidate")
    }
}
