//! Sends one request and reads its response, below the generated client.
//!
//! The generated client converts every error to text. So this module stores its typed error in the [`CallContext`],
//! which the generated client passes through. Error statuses become errors here: the generated client decodes only
//! success, and the 404 of a message that is not stored.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt as _};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{HeaderValue, LOCATION, USER_AGENT};
use hyper::http::response::Parts;
use hyper::service::Service;
use hyper::{Method, Request, Response};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use message_to_hash_api::models::Problem;
use swagger::{AuthData, Has, XSpanIdString};

use crate::backoff::parse_retry_after;
use crate::error::{BoxError, Error};

type RequestBody = BoxBody<Bytes, Infallible>;

/// The HTTP client below the generated one. It limits the size of responses.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    pub(crate) client: Client<HttpsConnector<HttpConnector>, RequestBody>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) max_response_bytes: usize,
}

impl Transport {
    async fn send(
        &self,
        mut request: Request<RequestBody>,
        limit: usize,
    ) -> Result<Response<Full<Bytes>>, Error> {
        let method = request.method().clone();
        request.headers_mut().insert(USER_AGENT, self.user_agent.clone());
        let response = self.client.request(request).await.map_err(Error::from_transport)?;
        let (head, body) = response.into_parts();
        if head.status.is_redirection() && head.status != 304 {
            let location = head.headers.get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            return Err(Error::Redirected { status: head.status.as_u16(), location });
        }
        let body = self.read_body(body, limit).await?;
        match (method, head.status.as_u16()) {
            (Method::POST, 200 | 201) | (Method::GET, 200 | 304 | 404) | (Method::DELETE, 204) => {
                Ok(Response::from_parts(head, Full::new(body)))
            }
            _ => Err(response_error(&head, &body)),
        }
    }

    async fn read_body(&self, body: Incoming, limit: usize) -> Result<Bytes, Error> {
        let declared = body.size_hint().lower();
        if declared > limit as u64 {
            return Err(Error::AnswerTooLarge { limit });
        }
        match Limited::new(body, limit).collect().await {
            Ok(read) => Ok(read.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Error::AnswerTooLarge { limit }),
            Err(error) => Err(Error::from_transport(error)),
        }
    }
}

fn response_error(head: &Parts, body: &[u8]) -> Error {
    let detail = match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => problem.detail,
        Err(_) => head.status.canonical_reason().unwrap_or("no standard phrase for this status").to_owned(),
    };
    Error::from_response(head.status.as_u16(), &detail, parse_retry_after(&head.headers))
}

impl Service<(Request<RequestBody>, CallContext)> for Transport {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn call(&self, (request, call): (Request<RequestBody>, CallContext)) -> Self::Future {
        let transport = self.clone();
        async move {
            let limit = call.max_response_bytes.unwrap_or(transport.max_response_bytes);
            transport.send(request, limit).await.map_err(|error| {
                let text = error.to_string();
                let _ = call.error.set(error); // never set before: one request per context
                text.into()
            })
        }
        .boxed()
    }
}

/// The context of one attempt: its span id and token, its limit, and the error if it fails.
#[derive(Clone)]
pub(crate) struct CallContext {
    span_id: XSpanIdString,
    token: Option<AuthData>,
    /// Replaces the transport's limit, for requests about many messages.
    max_response_bytes: Option<usize>,
    error: Arc<OnceLock<Error>>,
}

impl CallContext {
    pub(crate) fn new(span_id: String, token: Option<AuthData>) -> Self {
        Self { span_id: XSpanIdString(span_id), token, max_response_bytes: None, error: Arc::default() }
    }

    pub(crate) fn with_max_response_bytes(self, max: usize) -> Self {
        Self { max_response_bytes: Some(max), ..self }
    }

    /// Returns the error that the transport stored. Without one, the generated client could not decode the response,
    /// and `text` says why.
    pub(crate) fn into_error(self, text: &str) -> Error {
        let error = Arc::into_inner(self.error).and_then(OnceLock::into_inner);
        error.unwrap_or_else(|| Error::invalid_response(text))
    }
}

impl Has<XSpanIdString> for CallContext {
    fn get(&self) -> &XSpanIdString {
        &self.span_id
    }

    fn get_mut(&mut self) -> &mut XSpanIdString {
        &mut self.span_id
    }

    fn set(&mut self, value: XSpanIdString) {
        self.span_id = value;
    }
}

impl Has<Option<AuthData>> for CallContext {
    fn get(&self) -> &Option<AuthData> {
        &self.token
    }

    fn get_mut(&mut self) -> &mut Option<AuthData> {
        &mut self.token
    }

    fn set(&mut self, value: Option<AuthData>) {
        self.token = value;
    }
}
