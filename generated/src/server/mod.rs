//! The operations of the contract: their properties, their parameters and their responses.

use std::future::Future;

use bytes::Bytes;
use hyper::{header::HeaderName, Method};
use message_to_hash_api_runtime::{
    bytes_response, check, empty_response, header, json_response, CallError, Declares, HttpResponse, OperationInfo,
    OperationSet, PathTemplate, Request,
};

use crate::models;

/// The operations of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Store a message and return its digest
    AddMessage,
    /// Store up to 1,000 messages and return their digests
    AddMessageBatch,
    /// Store a message that is the whole body, and return its digest
    AddRawMessage,
    /// Return the messages that have these up to 1,000 digests
    LookUpMessages,
    /// Delete the message that has this digest
    DeleteMessage,
    /// Return the message that has this digest
    GetMessageByHash,
    /// Return the message that this ni URI names, byte for byte
    GetNamedInformation,
    /// Return the message that has this digest, byte for byte
    GetRawMessage,
}

impl OperationSet for Operation {
    const ALL: &'static [Self] = &[
        Self::AddMessage,
        Self::AddMessageBatch,
        Self::AddRawMessage,
        Self::LookUpMessages,
        Self::DeleteMessage,
        Self::GetMessageByHash,
        Self::GetNamedInformation,
        Self::GetRawMessage,
    ];

    fn info(self) -> &'static OperationInfo {
        match self {
            Self::AddMessage => const { &OperationInfo {
                id: "AddMessage",
                method: Method::POST,
                path: PathTemplate::new("/messages"),
                scope: Some("messages:write"),
                media_types: &["application/json"],
                max_body_bytes: None,
                max_items: None,
                statuses: add_message::STATUSES,
            } },
            Self::AddMessageBatch => const { &OperationInfo {
                id: "AddMessageBatch",
                method: Method::POST,
                path: PathTemplate::new("/messages/batch"),
                scope: Some("messages:write"),
                media_types: &["application/json"],
                max_body_bytes: Some(6291456),
                max_items: Some(1000),
                statuses: add_message_batch::STATUSES,
            } },
            Self::AddRawMessage => const { &OperationInfo {
                id: "AddRawMessage",
                method: Method::POST,
                path: PathTemplate::new("/messages/raw"),
                scope: Some("messages:write"),
                media_types: &["text/plain", "application/octet-stream"],
                max_body_bytes: None,
                max_items: None,
                statuses: add_raw_message::STATUSES,
            } },
            Self::LookUpMessages => const { &OperationInfo {
                id: "LookUpMessages",
                method: Method::POST,
                path: PathTemplate::new("/messages/lookup"),
                scope: Some("messages:read"),
                media_types: &["application/json"],
                max_body_bytes: Some(262144),
                max_items: Some(1000),
                statuses: look_up_messages::STATUSES,
            } },
            Self::DeleteMessage => const { &OperationInfo {
                id: "DeleteMessage",
                method: Method::DELETE,
                path: PathTemplate::new("/messages/{hash}"),
                scope: Some("messages:delete"),
                media_types: &[],
                max_body_bytes: None,
                max_items: None,
                statuses: delete_message::STATUSES,
            } },
            Self::GetMessageByHash => const { &OperationInfo {
                id: "GetMessageByHash",
                method: Method::GET,
                path: PathTemplate::new("/messages/{hash}"),
                scope: Some("messages:read"),
                media_types: &[],
                max_body_bytes: None,
                max_items: None,
                statuses: get_message_by_hash::STATUSES,
            } },
            Self::GetNamedInformation => const { &OperationInfo {
                id: "GetNamedInformation",
                method: Method::GET,
                path: PathTemplate::new("/.well-known/ni/sha-256/{value}"),
                scope: Some("messages:read"),
                media_types: &[],
                max_body_bytes: None,
                max_items: None,
                statuses: get_named_information::STATUSES,
            } },
            Self::GetRawMessage => const { &OperationInfo {
                id: "GetRawMessage",
                method: Method::GET,
                path: PathTemplate::new("/messages/{hash}/raw"),
                scope: Some("messages:read"),
                media_types: &[],
                max_body_bytes: None,
                max_items: None,
                statuses: get_raw_message::STATUSES,
            } },
        }
    }
}

