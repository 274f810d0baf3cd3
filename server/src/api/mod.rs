//! The operations of the contract: the generated trait, implemented over a store.
//!
//! The only place that chooses an operation's status. Errors become responses in exhaustive tables at the end,
//! and their causes one log line.

pub(crate) mod batch;
pub(crate) mod conditions;
mod deletion;
mod lookup;
mod range;
mod raw;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use hyper::StatusCode;
use log::error;
use message_to_hash_api::models::{self, MessageDigest};
use message_to_hash_api::server::{most_items, operation};
use message_to_hash_api::{
    AddMessageBatchResponse, AddMessageResponse, AddRawMessageResponse, Api, DeleteMessageResponse,
    GetMessageByHashResponse, GetNamedInformationResponse, GetRawMessageResponse, LookUpMessagesResponse,
};
use swagger::ApiError;
use tokio::sync::Semaphore;

use self::conditions::{lists, matches};
pub use self::deletion::Erasure;
use crate::context::RequestContext;
use crate::message::{Message, MessageHash};
use crate::problem::problem;
use crate::store::{MessageStore, Put, StoreError, Stored};

const RETRY_AFTER_SECONDS: i32 = 1;
const NOT_FOUND: &str = "Message not found";
/// As long as HTTP has any use for.
const FOR_EVER: Duration = Duration::from_hours(365 * 24);

/// The service behind the API.
#[derive(Clone)]
pub struct Messages {
    store: Arc<dyn MessageStore>,
    max_message_bytes: u64,
    store_timeout: Duration,
    reads_are_private: bool,
    /// The `Cache-Control` of what stays: made once, not for each answer.
    for_ever: String,
    batches: Arc<Semaphore>,
    lookups: Arc<Semaphore>,
    erasure: Erasure,
}

/// Why an operation has no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The message has more bytes than this server takes.
    #[error("the message is larger than {0} bytes")]
    TooLarge(u64),
    /// Nobody is to have the message.
    #[error("the message is blocked")]
    Blocked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Messages {
    /// Keeps messages of at most `max_message_bytes` bytes in `store`, waiting `store_timeout` for it. Where
    /// `reads_are_private` no cache that clients share may keep a message, and where `erasure` is possible none for
    /// long.
    #[must_use]
    pub fn new(
        store: Arc<dyn MessageStore>,
        max_message_bytes: u64,
        store_timeout: Duration,
        reads_are_private: bool,
        erasure: Erasure,
    ) -> Self {
        let for_ever = cache_control(reads_are_private, FOR_EVER);
        let batches = Arc::new(Semaphore::new(batch::WRITES_AT_ONCE));
        let lookups = Arc::new(Semaphore::new(lookup::max_reads_of_all(max_message_bytes)));
        Self {
            store,
            max_message_bytes,
            store_timeout,
            reads_are_private,
            for_ever,
            batches,
            lookups,
            erasure,
        }
    }

    async fn add(&self, message: Message) -> Result<(MessageHash, Put), Failure> {
        self.check_size(&message)?;
        let hash = message.hash();
        self.erasure.check(hash)?;
        let put = self.in_time(self.store.put(hash, message)).await?;
        Ok((hash, put))
    }

    fn check_size(&self, message: &Message) -> Result<(), Failure> {
        if message.len() as u64 > self.max_message_bytes {
            return Err(Failure::TooLarge(self.max_message_bytes));
        }
        Ok(())
    }

    /// What is no hash names nothing.
    async fn find(&self, hash: Option<MessageHash>) -> Result<Option<(MessageHash, Stored)>, Failure> {
        let Some(hash) = hash else { return Ok(None) };
        self.erasure.check(hash)?;
        if let Some(stored) = self.store.get_at_hand(hash) {
            return Ok(Some((hash, stored)));
        }
        let stored = self.in_time(self.store.get(hash)).await?;
        self.erasure.check(hash)?; // that may have taken a while
        Ok(stored.map(|stored| (hash, stored)))
    }

    fn cache_control(&self, stored: &Stored) -> String {
        let Some(expires) = stored.expires else { return self.for_ever.clone() };
        let rest = expires.saturating_duration_since(Instant::now());
        let cache_control = if self.erasure.is_possible() { deletion::cache_control } else { cache_control };
        cache_control(self.reads_are_private, rest)
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let mut work = pin!(work);
        // What is answered at once, as by the cache, needs no timer.
        if let Poll::Ready(done) = futures::poll!(&mut work) {
            return done;
        }
        let done = tokio::time::timeout(self.store_timeout, work).await;
        done.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned())))
    }
}

