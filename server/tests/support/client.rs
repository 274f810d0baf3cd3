//! The generated client over an HTTP client with a timeout. Without it, a request could wait forever.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use message_to_hash_api::ContextWrapperExt;
use swagger::ContextWrapper;

use super::context::ClientContext;
use super::token;

/// Longer than every store timeout in these tests, and than every other wait.
const RESPONSE_TIMEOUT: Duration = Duration::from_mins(2);

type GeneratedBody = BoxBody<Bytes, Infallible>;

/// An HTTP client that panics if a response is not complete in time.
#[derive(Clone)]
pub struct TimeoutClient(Client<HttpConnector, GeneratedBody>);

impl TimeoutClient {
    pub fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

impl Service<(Request<GeneratedBody>, ClientContext)> for TimeoutClient {
    type Response = Response<Full<Bytes>>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn call(&self, (request, _): (Request<GeneratedBody>, ClientContext)) -> Self::Future {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = self.0.request(request);
        let whole = async {
            let (head, body) = answer.await?.into_parts();
            Ok(Response::from_parts(head, Full::new(body.collect().await?.to_bytes())))
        };
        Box::pin(async move {
            // A panic and not an error, because some tests expect errors of a stopped server.
            tokio::time::timeout(RESPONSE_TIMEOUT, whole)
                .await
                .unwrap_or_else(|_| panic!("{what} gets no response"))
        })
    }
}

type HttpClient = message_to_hash_api::Client<TimeoutClient, ClientContext>;
/// The generated client with a context.
pub type ApiClient = ContextWrapper<HttpClient, ClientContext>;

/// Returns a client for the server at this base URL.
pub fn client_for(base: &str) -> ApiClient {
    client_as(base, token().as_deref())
}

/// Returns a client that sends this token.
pub fn client_with(base: &str, token: &str) -> ApiClient {
    client_as(base, Some(token))
}

fn client_as(base: &str, token: Option<&str>) -> ApiClient {
    let client = HttpClient::try_new_with_client_service(TimeoutClient::new(), base).expect("a base URL");
    client.with_context(ClientContext::new("it", token))
}