/// The operations as a server implements them. `C` is the type of a context for each request.
pub trait Operations<C: Sync> {
    /// Store a message and return its digest
    fn add_message(
        &self,
        parameters: add_message::Parameters,
        context: &C,
    ) -> impl Future<Output = add_message::Response> + Send;
    /// Store up to 1,000 messages and return their digests
    fn add_message_batch(
        &self,
        parameters: add_message_batch::Parameters,
        context: &C,
    ) -> impl Future<Output = add_message_batch::Response> + Send;
    /// Store a message that is the whole body, and return its digest
    fn add_raw_message(
        &self,
        parameters: add_raw_message::Parameters,
        context: &C,
    ) -> impl Future<Output = add_raw_message::Response> + Send;
    /// Return the messages that have these up to 1,000 digests
    fn look_up_messages(
        &self,
        parameters: look_up_messages::Parameters,
        context: &C,
    ) -> impl Future<Output = look_up_messages::Response> + Send;
    /// Delete the message that has this digest
    fn delete_message(
        &self,
        parameters: delete_message::Parameters,
        context: &C,
    ) -> impl Future<Output = delete_message::Response> + Send;
    /// Return the message that has this digest
    fn get_message_by_hash(
        &self,
        parameters: get_message_by_hash::Parameters,
        context: &C,
    ) -> impl Future<Output = get_message_by_hash::Response> + Send;
    /// Return the message that this ni URI names, byte for byte
    fn get_named_information(
        &self,
        parameters: get_named_information::Parameters,
        context: &C,
    ) -> impl Future<Output = get_named_information::Response> + Send;
    /// Return the message that has this digest, byte for byte
    fn get_raw_message(
        &self,
        parameters: get_raw_message::Parameters,
        context: &C,
    ) -> impl Future<Output = get_raw_message::Response> + Send;
}

/// Answers requests by calling the operations of `T`.
pub struct Service<T>(pub T);

impl<T> Service<T> {
    /// Decodes the request, calls the operation, and encodes the response.
    pub async fn call<C: Sync>(&self, operation: Operation, request: Request<'_>, context: &C) -> Result<HttpResponse, CallError>
    where
        T: Operations<C>,
    {
        match operation {
            Operation::AddMessage => {
                let parameters = add_message::Parameters::decode(request)?;
                self.0.add_message(parameters, context).await.encode()
            }
            Operation::AddMessageBatch => {
                let parameters = add_message_batch::Parameters::decode(request)?;
                self.0.add_message_batch(parameters, context).await.encode()
            }
            Operation::AddRawMessage => {
                let parameters = add_raw_message::Parameters::decode(request)?;
                self.0.add_raw_message(parameters, context).await.encode()
            }
            Operation::LookUpMessages => {
                let parameters = look_up_messages::Parameters::decode(request)?;
                self.0.look_up_messages(parameters, context).await.encode()
            }
            Operation::DeleteMessage => {
                let parameters = delete_message::Parameters::decode(request)?;
                self.0.delete_message(parameters, context).await.encode()
            }
            Operation::GetMessageByHash => {
                let parameters = get_message_by_hash::Parameters::decode(request)?;
                self.0.get_message_by_hash(parameters, context).await.encode()
            }
            Operation::GetNamedInformation => {
                let parameters = get_named_information::Parameters::decode(request)?;
                self.0.get_named_information(parameters, context).await.encode()
            }
            Operation::GetRawMessage => {
                let parameters = get_raw_message::Parameters::decode(request)?;
                self.0.get_raw_message(parameters, context).await.encode()
            }
        }
    }
}


/// Store a message and return its digest
pub mod add_message {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[201, 200, 400, 401, 403, 408, 413, 415, 429, 451, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages"), "AddMessage: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::POST), "AddMessage: the server answers this method itself, on every path");
    const _: () = assert!(!check::has_parameters("application/json"), "AddMessage: a media type with parameters is not supported");