#[async_trait]
impl Api<RequestContext> for Messages {
    async fn add_message(
        &self,
        message: models::Message,
        context: &RequestContext,
    ) -> Result<AddMessageResponse, ApiError> {
        let added = self.add(message.message.into()).await;
        Ok(match added.inspect_err(|failure| log_cause(failure, context)) {
            Ok((hash, Put::Created)) => AddMessageResponse::Created {
                body: MessageDigest::new(hash.to_hex()),
                location: format!("/messages/{hash}"),
                x_span_id: None,
            },
            Ok((hash, Put::AlreadyStored)) => {
                AddMessageResponse::AlreadyStored { body: MessageDigest::new(hash.to_hex()), x_span_id: None }
            }
            Err(failure) => failure.into(),
        })
    }

    async fn add_message_batch(
        &self,
        batch: models::MessageBatch,
        context: &RequestContext,
    ) -> Result<AddMessageBatchResponse, ApiError> {
        if let Some(body) = too_many(operation::ADD_MESSAGE_BATCH, batch.messages.len()) {
            return Ok(AddMessageBatchResponse::BadRequest { body, x_span_id: None });
        }
        let body = self.add_batch(batch.messages, context).await;
        Ok(AddMessageBatchResponse::Processed { body, x_span_id: None })
    }

    async fn look_up_messages(
        &self,
        lookup: models::MessageLookup,
        context: &RequestContext,
    ) -> Result<LookUpMessagesResponse, ApiError> {
        if let Some(body) = too_many(operation::LOOK_UP_MESSAGES, lookup.digests.len()) {
            return Ok(LookUpMessagesResponse::BadRequest { body, x_span_id: None });
        }
        let body = self.look_up(lookup.digests, context).await;
        Ok(LookUpMessagesResponse::Processed { body, x_span_id: None })
    }

    async fn add_raw_message(
        &self,
        body: Option<String>,
        context: &RequestContext,
    ) -> Result<AddRawMessageResponse, ApiError> {
        let added = self.add(body.unwrap_or_default().into()).await;
        Ok(match added.inspect_err(|failure| log_cause(failure, context)) {
            Ok((hash, put)) => raw::added(hash, put),
            Err(failure) => failure.into(),
        })
    }

    async fn get_raw_message(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        context: &RequestContext,
    ) -> Result<GetRawMessageResponse, ApiError> {
        let conditions = raw::Conditions { if_match, if_none_match, range, if_range };
        Ok(self.read_raw(MessageHash::parse(&hash), &conditions, context).await.into())
    }

    async fn get_named_information(
        &self,
        value: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        context: &RequestContext,
    ) -> Result<GetNamedInformationResponse, ApiError> {
        let conditions = raw::Conditions { if_match, if_none_match, range, if_range };
        Ok(self.read_raw(MessageHash::parse_base64url(&value), &conditions, context).await.into())
    }

    async fn get_message_by_hash(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        context: &RequestContext,
    ) -> Result<GetMessageByHashResponse, ApiError> {
        let found = self.find(MessageHash::parse(&hash)).await;
        Ok(match found.inspect_err(|failure| log_cause(failure, context)) {
            Ok(Some((hash, stored))) => {
                let e_tag = conditions::e_tag(hash);
                let cache_control = self.cache_control(&stored);
                if !matches(if_match.as_deref(), &e_tag) {
                    let body = conditions::failed();
                    GetMessageByHashResponse::PreconditionFailed { body, x_span_id: None }
                } else if if_none_match.is_some_and(|tags| lists(&tags, &e_tag)) {
                    GetMessageByHashResponse::NotModified { e_tag, cache_control, x_span_id: None }
                } else {
                    let body = models::Message::new(stored.message.as_str().to_owned());
                    GetMessageByHashResponse::Found { body, e_tag, cache_control, x_span_id: None }
                }
            }
            Ok(None) => GetMessageByHashResponse::NotFound {
                body: problem(StatusCode::NOT_FOUND, NOT_FOUND),
                cache_control: "no-store".to_owned(),
                x_span_id: None,
            },
            Err(failure) => failure.into(),
        })
    }

