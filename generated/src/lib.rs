#![allow(missing_docs, trivial_casts, unused_variables, unused_mut, unused_imports, unused_extern_crates, unused_attributes, non_camel_case_types)]
#![allow(clippy::derive_partial_eq_without_eq, clippy::disallowed_names)]

use async_trait::async_trait;
use futures::Stream;
#[cfg(feature = "mock")]
use mockall::automock;
use std::error::Error;
use std::collections::BTreeSet;
use std::task::{Poll, Context};
use swagger::{ApiError, ContextWrapper, auth::Authorization};
use serde::{Serialize, Deserialize};

#[cfg(any(feature = "client", feature = "server"))]
type ServiceError = Box<dyn Error + Send + Sync + 'static>;

pub const BASE_PATH: &str = "";
pub const API_VERSION: &str = "1.0.0";

mod auth;
pub use auth::{AuthenticationApi, Claims};


#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum AddMessageResponse {
    /// The message is new, and is now stored.
    Created {
        body: models::MessageDigest,
        location: String,
        x_span_id: Option<String>,
    },
    /// The message was already stored. A new message may get this status, too, where the server lost its connection to the store and repeated the write.
    AlreadyStored {
        body: models::MessageDigest,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation does not support the body's Content-Type or Content-Encoding.
    UnsupportedMediaType {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
    Blocked {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum AddMessageBatchResponse {
    /// The result for each message.
    Processed {
        body: models::BatchResults,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation does not support the body's Content-Type or Content-Encoding.
    UnsupportedMediaType {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum AddRawMessageResponse {
    /// The message is new, and is now stored.
    Created {
        body: models::MessageDigest,
        location: String,
        x_span_id: Option<String>,
    },
    /// The message was already stored. A new message may get this status, too, where the server lost its connection to the store and repeated the write.
    AlreadyStored {
        body: models::MessageDigest,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation does not support the body's Content-Type or Content-Encoding.
    UnsupportedMediaType {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
    Blocked {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum LookUpMessagesResponse {
    /// The result for each digest.
    Processed {
        body: models::LookupResults,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation does not support the body's Content-Type or Content-Encoding.
    UnsupportedMediaType {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum DeleteMessageResponse {
    /// No message with this digest is stored.
    Deleted {
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope, or this deployment does not use identities.
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// The path does not contain a digest.
    NotFound {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The condition in `If-Match` is false; nothing was done.
    PreconditionFailed {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum GetMessageByHashResponse {
    /// The message.
    Found {
        body: models::Message,
        e_tag: String,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The client's copy is current.
    NotModified {
        e_tag: String,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// No message with this digest is stored at the moment.
    NotFound {
        body: models::Problem,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The condition in `If-Match` is false; nothing was done.
    PreconditionFailed {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
    Blocked {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum GetNamedInformationResponse {
    /// The message.
    Found {
        body: bytes::Bytes,
        e_tag: String,
        cache_control: String,
        repr_digest: String,
        accept_ranges: String,
        x_content_type_options: String,
        content_security_policy: String,
        x_span_id: Option<String>,
    },
    /// The requested part of the message. It may begin or end within a character.
    PartialContent {
        body: bytes::Bytes,
        content_range: String,
        e_tag: String,
        cache_control: String,
        repr_digest: String,
        accept_ranges: String,
        x_content_type_options: String,
        content_security_policy: String,
        x_span_id: Option<String>,
    },
    /// The client's copy is current.
    NotModified {
        e_tag: String,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// No message with this digest is stored at the moment.
    NotFound {
        body: models::Problem,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The condition in `If-Match` is false; nothing was done.
    PreconditionFailed {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message has none of the requested bytes.
    RangeNotSatisfiable {
        body: models::Problem,
        content_range: String,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
    Blocked {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub enum GetRawMessageResponse {
    /// The message.
    Found {
        body: bytes::Bytes,
        e_tag: String,
        cache_control: String,
        repr_digest: String,
        accept_ranges: String,
        x_content_type_options: String,
        content_security_policy: String,
        x_span_id: Option<String>,
    },
    /// The requested part of the message. It may begin or end within a character.
    PartialContent {
        body: bytes::Bytes,
        content_range: String,
        e_tag: String,
        cache_control: String,
        repr_digest: String,
        accept_ranges: String,
        x_content_type_options: String,
        content_security_policy: String,
        x_span_id: Option<String>,
    },
    /// The client's copy is current.
    NotModified {
        e_tag: String,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The request is malformed; `detail` explains why.
    BadRequest {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The operation needs a token, or the request has an invalid one.
    Unauthorized {
        body: models::Problem,
        www_authenticate: String,
        x_span_id: Option<String>,
    },
    /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
    Forbidden {
        body: models::Problem,
        www_authenticate: Option<String>,
        x_span_id: Option<String>,
    },
    /// No message with this digest is stored at the moment.
    NotFound {
        body: models::Problem,
        cache_control: String,
        x_span_id: Option<String>,
    },
    /// The request did not arrive within the server's deadline.
    RequestTimeout {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The condition in `If-Match` is false; nothing was done.
    PreconditionFailed {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message or the request body is over the server's limit.
    ContentTooLarge {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The message has none of the requested bytes.
    RangeNotSatisfiable {
        body: models::Problem,
        content_range: String,
        x_span_id: Option<String>,
    },
    /// The client is over the deployment's rate limit.
    TooManyRequests {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
    /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
    Blocked {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// An unexpected failure of the server. Its log has the cause.
    InternalServerError {
        body: models::Problem,
        x_span_id: Option<String>,
    },
    /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
    ServiceUnavailable {
        body: models::Problem,
        retry_after: i32,
        x_span_id: Option<String>,
    },
}

/// API
#[cfg_attr(feature = "mock", automock)]
#[async_trait]
#[allow(clippy::too_many_arguments, clippy::ptr_arg)]
pub trait Api<C: Send + Sync> {
    /// Store a message and return its digest
    async fn add_message(
        &self,
        message: models::Message,
        context: &C) -> Result<AddMessageResponse, ApiError>;

    /// Store up to 1,000 messages and return their digests
    async fn add_message_batch(
        &self,
        message_batch: models::MessageBatch,
        context: &C) -> Result<AddMessageBatchResponse, ApiError>;

    /// Store a message that is the whole body, and return its digest
    async fn add_raw_message(
        &self,
        body: Option<String>,
        context: &C) -> Result<AddRawMessageResponse, ApiError>;

    /// Return the messages that have these up to 1,000 digests
    async fn look_up_messages(
        &self,
        message_lookup: models::MessageLookup,
        context: &C) -> Result<LookUpMessagesResponse, ApiError>;

    /// Delete the message that has this digest
    async fn delete_message(
        &self,
        hash: String,
        if_match: Option<String>,
        context: &C) -> Result<DeleteMessageResponse, ApiError>;

    /// Return the message that has this digest
    async fn get_message_by_hash(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        context: &C) -> Result<GetMessageByHashResponse, ApiError>;

    /// Return the message that this ni URI names, byte for byte
    async fn get_named_information(
        &self,
        value: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        context: &C) -> Result<GetNamedInformationResponse, ApiError>;

    /// Return the message that has this digest, byte for byte
    async fn get_raw_message(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        context: &C) -> Result<GetRawMessageResponse, ApiError>;

}

/// API where `Context` isn't passed on every API call
#[cfg_attr(feature = "mock", automock)]
#[async_trait]
#[allow(clippy::too_many_arguments, clippy::ptr_arg)]
pub trait ApiNoContext<C: Send + Sync> {
    // The std::task::Context struct houses a reference to std::task::Waker with the lifetime <'a>.
    // Adding an anonymous lifetime `'a` to allow mockall to create a mock object with the right lifetimes.
    // This is needed because the compiler is unable to determine the lifetimes on F's trait bound
    // where F is the closure created by mockall. We use higher-rank trait bounds here to get around this.

    fn context(&self) -> &C;

    /// Store a message and return its digest
    async fn add_message(
        &self,
        message: models::Message,
        ) -> Result<AddMessageResponse, ApiError>;

    /// Store up to 1,000 messages and return their digests
    async fn add_message_batch(
        &self,
        message_batch: models::MessageBatch,
        ) -> Result<AddMessageBatchResponse, ApiError>;

    /// Store a message that is the whole body, and return its digest
    async fn add_raw_message(
        &self,
        body: Option<String>,
        ) -> Result<AddRawMessageResponse, ApiError>;

    /// Return the messages that have these up to 1,000 digests
    async fn look_up_messages(
        &self,
        message_lookup: models::MessageLookup,
        ) -> Result<LookUpMessagesResponse, ApiError>;

    /// Delete the message that has this digest
    async fn delete_message(
        &self,
        hash: String,
        if_match: Option<String>,
        ) -> Result<DeleteMessageResponse, ApiError>;

    /// Return the message that has this digest
    async fn get_message_by_hash(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        ) -> Result<GetMessageByHashResponse, ApiError>;

    /// Return the message that this ni URI names, byte for byte
    async fn get_named_information(
        &self,
        value: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        ) -> Result<GetNamedInformationResponse, ApiError>;

    /// Return the message that has this digest, byte for byte
    async fn get_raw_message(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        ) -> Result<GetRawMessageResponse, ApiError>;

}

/// Trait to extend an API to make it easy to bind it to a context.
pub trait ContextWrapperExt<C: Send + Sync> where Self: Sized
{
    /// Binds this API to a context.
    fn with_context(self, context: C) -> ContextWrapper<Self, C>;
}

impl<T: Api<C> + Send + Sync, C: Clone + Send + Sync> ContextWrapperExt<C> for T {
    fn with_context(self: T, context: C) -> ContextWrapper<T, C> {
         ContextWrapper::<T, C>::new(self, context)
    }
}

#[async_trait]
impl<T: Api<C> + Send + Sync, C: Clone + Send + Sync> ApiNoContext<C> for ContextWrapper<T, C> {
    fn context(&self) -> &C {
        ContextWrapper::context(self)
    }

    /// Store a message and return its digest
    async fn add_message(
        &self,
        message: models::Message,
        ) -> Result<AddMessageResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().add_message(message, &context).await
    }

    /// Store up to 1,000 messages and return their digests
    async fn add_message_batch(
        &self,
        message_batch: models::MessageBatch,
        ) -> Result<AddMessageBatchResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().add_message_batch(message_batch, &context).await
    }

    /// Store a message that is the whole body, and return its digest
    async fn add_raw_message(
        &self,
        body: Option<String>,
        ) -> Result<AddRawMessageResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().add_raw_message(body, &context).await
    }

    /// Return the messages that have these up to 1,000 digests
    async fn look_up_messages(
        &self,
        message_lookup: models::MessageLookup,
        ) -> Result<LookUpMessagesResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().look_up_messages(message_lookup, &context).await
    }

    /// Delete the message that has this digest
    async fn delete_message(
        &self,
        hash: String,
        if_match: Option<String>,
        ) -> Result<DeleteMessageResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().delete_message(hash, if_match, &context).await
    }

    /// Return the message that has this digest
    async fn get_message_by_hash(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        ) -> Result<GetMessageByHashResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().get_message_by_hash(hash, if_match, if_none_match, &context).await
    }

    /// Return the message that this ni URI names, byte for byte
    async fn get_named_information(
        &self,
        value: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        ) -> Result<GetNamedInformationResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().get_named_information(value, if_match, if_none_match, range, if_range, &context).await
    }

    /// Return the message that has this digest, byte for byte
    async fn get_raw_message(
        &self,
        hash: String,
        if_match: Option<String>,
        if_none_match: Option<String>,
        range: Option<String>,
        if_range: Option<String>,
        ) -> Result<GetRawMessageResponse, ApiError>
    {
        let context = self.context().clone();
        self.api().get_raw_message(hash, if_match, if_none_match, range, if_range, &context).await
    }

}


#[cfg(feature = "client")]
pub mod client;

// Re-export Client as a top-level name
#[cfg(feature = "client")]
pub use client::Client;

#[cfg(feature = "server")]
pub mod server;

// Re-export router() as a top-level name
#[cfg(feature = "server")]
pub use self::server::Service;

#[cfg(feature = "server")]
pub mod context;

pub mod models;

#[cfg(any(feature = "client", feature = "server"))]
pub(crate) mod header;
