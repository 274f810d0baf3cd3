//! What must not be served any more: messages that are deleted, and hashes that are blocked.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use log::info;
use message_to_hash_api::DeleteMessageResponse;

use super::{Failure, Messages, RETRY_AFTER_SECONDS, Refusal, conditions, log_cause};
use crate::blocked::BlockedHashes;
use crate::context::RequestContext;
use crate::message::MessageHash;
use crate::problem::problem;
use crate::store::StoreError;

const NOT_HERE: &str =
    "Nothing can be deleted here, since nobody is asked for an identity; see --identity-issuer";
const NO_DIGEST: &str = "A digest has 64 hexadecimal digits";
pub(super) const BLOCKED: &str = "This message is blocked here";

/// How messages can be withdrawn; not at all, unless something is said.
#[derive(Debug, Clone, Default)]
pub struct Erasure {
    /// Clients may delete them.
    pub deletes: bool,
    /// Hashes whose messages are neither given nor taken.
    pub blocked: Option<Arc<BlockedHashes>>,
}

impl Erasure {
    /// Whether any can be.
    pub(super) fn is_possible(&self) -> bool {
        self.deletes || self.blocked.is_some()
    }

    pub(super) fn check(&self, hash: MessageHash) -> Result<(), Failure> {
        match &self.blocked {
            Some(blocked) if blocked.contains(hash) => Err(Failure::Blocked),
            _ => Ok(()),
        }
    }
}

impl Messages {
    pub(super) async fn delete(
        &self,
        hash: &str,
        if_match: Option<&str>,
        context: &RequestContext,
    ) -> DeleteMessageResponse {
        if !self.erasure.deletes {
            let body = problem(StatusCode::FORBIDDEN, NOT_HERE);
            return DeleteMessageResponse::Forbidden { body, www_authenticate: None, x_span_id: None };
        }
        let Some(hash) = MessageHash::parse(hash) else {
            let body = problem(StatusCode::NOT_FOUND, NO_DIGEST);
            return DeleteMessageResponse::NotFound { body, x_span_id: None };
        };
        let delete = async {
            if if_match.is_some() && !self.has_match(hash, if_match).await? {
                return Ok(false);
            }
            // Before, since what fails may be done all the same. The access log has the path as it was sent, in
            // which digits may be encoded.
            info!(span = context.span_id(); "{} deletes {hash}", context.subject().unwrap_or("-"));
            self.store.delete(hash).await.map(|()| true)
        };
        match self.in_time(delete).await {
            Ok(true) => DeleteMessageResponse::Deleted { x_span_id: None },
            Ok(false) => {
                DeleteMessageResponse::PreconditionFailed { body: conditions::failed(), x_span_id: None }
            }
            Err(error) => {
                log_cause(&Failure::Store(error.clone()), context);
                error.into()
            }
        }
    }

    /// Whether such a message is stored, damaged or not, and `If-Match` names it.
    async fn has_match(&self, hash: MessageHash, if_match: Option<&str>) -> Result<bool, StoreError> {
        let is_named = conditions::matches(if_match, &conditions::e_tag(hash));
        match self.store.get(hash).await {
            Ok(stored) => Ok(is_named && stored.is_some()),
            Err(StoreError::Corrupt(_)) => Ok(is_named),
            Err(error) => Err(error),
        }
    }
}

impl From<StoreError> for DeleteMessageResponse {
    fn from(error: StoreError) -> Self {
        let is_corrupt = matches!(error, StoreError::Corrupt(_));
        let Refusal { status, detail } = Refusal::from(&Failure::Store(error));
        let body = problem(status, &detail);
        if is_corrupt {
            return Self::InternalServerError { body, x_span_id: None };
        }
        Self::ServiceUnavailable { body, retry_after: RETRY_AFTER_SECONDS, x_span_id: None }
    }
}

/// For so short that what is withdrawn is gone in time. A proxy counts whole seconds, from one that has begun already,
/// and some do not say how old their copy is, so those behind them ask again each time.
pub(super) fn cache_control(private: bool, rest: Duration) -> String {
    let seconds = rest.as_secs().saturating_sub(1);
    if private {
        format!("private, max-age={seconds}, must-revalidate")
    } else {
        format!("public, max-age=0, s-maxage={seconds}, must-revalidate")
    }
}