    async fn delete_message(
        &self,
        hash: String,
        if_match: Option<String>,
        context: &RequestContext,
    ) -> Result<DeleteMessageResponse, ApiError> {
        Ok(self.delete(&hash, if_match.as_deref(), context).await)
    }
}

/// The problem of a request that lists more than the operation takes.
fn too_many(operation: &str, items: usize) -> Option<models::Problem> {
    let most = most_items(operation).filter(|most| items > *most)?;
    Some(problem(StatusCode::BAD_REQUEST, &batch::too_many(most)))
}

/// For as long as the message stays (RFC 9111, RFC 8246), by the client alone where others may not read it.
fn cache_control(private: bool, rest: Duration) -> String {
    let whose = if private { "private" } else { "public" };
    format!("{whose}, max-age={}, immutable", rest.min(FOR_EVER).as_secs())
}

/// What the operator learns, where there is something to learn.
fn log_cause(failure: &Failure, context: &RequestContext) {
    match failure {
        // The store says once that it takes less than `--max-message-bytes`.
        Failure::TooLarge(_) | Failure::Blocked | Failure::Store(StoreError::TooLarge(_)) => {}
        Failure::Store(cause) => error!(span = context.span_id(); "{cause}"),
    }
}

/// What the client learns.
struct Refusal {
    status: StatusCode,
    detail: String,
}

impl From<&Failure> for Refusal {
    fn from(failure: &Failure) -> Self {
        let (status, detail) = match failure {
            Failure::TooLarge(limit) => {
                (StatusCode::PAYLOAD_TOO_LARGE, format!("A message may have at most {limit} bytes"))
            }
            Failure::Blocked => (StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, deletion::BLOCKED.to_owned()),
            Failure::Store(StoreError::Unavailable(_) | StoreError::AtRisk(_)) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The store is not available; repeat the request later".to_owned(),
            ),
            Failure::Store(StoreError::Full(_)) => {
                (StatusCode::SERVICE_UNAVAILABLE, "The store is full; repeat the request later".to_owned())
            }
            Failure::Store(StoreError::TooLarge(_)) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "The store takes no message as large as this one".to_owned())
            }
            Failure::Store(StoreError::Corrupt(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "The stored copy of this message is damaged".to_owned())
            }
        };
        Self { status, detail }
    }
}

macro_rules! failures {
    ($response:ident) => {
        impl From<Failure> for $response {
            fn from(failure: Failure) -> Self {
                let Refusal { status, detail } = Refusal::from(&failure);
                let body = problem(status, &detail);
                match failure {
                    Failure::TooLarge(_) | Failure::Store(StoreError::TooLarge(_)) => {
                        Self::ContentTooLarge { body, x_span_id: None }
                    }
                    Failure::Blocked => Self::Blocked { body, x_span_id: None },
                    Failure::Store(
                        StoreError::Unavailable(_) | StoreError::AtRisk(_) | StoreError::Full(_),
                    ) => Self::ServiceUnavailable { body, retry_after: RETRY_AFTER_SECONDS, x_span_id: None },
                    Failure::Store(StoreError::Corrupt(_)) => {
                        Self::InternalServerError { body, x_span_id: None }
                    }
                }
            }
        }
    };
}

failures!(AddMessageResponse);
failures!(GetMessageByHashResponse);
failures!(AddRawMessageResponse);
failures!(GetRawMessageResponse);
failures!(GetNamedInformationResponse);