    /// The parameters of a request.
    pub struct Parameters {
        pub message: models::Message,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                message: request.json()?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// The message is new, and is now stored.
        Created { body: models::MessageDigest, location: String, },
        /// The message was already stored. A new message may get this status, too, where the server lost its connection to the store and repeated the write.
        AlreadyStored { body: models::MessageDigest, },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
        Forbidden { body: models::Problem, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The operation does not support the body's Content-Type or Content-Encoding.
        UnsupportedMediaType { body: models::Problem, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
        Blocked { body: models::Problem, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Created { body, location, } => json_response::<201, _>("application/json", body, [header(const { HeaderName::from_static("location") }, location)?, ]),
                Self::AlreadyStored { body, } => json_response::<200, _>("application/json", body, []),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::UnsupportedMediaType { body, } => json_response::<415, _>("application/problem+json", body, []),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::Blocked { body, } => json_response::<451, _>("application/problem+json", body, []),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<201, (models::MessageDigest, String, )> for Response {
        fn with((body, location, ): (models::MessageDigest, String, )) -> Self {
            Self::Created { body, location, }
        }
    }

    impl Declares<200, (models::MessageDigest, )> for Response {
        fn with((body, ): (models::MessageDigest, )) -> Self {
            Self::AlreadyStored { body, }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<415, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::UnsupportedMediaType { body, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<451, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Blocked { body, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}


/// Store up to 1,000 messages and return their digests
pub mod add_message_batch {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[200, 400, 401, 403, 408, 413, 415, 429, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages/batch"), "AddMessageBatch: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::POST), "AddMessageBatch: the server answers this method itself, on every path");
    const _: () = assert!(!check::has_parameters("application/json"), "AddMessageBatch: a media type with parameters is not supported");

    /// The parameters of a request.
    pub struct Parameters {
        pub message_batch: models::MessageBatch,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                message_batch: request.json()?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// The result for each message.
        Processed { body: models::BatchResults, },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
        Forbidden { body: models::Problem, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The operation does not support the body's Content-Type or Content-Encoding.
        UnsupportedMediaType { body: models::Problem, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Processed { body, } => json_response::<200, _>("application/json", body, []),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::UnsupportedMediaType { body, } => json_response::<415, _>("application/problem+json", body, []),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<200, (models::BatchResults, )> for Response {
        fn with((body, ): (models::BatchResults, )) -> Self {
            Self::Processed { body, }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<415, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::UnsupportedMediaType { body, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}


/// Store a message that is the whole body, and return its digest
pub mod add_raw_message {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[201, 200, 400, 401, 403, 408, 413, 415, 429, 451, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages/raw"), "AddRawMessage: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::POST), "AddRawMessage: the server answers this method itself, on every path");
    const _: () = assert!(!check::has_parameters("text/plain"), "AddRawMessage: a media type with parameters is not supported");
    const _: () = assert!(!check::has_parameters("application/octet-stream"), "AddRawMessage: a media type with parameters is not supported");

    /// The parameters of a request.
    pub struct Parameters {
        pub body: String,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                body: request.text()?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// The message is new, and is now stored.
        Created { body: models::MessageDigest, location: String, },
        /// The message was already stored. A new message may get this status, too, where the server lost its connection to the store and repeated the write.
        AlreadyStored { body: models::MessageDigest, },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
        Forbidden { body: models::Problem, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The operation does not support the body's Content-Type or Content-Encoding.
        UnsupportedMediaType { body: models::Problem, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
        Blocked { body: models::Problem, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Created { body, location, } => json_response::<201, _>("application/json", body, [header(const { HeaderName::from_static("location") }, location)?, ]),
                Self::AlreadyStored { body, } => json_response::<200, _>("application/json", body, []),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::UnsupportedMediaType { body, } => json_response::<415, _>("application/problem+json", body, []),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::Blocked { body, } => json_response::<451, _>("application/problem+json", body, []),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<201, (models::MessageDigest, String, )> for Response {
        fn with((body, location, ): (models::MessageDigest, String, )) -> Self {
            Self::Created { body, location, }
        }
    }

    impl Declares<200, (models::MessageDigest, )> for Response {
        fn with((body, ): (models::MessageDigest, )) -> Self {
            Self::AlreadyStored { body, }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<415, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::UnsupportedMediaType { body, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<451, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Blocked { body, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}


/// Return the messages that have these up to 1,000 digests
pub mod look_up_messages {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[200, 400, 401, 403, 408, 413, 415, 429, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages/lookup"), "LookUpMessages: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::POST), "LookUpMessages: the server answers this method itself, on every path");
    const _: () = assert!(!check::has_parameters("application/json"), "LookUpMessages: a media type with parameters is not supported");

    /// The parameters of a request.
    pub struct Parameters {
        pub message_lookup: models::MessageLookup,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                message_lookup: request.json()?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// The result for each digest.
        Processed { body: models::LookupResults, },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
        Forbidden { body: models::Problem, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The operation does not support the body's Content-Type or Content-Encoding.
        UnsupportedMediaType { body: models::Problem, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Processed { body, } => json_response::<200, _>("application/json", body, []),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::UnsupportedMediaType { body, } => json_response::<415, _>("application/problem+json", body, []),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<200, (models::LookupResults, )> for Response {
        fn with((body, ): (models::LookupResults, )) -> Self {
            Self::Processed { body, }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<415, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::UnsupportedMediaType { body, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}


/// Delete the message that has this digest
pub mod delete_message {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[204, 400, 401, 403, 404, 408, 412, 413, 429, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages/{hash}"), "DeleteMessage: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::DELETE), "DeleteMessage: the server answers this method itself, on every path");

    /// The parameters of a request.
    pub struct Parameters {
        pub hash: String,
        pub if_match: Option<String>,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                hash: request.path("hash")?,
                if_match: request.header(&const { HeaderName::from_static("if-match") }, "If-Match")?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// No message with this digest is stored.
        Deleted { },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope, or this deployment does not use identities.
        Forbidden { body: models::Problem, },
        /// The path does not contain a digest.
        NotFound { body: models::Problem, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The condition in `If-Match` is false; nothing was done.
        PreconditionFailed { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Deleted { } => empty_response::<204, _>([]),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::NotFound { body, } => json_response::<404, _>("application/problem+json", body, []),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::PreconditionFailed { body, } => json_response::<412, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<204, ()> for Response {
        fn with((): ()) -> Self {
            Self::Deleted { }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<404, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::NotFound { body, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<412, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::PreconditionFailed { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}


/// Return the message that has this digest
pub mod get_message_by_hash {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[200, 304, 400, 401, 403, 404, 408, 412, 413, 429, 451, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages/{hash}"), "GetMessageByHash: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::GET), "GetMessageByHash: the server answers this method itself, on every path");

    /// The parameters of a request.
    pub struct Parameters {
        pub hash: String,
        pub if_match: Option<String>,
        pub if_none_match: Option<String>,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                hash: request.path("hash")?,
                if_match: request.header(&const { HeaderName::from_static("if-match") }, "If-Match")?,
                if_none_match: request.header(&const { HeaderName::from_static("if-none-match") }, "If-None-Match")?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// The message.
        Found { body: models::Message, e_tag: String, cache_control: String, },
        /// The client's copy is current.
        NotModified { e_tag: String, cache_control: String, },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
        Forbidden { body: models::Problem, },
        /// No message with this digest is stored at the moment.
        NotFound { body: models::Problem, cache_control: String, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The condition in `If-Match` is false; nothing was done.
        PreconditionFailed { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
        Blocked { body: models::Problem, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Found { body, e_tag, cache_control, } => json_response::<200, _>("application/json", body, [header(const { HeaderName::from_static("etag") }, e_tag)?, header(const { HeaderName::from_static("cache-control") }, cache_control)?, ]),
                Self::NotModified { e_tag, cache_control, } => empty_response::<304, _>([header(const { HeaderName::from_static("etag") }, e_tag)?, header(const { HeaderName::from_static("cache-control") }, cache_control)?, ]),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::NotFound { body, cache_control, } => json_response::<404, _>("application/problem+json", body, [header(const { HeaderName::from_static("cache-control") }, cache_control)?, ]),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::PreconditionFailed { body, } => json_response::<412, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::Blocked { body, } => json_response::<451, _>("application/problem+json", body, []),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<200, (models::Message, String, String, )> for Response {
        fn with((body, e_tag, cache_control, ): (models::Message, String, String, )) -> Self {
            Self::Found { body, e_tag, cache_control, }
        }
    }

    impl Declares<304, (String, String, )> for Response {
        fn with((e_tag, cache_control, ): (String, String, )) -> Self {
            Self::NotModified { e_tag, cache_control, }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<404, (models::Problem, String, )> for Response {
        fn with((body, cache_control, ): (models::Problem, String, )) -> Self {
            Self::NotFound { body, cache_control, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<412, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::PreconditionFailed { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<451, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Blocked { body, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}


/// Return the message that this ni URI names, byte for byte
pub mod get_named_information {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[200, 206, 304, 400, 401, 403, 404, 408, 412, 413, 416, 429, 451, 500, 503];
    const _: () = assert!(check::has_whole_segments("/.well-known/ni/sha-256/{value}"), "GetNamedInformation: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::GET), "GetNamedInformation: the server answers this method itself, on every path");

    /// The parameters of a request.
    pub struct Parameters {
        pub value: String,
        pub if_match: Option<String>,
        pub if_none_match: Option<String>,
        pub range: Option<String>,
        pub if_range: Option<String>,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                value: request.path("value")?,
                if_match: request.header(&const { HeaderName::from_static("if-match") }, "If-Match")?,
                if_none_match: request.header(&const { HeaderName::from_static("if-none-match") }, "If-None-Match")?,
                range: request.header(&const { HeaderName::from_static("range") }, "Range")?,
                if_range: request.header(&const { HeaderName::from_static("if-range") }, "If-Range")?,
            })
        }
    }

    pub use super::get_raw_message::Response;
    const _: () = assert!(
        check::are_equal(STATUSES, super::get_raw_message::STATUSES),
        "GetNamedInformation: its statuses differ from those of getRawMessage"
    );
}


/// Return the message that has this digest, byte for byte
pub mod get_raw_message {
    use super::*;

    pub(super) const STATUSES: &[u16] = &[200, 206, 304, 400, 401, 403, 404, 408, 412, 413, 416, 429, 451, 500, 503];
    const _: () = assert!(check::has_whole_segments("/messages/{hash}/raw"), "GetRawMessage: a path parameter must be a whole segment");
    const _: () = assert!(!check::is_answered_on_every_path(&Method::GET), "GetRawMessage: the server answers this method itself, on every path");

    /// The parameters of a request.
    pub struct Parameters {
        pub hash: String,
        pub if_match: Option<String>,
        pub if_none_match: Option<String>,
        pub range: Option<String>,
        pub if_range: Option<String>,
    }

    impl Parameters {
        pub(super) fn decode(mut request: Request<'_>) -> Result<Self, CallError> {

            Ok(Self {
                hash: request.path("hash")?,
                if_match: request.header(&const { HeaderName::from_static("if-match") }, "If-Match")?,
                if_none_match: request.header(&const { HeaderName::from_static("if-none-match") }, "If-None-Match")?,
                range: request.header(&const { HeaderName::from_static("range") }, "Range")?,
                if_range: request.header(&const { HeaderName::from_static("if-range") }, "If-Range")?,
            })
        }
    }

    /// The responses, with the headers that the operation sets.
    pub enum Response {
        /// The message.
        Found { body: bytes::Bytes, e_tag: String, cache_control: String, repr_digest: String, accept_ranges: String, x_content_type_options: String, content_security_policy: String, },
        /// The requested part of the message. It may begin or end within a character.
        PartialContent { body: bytes::Bytes, content_range: String, e_tag: String, cache_control: String, repr_digest: String, accept_ranges: String, x_content_type_options: String, content_security_policy: String, },
        /// The client's copy is current.
        NotModified { e_tag: String, cache_control: String, },
        /// The request is malformed; `detail` explains why.
        BadRequest { body: models::Problem, },
        /// The operation needs a token, or the request has an invalid one.
        Unauthorized { body: models::Problem, www_authenticate: String, },
        /// The token lacks the scope that the operation requires, or the request comes from a web page of another origin. 
        Forbidden { body: models::Problem, },
        /// No message with this digest is stored at the moment.
        NotFound { body: models::Problem, cache_control: String, },
        /// The request did not arrive within the server's deadline.
        RequestTimeout { body: models::Problem, },
        /// The condition in `If-Match` is false; nothing was done.
        PreconditionFailed { body: models::Problem, },
        /// The message or the request body is over the server's limit.
        ContentTooLarge { body: models::Problem, },
        /// The message has none of the requested bytes.
        RangeNotSatisfiable { body: models::Problem, content_range: String, },
        /// The client is over the deployment's rate limit.
        TooManyRequests { body: models::Problem, retry_after: i32, },
        /// The deployment has blocked this digest (RFC 7725): its message is neither served nor stored. The list of blocked digests can change. 
        Blocked { body: models::Problem, },
        /// An unexpected failure of the server. Its log has the cause.
        InternalServerError { body: models::Problem, },
        /// The store or the token issuer cannot be reached, the store is full or busy, or the server has no memory left for a large request or answer. Repeat the request later.
        ServiceUnavailable { body: models::Problem, retry_after: i32, },
    }

    impl Response {
        pub(super) fn encode(self) -> Result<HttpResponse, CallError> {
            match self {
                Self::Found { body, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, } => bytes_response::<200, _>("text/plain; charset=utf-8", body, [header(const { HeaderName::from_static("etag") }, e_tag)?, header(const { HeaderName::from_static("cache-control") }, cache_control)?, header(const { HeaderName::from_static("repr-digest") }, repr_digest)?, header(const { HeaderName::from_static("accept-ranges") }, accept_ranges)?, header(const { HeaderName::from_static("x-content-type-options") }, x_content_type_options)?, header(const { HeaderName::from_static("content-security-policy") }, content_security_policy)?, ]),
                Self::PartialContent { body, content_range, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, } => bytes_response::<206, _>("text/plain; charset=utf-8", body, [header(const { HeaderName::from_static("content-range") }, content_range)?, header(const { HeaderName::from_static("etag") }, e_tag)?, header(const { HeaderName::from_static("cache-control") }, cache_control)?, header(const { HeaderName::from_static("repr-digest") }, repr_digest)?, header(const { HeaderName::from_static("accept-ranges") }, accept_ranges)?, header(const { HeaderName::from_static("x-content-type-options") }, x_content_type_options)?, header(const { HeaderName::from_static("content-security-policy") }, content_security_policy)?, ]),
                Self::NotModified { e_tag, cache_control, } => empty_response::<304, _>([header(const { HeaderName::from_static("etag") }, e_tag)?, header(const { HeaderName::from_static("cache-control") }, cache_control)?, ]),
                Self::BadRequest { body, } => json_response::<400, _>("application/problem+json", body, []),
                Self::Unauthorized { body, www_authenticate, } => json_response::<401, _>("application/problem+json", body, [header(const { HeaderName::from_static("www-authenticate") }, www_authenticate)?, ]),
                Self::Forbidden { body, } => json_response::<403, _>("application/problem+json", body, []),
                Self::NotFound { body, cache_control, } => json_response::<404, _>("application/problem+json", body, [header(const { HeaderName::from_static("cache-control") }, cache_control)?, ]),
                Self::RequestTimeout { body, } => json_response::<408, _>("application/problem+json", body, []),
                Self::PreconditionFailed { body, } => json_response::<412, _>("application/problem+json", body, []),
                Self::ContentTooLarge { body, } => json_response::<413, _>("application/problem+json", body, []),
                Self::RangeNotSatisfiable { body, content_range, } => json_response::<416, _>("application/problem+json", body, [header(const { HeaderName::from_static("content-range") }, content_range)?, ]),
                Self::TooManyRequests { body, retry_after, } => json_response::<429, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
                Self::Blocked { body, } => json_response::<451, _>("application/problem+json", body, []),
                Self::InternalServerError { body, } => json_response::<500, _>("application/problem+json", body, []),
                Self::ServiceUnavailable { body, retry_after, } => json_response::<503, _>("application/problem+json", body, [header(const { HeaderName::from_static("retry-after") }, retry_after)?, ]),
            }
        }
    }

    impl Declares<200, (bytes::Bytes, String, String, String, String, String, String, )> for Response {
        fn with((body, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, ): (bytes::Bytes, String, String, String, String, String, String, )) -> Self {
            Self::Found { body, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, }
        }
    }

    impl Declares<206, (bytes::Bytes, String, String, String, String, String, String, String, )> for Response {
        fn with((body, content_range, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, ): (bytes::Bytes, String, String, String, String, String, String, String, )) -> Self {
            Self::PartialContent { body, content_range, e_tag, cache_control, repr_digest, accept_ranges, x_content_type_options, content_security_policy, }
        }
    }

    impl Declares<304, (String, String, )> for Response {
        fn with((e_tag, cache_control, ): (String, String, )) -> Self {
            Self::NotModified { e_tag, cache_control, }
        }
    }

    impl Declares<400, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::BadRequest { body, }
        }
    }

    impl Declares<401, (models::Problem, String, )> for Response {
        fn with((body, www_authenticate, ): (models::Problem, String, )) -> Self {
            Self::Unauthorized { body, www_authenticate, }
        }
    }

    impl Declares<403, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Forbidden { body, }
        }
    }

    impl Declares<404, (models::Problem, String, )> for Response {
        fn with((body, cache_control, ): (models::Problem, String, )) -> Self {
            Self::NotFound { body, cache_control, }
        }
    }

    impl Declares<408, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::RequestTimeout { body, }
        }
    }

    impl Declares<412, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::PreconditionFailed { body, }
        }
    }

    impl Declares<413, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::ContentTooLarge { body, }
        }
    }

    impl Declares<416, (models::Problem, String, )> for Response {
        fn with((body, content_range, ): (models::Problem, String, )) -> Self {
            Self::RangeNotSatisfiable { body, content_range, }
        }
    }

    impl Declares<429, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::TooManyRequests { body, retry_after, }
        }
    }

    impl Declares<451, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::Blocked { body, }
        }
    }

    impl Declares<500, (models::Problem, )> for Response {
        fn with((body, ): (models::Problem, )) -> Self {
            Self::InternalServerError { body, }
        }
    }

    impl Declares<503, (models::Problem, i32, )> for Response {
        fn with((body, retry_after, ): (models::Problem, i32, )) -> Self {
            Self::ServiceUnavailable { body, retry_after, }
        }
    }
}

