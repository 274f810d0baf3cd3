//! One request and its answer, below the generated client: what that cannot bound, send or tell.
//!
//! The generated client turns whatever fails into text. So what fails here is left, typed, in the [`Call`] that
//! the generated client hands through, and only answers that it decodes as a success (or as a message that is
//! not there) reach it.

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

use crate::backoff::retry_after;
use crate::error::{BoxError, Error};

type RequestBody = BoxBody<Bytes, Infallible>;

/// Sends requests, and reads what comes back, up to a size.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) client: Client<HttpsConnector<HttpConnector>, RequestBody>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) max_answer_bytes: usize,
}

impl Exchange {
    async fn run(
        &self,
        mut request: Request<RequestBody>,
        limit: usize,
    ) -> Result<Response<Full<Bytes>>, Error> {
        let method = request.method().clone();
        request.headers_mut().insert(USER_AGENT, self.user_agent.clone());
        let response = self.client.request(request).await.map_err(Error::of_transport)?;
        let (head, body) = response.into_parts();
        if head.status.is_redirection() && head.status != 304 {
            let location = head.headers.get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            return Err(Error::Redirected { status: head.status.as_u16(), location });
        }
        let body = self.read(body, limit).await?;
        match (method, head.status.as_u16()) {
            (Method::POST, 200 | 201) | (Method::GET, 200 | 304 | 404) | (Method::DELETE, 204) => {
                Ok(Response::from_parts(head, Full::new(body)))
            }
            _ => Err(failure(&head, &body)),
        }
    }

    async fn read(&self, body: Incoming, limit: usize) -> Result<Bytes, Error> {
        let announced = body.size_hint().lower();
        if announced > limit as u64 {
            return Err(Error::AnswerTooLarge { limit });
        }
        match Limited::new(body, limit).collect().await {
            Ok(read) => Ok(read.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Error::AnswerTooLarge { limit }),
            Err(error) => Err(Error::of_transport(error)),
        }
    }
}

fn failure(head: &Parts, body: &[u8]) -> Error {
    let detail = match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => problem.detail,
        Err(_) => head.status.canonical_reason().unwrap_or("no reason given").to_owned(),
    };
    Error::of_answer(head.status.as_u16(), &detail, retry_after(&head.headers))
}

impl Service<(Request<RequestBody>, Call)> for Exchange {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn call(&self, (request, call): (Request<RequestBody>, Call)) -> Self::Future {
        let exchange = self.clone();
        async move {
            let limit = call.answer_bytes.unwrap_or(exchange.max_answer_bytes);
            exchange.run(request, limit).await.map_err(|error| {
                let text = error.to_string();
                let _ = call.failure.set(error); // there is one request to each call
                text.into()
            })
        }
        .boxed()
    }
}

/// What belongs to one attempt: what it sends beside the request, and why it failed.
#[derive(Clone)]
pub(crate) struct Call {
    span_id: XSpanIdString,
    token: Option<AuthData>,
    /// The most bytes of the answer, where it is not to one message.
    answer_bytes: Option<usize>,
    failure: Arc<OnceLock<Error>>,
}

impl Call {
    pub(crate) fn new(span_id: String, token: Option<AuthData>) -> Self {
        Self { span_id: XSpanIdString(span_id), token, answer_bytes: None, failure: Arc::default() }
    }

    pub(crate) fn with_answer_bytes(self, most: usize) -> Self {
        Self { answer_bytes: Some(most), ..self }
    }

    /// Why the generated client gave up: for what is left here, or since it could not decode the answer.
    pub(crate) fn failed(self, text: &str) -> Error {
        let left = Arc::into_inner(self.failure).and_then(OnceLock::into_inner);
        left.unwrap_or_else(|| Error::not_understood(text))
    }
}

impl Has<XSpanIdString> for Call {
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

impl Has<Option<AuthData>> for Call {
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
