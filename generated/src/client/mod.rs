use async_trait::async_trait;
use bytes::Bytes;
use futures::{Stream, future, future::BoxFuture, stream, future::TryFutureExt, future::FutureExt, stream::StreamExt};
use http_body_util::{combinators::BoxBody, Full};
use hyper::header::{HeaderName, HeaderValue, CONTENT_TYPE};
use hyper::{body::{Body, Incoming}, Request, Response, service::Service, Uri};
use percent_encoding::{utf8_percent_encode, AsciiSet};
use std::borrow::Cow;
use std::convert::{TryInto, Infallible};
use std::io::{ErrorKind, Read};
use std::error::Error;
use std::future::Future;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::str;
use std::str::FromStr;
use std::string::ToString;
use std::task::{Context, Poll};
use swagger::{ApiError, AuthData, BodyExt, Connector, DropContextService, Has, XSpanIdString};
use url::form_urlencoded;
use tower_service::Service as _;


use crate::models;
use crate::header;

/// https://url.spec.whatwg.org/#fragment-percent-encode-set
#[allow(dead_code)]
const FRAGMENT_ENCODE_SET: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// This encode set is used for object IDs
///
/// Aside from the special characters defined in the `PATH_SEGMENT_ENCODE_SET`,
/// the vertical bar (|) is encoded.
#[allow(dead_code)]
const ID_ENCODE_SET: &AsciiSet = &FRAGMENT_ENCODE_SET.add(b'|');

use crate::{Api,
     AddMessageResponse,
     AddMessageBatchResponse,
     AddRawMessageResponse,
     LookUpMessagesResponse,
     DeleteMessageResponse,
     GetMessageByHashResponse,
     GetNamedInformationResponse,
     GetRawMessageResponse
     };

/// Convert input into a base path, e.g. "http://example:123". Also checks the scheme as it goes.
fn into_base_path(input: impl TryInto<Uri, Error=hyper::http::uri::InvalidUri>, correct_scheme: Option<&'static str>) -> Result<String, ClientInitError> {
    // First convert to Uri, since a base path is a subset of Uri.
    let uri = input.try_into()?;

    let scheme = uri.scheme_str().ok_or(ClientInitError::InvalidScheme)?;

    // Check the scheme if necessary
    if let Some(correct_scheme) = correct_scheme {
        if scheme != correct_scheme {
            return Err(ClientInitError::InvalidScheme);
        }
    }

    let host = uri.host().ok_or(ClientInitError::MissingHost)?;
    let port = uri.port_u16().map(|x| format!(":{x}")).unwrap_or_default();
    Ok(format!("{scheme}://{host}{port}{}", uri.path().trim_end_matches('/')))
}

/// A client that implements the API by making HTTP calls out to a server.
pub struct Client<S, C> where
    S: Service<
           (Request<BoxBody<Bytes, Infallible>>, C)> + Clone + Sync + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<crate::ServiceError> + fmt::Display,
    C: Clone + Send + Sync + 'static
{
    /// Inner service
    client_service: S,

    /// Base path of the API
    base_path: String,

    /// Marker
    marker: PhantomData<fn(C)>,
}

impl<S, C> fmt::Debug for Client<S, C> where
    S: Service<
           (Request<BoxBody<Bytes, Infallible>>, C)> + Clone + Sync + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<crate::ServiceError> + fmt::Display,
    C: Clone + Send + Sync + 'static
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client {{ base_path: {} }}", self.base_path)
    }
}

impl<S, C> Clone for Client<S, C> where
    S: Service<
           (Request<BoxBody<Bytes, Infallible>>, C)> + Clone + Sync + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<crate::ServiceError> + fmt::Display,
    C: Clone + Send + Sync + 'static
{
    fn clone(&self) -> Self {
        Self {
            client_service: self.client_service.clone(),
            base_path: self.base_path.clone(),
            marker: PhantomData,
        }
    }
}

impl<Connector, C> Client<
    DropContextService<
        hyper_util::service::TowerToHyperService<
            hyper_util::client::legacy::Client<
                Connector,
                BoxBody<Bytes, Infallible>
            >
        >,
        C
    >,
    C
> where
    Connector: hyper_util::client::legacy::connect::Connect + Clone + Send + Sync + 'static,
    C: Clone + Send + Sync + 'static,
{
    /// Create a client with a custom implementation of hyper::client::Connect.
    ///
    /// Intended for use with custom implementations of connect for e.g. protocol logging
    /// or similar functionality which requires wrapping the transport layer. When wrapping a TCP connection,
    /// this function should be used in conjunction with `swagger::Connector::builder()`.
    ///
    /// For ordinary tcp connections, prefer the use of `try_new_http`, `try_new_https`
    /// and `try_new_https_mutual`, to avoid introducing a dependency on the underlying transport layer.
    ///
    /// # Arguments
    ///
    /// * `base_path` - base path of the client API, i.e. "<http://www.my-api-implementation.com>"
    /// * `protocol` - Which protocol to use when constructing the request url, e.g. `Some("http")`
    /// * `connector` - Implementation of `hyper::client::Connect` to use for the client
    pub fn try_new_with_connector(
        base_path: &str,
        protocol: Option<&'static str>,
        connector: Connector,
    ) -> Result<Self, ClientInitError>
    {
        let client_service = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build(connector);
        let client_service = DropContextService::new(hyper_util::service::TowerToHyperService::new(client_service));

        Ok(Self {
            client_service,
            base_path: into_base_path(base_path, protocol)?,
            marker: PhantomData,
        })
    }
}

#[cfg(all(feature = "client-tls", any(target_os = "macos", target_os = "windows", target_os = "ios")))]
type HyperHttpsConnector = hyper_tls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

#[cfg(all(feature = "client-tls", not(any(target_os = "macos", target_os = "windows", target_os = "ios"))))]
type HyperHttpsConnector = hyper_openssl::client::legacy::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

#[derive(Debug, Clone)]
pub enum HyperClient {
    Http(hyper_util::client::legacy::Client<hyper_util::client::legacy::connect::HttpConnector, BoxBody<Bytes, Infallible>>),
    #[cfg(feature = "client-tls")]
    Https(hyper_util::client::legacy::Client<HyperHttpsConnector, BoxBody<Bytes, Infallible>>),
}

impl Service<Request<BoxBody<Bytes, Infallible>>> for HyperClient {
    type Response = Response<Incoming>;
    type Error = hyper_util::client::legacy::Error;
    type Future = hyper_util::client::legacy::ResponseFuture;

    fn call(&self, req: Request<BoxBody<Bytes, Infallible>>) -> Self::Future {
       match self {
          HyperClient::Http(client) => client.request(req),
          #[cfg(feature = "client-tls")]
          HyperClient::Https(client) => client.request(req),
       }
    }
}

impl<C> Client<DropContextService<HyperClient, C>, C> where
    C: Clone + Send + Sync + 'static,
{
    /// Create an HTTP client.
    ///
    /// # Arguments
    /// * `base_path` - base path of the client API, i.e. "<http://www.my-api-implementation.com>"
    pub fn try_new(
        base_path: &str,
    ) -> Result<Self, ClientInitError> {
        let uri = Uri::from_str(base_path)?;

        let scheme = uri.scheme_str().ok_or(ClientInitError::InvalidScheme)?;
        let scheme = scheme.to_ascii_lowercase();

        let connector = Connector::builder();

        let client_service = match scheme.as_str() {
            "http" => {
                HyperClient::Http(hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build(connector.build()))
            },
            #[cfg(feature = "client-tls")]
            "https" => {
                let https_connector = connector
                    .https()
                    .build()
                    .map_err(ClientInitError::SslError)?;
                HyperClient::Https(hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build(https_connector))
            },
            #[cfg(not(feature = "client-tls"))]
            "https" => {
                return Err(ClientInitError::TlsNotEnabled);
            },
            _ => {
                return Err(ClientInitError::InvalidScheme);
            }
        };

        let client_service = DropContextService::new(client_service);

        Ok(Self {
            client_service,
            base_path: into_base_path(base_path, None)?,
            marker: PhantomData,
        })
    }
}

impl<C> Client<
    DropContextService<
        hyper_util::service::TowerToHyperService<
            hyper_util::client::legacy::Client<
                hyper_util::client::legacy::connect::HttpConnector,
                BoxBody<Bytes, Infallible>
            >
        >,
        C
    >,
    C
> where
    C: Clone + Send + Sync + 'static
{
    /// Create an HTTP client.
    ///
    /// # Arguments
    /// * `base_path` - base path of the client API, i.e. "<http://www.my-api-implementation.com>"
    pub fn try_new_http(
        base_path: &str,
    ) -> Result<Self, ClientInitError> {
        let http_connector = Connector::builder().build();

        Self::try_new_with_connector(base_path, Some("http"), http_connector)
    }
}

#[cfg(all(feature = "client-tls", any(target_os = "macos", target_os = "windows", target_os = "ios")))]
type HttpsConnector = hyper_tls::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

#[cfg(all(feature = "client-tls", not(any(target_os = "macos", target_os = "windows", target_os = "ios"))))]
type HttpsConnector = hyper_openssl::client::legacy::HttpsConnector<hyper_util::client::legacy::connect::HttpConnector>;

#[cfg(feature = "client-tls")]
impl<C> Client<
    DropContextService<
        hyper_util::service::TowerToHyperService<
            hyper_util::client::legacy::Client<
                HttpsConnector,
                BoxBody<Bytes, Infallible>
            >
        >,
        C
    >,
    C
> where
    C: Clone + Send + Sync + 'static
{
    /// Create a client with a TLS connection to the server.
    ///
    /// # Arguments
    /// * `base_path` - base path of the client API, i.e. "<https://www.my-api-implementation.com>"
    #[cfg(any(target_os = "macos", target_os = "windows", target_os = "ios"))]
    pub fn try_new_https(base_path: &str) -> Result<Self, ClientInitError>
    {
        let https_connector = Connector::builder()
            .https()
            .build()
            .map_err(ClientInitError::SslError)?;
        Self::try_new_with_connector(base_path, Some("https"), https_connector)
    }

    /// Create a client with a TLS connection to the server using OpenSSL via swagger.
    ///
    /// # Arguments
    /// * `base_path` - base path of the client API, i.e. "<https://www.my-api-implementation.com>"
    #[cfg(not(any(target_os = "macos", target_os = "windows", target_os = "ios")))]
    pub fn try_new_https(base_path: &str) -> Result<Self, ClientInitError>
    {
        let https_connector = Connector::builder()
            .https()
            .build()
            .map_err(ClientInitError::SslError)?;
        Self::try_new_with_connector(base_path, Some("https"), https_connector)
    }

    /// Create a client with a TLS connection to the server using a pinned certificate.
    ///
    /// # Arguments
    /// * `base_path` - base path of the client API, i.e. "<https://www.my-api-implementation.com>"
    /// * `ca_certificate` - Path to CA certificate used to authenticate the server
    #[cfg(not(any(target_os = "macos", target_os = "windows", target_os = "ios")))]
    pub fn try_new_https_pinned<CA>(
        base_path: &str,
        ca_certificate: CA,
    ) -> Result<Self, ClientInitError>
    where
        CA: AsRef<Path>,
    {
        let https_connector = Connector::builder()
            .https()
            .pin_server_certificate(ca_certificate)
            .build()
            .map_err(ClientInitError::SslError)?;
        Self::try_new_with_connector(base_path, Some("https"), https_connector)
    }

    /// Create a client with a mutually authenticated TLS connection to the server.
    ///
    /// # Arguments
    /// * `base_path` - base path of the client API, i.e. "<https://www.my-api-implementation.com>"
    /// * `ca_certificate` - Path to CA certificate used to authenticate the server
    /// * `client_key` - Path to the client private key
    /// * `client_certificate` - Path to the client's public certificate associated with the private key
    #[cfg(not(any(target_os = "macos", target_os = "windows", target_os = "ios")))]
    pub fn try_new_https_mutual<CA, K, D>(
        base_path: &str,
        ca_certificate: CA,
        client_key: K,
        client_certificate: D,
    ) -> Result<Self, ClientInitError>
    where
        CA: AsRef<Path>,
        K: AsRef<Path>,
        D: AsRef<Path>,
    {
        let https_connector = Connector::builder()
            .https()
            .pin_server_certificate(ca_certificate)
            .client_authentication(client_key, client_certificate)
            .build()
            .map_err(ClientInitError::SslError)?;
        Self::try_new_with_connector(base_path, Some("https"), https_connector)
    }
}

impl<S, C> Client<S, C> where
    S: Service<
           (Request<BoxBody<Bytes, Infallible>>, C)> + Clone + Sync + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<crate::ServiceError> + fmt::Display,
    C: Clone + Send + Sync + 'static
{
    /// Constructor for creating a `Client` by passing in a pre-made `hyper::service::Service` /
    /// `tower::Service`
    ///
    /// This allows adding custom wrappers around the underlying transport, for example for logging.
    pub fn try_new_with_client_service(
        client_service: S,
        base_path: &str,
    ) -> Result<Self, ClientInitError>
    {
        Ok(Self {
            client_service,
            base_path: into_base_path(base_path, None)?,
            marker: PhantomData,
        })
    }
}

/// Error type failing to create a Client
#[derive(Debug)]
pub enum ClientInitError {
    /// Invalid URL Scheme
    InvalidScheme,

    /// Invalid URI
    InvalidUri(hyper::http::uri::InvalidUri),

    /// Missing Hostname
    MissingHost,

    /// HTTPS requested but TLS features not enabled
    TlsNotEnabled,

    /// SSL Connection Error
    #[cfg(all(feature = "client-tls", any(target_os = "macos", target_os = "windows", target_os = "ios")))]
    SslError(native_tls::Error),

    /// SSL Connection Error
    #[cfg(all(feature = "client-tls", not(any(target_os = "macos", target_os = "windows", target_os = "ios"))))]
    SslError(openssl::error::ErrorStack),
}

impl From<hyper::http::uri::InvalidUri> for ClientInitError {
    fn from(err: hyper::http::uri::InvalidUri) -> ClientInitError {
        ClientInitError::InvalidUri(err)
    }
}

impl fmt::Display for ClientInitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s: &dyn fmt::Debug = self;
        s.fmt(f)
    }
}

impl Error for ClientInitError {
    fn description(&self) -> &str {
        "Failed to produce a hyper client."
    }
}

#[allow(dead_code)]
fn body_from_string(s: String) -> BoxBody<Bytes, Infallible> {
    BoxBody::new(Full::new(Bytes::from(s)))
}

#[allow(dead_code)]
fn body_from_bytes(b: Vec<u8>) -> BoxBody<Bytes, Infallible> {
    BoxBody::new(Full::new(Bytes::from(b)))
}

#[async_trait]
impl<S, C, B> Api<C> for Client<S, C> where
    S: Service<
       (Request<BoxBody<Bytes, Infallible>>, C),
       Response=Response<B>> + Clone + Sync + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<crate::ServiceError> + fmt::Display,
    C: Has<XSpanIdString> + Has<Option<AuthData>> + Clone + Send + Sync + 'static,
    B: hyper::body::Body + Send + 'static + Unpin,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{

    #[allow(clippy::vec_init_then_push)]
    async fn add_message(
        &self,
        param_message: models::Message,
        context: &C) -> Result<AddMessageResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages",
            self.base_path
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("POST")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        // Consumes basic body
        // Body parameter
        let body = serde_json::to_string(&param_message).expect("impossible to fail to serialize");
        *request.body_mut() = body_from_string(body);

        let header = "application/json";
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header));

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            201 => {
                let (header, body) = response.into_parts();
                let response_location = match header.headers.get(HeaderName::from_static("location")) {
                    Some(response_location) => {
                        let response_location = response_location.clone();
                        let response_location = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_location) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Location for response 201 - {e}")));
                            },
                        };
                        response_location.0
                        },
                    None => return Err(ApiError(String::from("Required response header Location for response 201 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 201 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::MessageDigest>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::Created
                    {
                        body,
                        location: response_location,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            200 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::MessageDigest>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::AlreadyStored
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            415 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 415 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::UnsupportedMediaType
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            451 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 451 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::Blocked
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn add_message_batch(
        &self,
        param_message_batch: models::MessageBatch,
        context: &C) -> Result<AddMessageBatchResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages/batch",
            self.base_path
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("POST")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        // Consumes basic body
        // Body parameter
        let body = serde_json::to_string(&param_message_batch).expect("impossible to fail to serialize");
        *request.body_mut() = body_from_string(body);

        let header = "application/json";
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header));

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            200 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::BatchResults>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::Processed
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            415 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 415 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::UnsupportedMediaType
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddMessageBatchResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn add_raw_message(
        &self,
        param_body: Option<String>,
        context: &C) -> Result<AddRawMessageResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages/raw",
            self.base_path
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("POST")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        // Consumes basic body
        // Body parameter
        if let Some(param_body) = param_body {
        let body = param_body;
        *request.body_mut() = body_from_string(body);
        }

        let header = "text/plain";
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header));

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            201 => {
                let (header, body) = response.into_parts();
                let response_location = match header.headers.get(HeaderName::from_static("location")) {
                    Some(response_location) => {
                        let response_location = response_location.clone();
                        let response_location = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_location) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Location for response 201 - {e}")));
                            },
                        };
                        response_location.0
                        },
                    None => return Err(ApiError(String::from("Required response header Location for response 201 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 201 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::MessageDigest>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::Created
                    {
                        body,
                        location: response_location,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            200 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::MessageDigest>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::AlreadyStored
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            415 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 415 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::UnsupportedMediaType
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            451 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 451 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::Blocked
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(AddRawMessageResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn look_up_messages(
        &self,
        param_message_lookup: models::MessageLookup,
        context: &C) -> Result<LookUpMessagesResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages/lookup",
            self.base_path
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("POST")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        // Consumes basic body
        // Body parameter
        let body = serde_json::to_string(&param_message_lookup).expect("impossible to fail to serialize");
        *request.body_mut() = body_from_string(body);

        let header = "application/json";
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header));

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            200 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::LookupResults>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::Processed
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            415 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 415 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::UnsupportedMediaType
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(LookUpMessagesResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn delete_message(
        &self,
        param_hash: String,
        param_if_match: Option<String>,
        context: &C) -> Result<DeleteMessageResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages/{hash}",
            self.base_path
            ,hash=utf8_percent_encode(&param_hash.to_string(), ID_ENCODE_SET)
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("DELETE")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        // Header parameters
        #[allow(clippy::single_match)]
        match param_if_match {
            Some(param_if_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_match - {e}")));
                },
            });
            },
            None => {}
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            204 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 204 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };

                Ok(
                    DeleteMessageResponse::Deleted
                    {
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            404 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 404 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::NotFound
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            412 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 412 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::PreconditionFailed
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(DeleteMessageResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn get_message_by_hash(
        &self,
        param_hash: String,
        param_if_match: Option<String>,
        param_if_none_match: Option<String>,
        context: &C) -> Result<GetMessageByHashResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages/{hash}",
            self.base_path
            ,hash=utf8_percent_encode(&param_hash.to_string(), ID_ENCODE_SET)
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("GET")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        // Header parameters
        #[allow(clippy::single_match)]
        match param_if_match {
            Some(param_if_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_match - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_if_none_match {
            Some(param_if_none_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-none-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_none_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_none_match - {e}")));
                },
            });
            },
            None => {}
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            200 => {
                let (header, body) = response.into_parts();
                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 200 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 200 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 200 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 200 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Message>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::Found
                    {
                        body,
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            304 => {
                let (header, body) = response.into_parts();
                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 304 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 304 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 304 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 304 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 304 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };

                Ok(
                    GetMessageByHashResponse::NotModified
                    {
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            404 => {
                let (header, body) = response.into_parts();
                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 404 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 404 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 404 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::NotFound
                    {
                        body,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            412 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 412 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::PreconditionFailed
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            451 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 451 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::Blocked
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetMessageByHashResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn get_named_information(
        &self,
        param_value: String,
        param_if_match: Option<String>,
        param_if_none_match: Option<String>,
        param_range: Option<String>,
        param_if_range: Option<String>,
        context: &C) -> Result<GetNamedInformationResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/.well-known/ni/sha-256/{value}",
            self.base_path
            ,value=utf8_percent_encode(&param_value.to_string(), ID_ENCODE_SET)
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("GET")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        // Header parameters
        #[allow(clippy::single_match)]
        match param_if_match {
            Some(param_if_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_match - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_if_none_match {
            Some(param_if_none_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-none-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_none_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_none_match - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_range {
            Some(param_range) => {
        request.headers_mut().append(
            HeaderName::from_static("range"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_range.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header range - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_if_range {
            Some(param_if_range) => {
        request.headers_mut().append(
            HeaderName::from_static("if-range"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_range.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_range - {e}")));
                },
            });
            },
            None => {}
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            200 => {
                let (header, body) = response.into_parts();
                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 200 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 200 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 200 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 200 was not found."))),
                };

                let response_repr_digest = match header.headers.get(HeaderName::from_static("repr-digest")) {
                    Some(response_repr_digest) => {
                        let response_repr_digest = response_repr_digest.clone();
                        let response_repr_digest = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_repr_digest) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Repr-Digest for response 200 - {e}")));
                            },
                        };
                        response_repr_digest.0
                        },
                    None => return Err(ApiError(String::from("Required response header Repr-Digest for response 200 was not found."))),
                };

                let response_accept_ranges = match header.headers.get(HeaderName::from_static("accept-ranges")) {
                    Some(response_accept_ranges) => {
                        let response_accept_ranges = response_accept_ranges.clone();
                        let response_accept_ranges = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_accept_ranges) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Accept-Ranges for response 200 - {e}")));
                            },
                        };
                        response_accept_ranges.0
                        },
                    None => return Err(ApiError(String::from("Required response header Accept-Ranges for response 200 was not found."))),
                };

                let response_x_content_type_options = match header.headers.get(HeaderName::from_static("x-content-type-options")) {
                    Some(response_x_content_type_options) => {
                        let response_x_content_type_options = response_x_content_type_options.clone();
                        let response_x_content_type_options = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_content_type_options) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Content-Type-Options for response 200 - {e}")));
                            },
                        };
                        response_x_content_type_options.0
                        },
                    None => return Err(ApiError(String::from("Required response header X-Content-Type-Options for response 200 was not found."))),
                };

                let response_content_security_policy = match header.headers.get(HeaderName::from_static("content-security-policy")) {
                    Some(response_content_security_policy) => {
                        let response_content_security_policy = response_content_security_policy.clone();
                        let response_content_security_policy = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_security_policy) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Security-Policy for response 200 - {e}")));
                            },
                        };
                        response_content_security_policy.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Security-Policy for response 200 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = bytes::Bytes::from(body);

                Ok(GetNamedInformationResponse::Found
                    {
                        body,
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        repr_digest: response_repr_digest,
                        accept_ranges: response_accept_ranges,
                        x_content_type_options: response_x_content_type_options,
                        content_security_policy: response_content_security_policy,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            206 => {
                let (header, body) = response.into_parts();
                let response_content_range = match header.headers.get(HeaderName::from_static("content-range")) {
                    Some(response_content_range) => {
                        let response_content_range = response_content_range.clone();
                        let response_content_range = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_range) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Range for response 206 - {e}")));
                            },
                        };
                        response_content_range.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Range for response 206 was not found."))),
                };

                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 206 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 206 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 206 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 206 was not found."))),
                };

                let response_repr_digest = match header.headers.get(HeaderName::from_static("repr-digest")) {
                    Some(response_repr_digest) => {
                        let response_repr_digest = response_repr_digest.clone();
                        let response_repr_digest = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_repr_digest) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Repr-Digest for response 206 - {e}")));
                            },
                        };
                        response_repr_digest.0
                        },
                    None => return Err(ApiError(String::from("Required response header Repr-Digest for response 206 was not found."))),
                };

                let response_accept_ranges = match header.headers.get(HeaderName::from_static("accept-ranges")) {
                    Some(response_accept_ranges) => {
                        let response_accept_ranges = response_accept_ranges.clone();
                        let response_accept_ranges = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_accept_ranges) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Accept-Ranges for response 206 - {e}")));
                            },
                        };
                        response_accept_ranges.0
                        },
                    None => return Err(ApiError(String::from("Required response header Accept-Ranges for response 206 was not found."))),
                };

                let response_x_content_type_options = match header.headers.get(HeaderName::from_static("x-content-type-options")) {
                    Some(response_x_content_type_options) => {
                        let response_x_content_type_options = response_x_content_type_options.clone();
                        let response_x_content_type_options = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_content_type_options) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Content-Type-Options for response 206 - {e}")));
                            },
                        };
                        response_x_content_type_options.0
                        },
                    None => return Err(ApiError(String::from("Required response header X-Content-Type-Options for response 206 was not found."))),
                };

                let response_content_security_policy = match header.headers.get(HeaderName::from_static("content-security-policy")) {
                    Some(response_content_security_policy) => {
                        let response_content_security_policy = response_content_security_policy.clone();
                        let response_content_security_policy = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_security_policy) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Security-Policy for response 206 - {e}")));
                            },
                        };
                        response_content_security_policy.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Security-Policy for response 206 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 206 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = bytes::Bytes::from(body);

                Ok(GetNamedInformationResponse::PartialContent
                    {
                        body,
                        content_range: response_content_range,
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        repr_digest: response_repr_digest,
                        accept_ranges: response_accept_ranges,
                        x_content_type_options: response_x_content_type_options,
                        content_security_policy: response_content_security_policy,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            304 => {
                let (header, body) = response.into_parts();
                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 304 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 304 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 304 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 304 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 304 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };

                Ok(
                    GetNamedInformationResponse::NotModified
                    {
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            404 => {
                let (header, body) = response.into_parts();
                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 404 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 404 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 404 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::NotFound
                    {
                        body,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            412 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 412 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::PreconditionFailed
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            416 => {
                let (header, body) = response.into_parts();
                let response_content_range = match header.headers.get(HeaderName::from_static("content-range")) {
                    Some(response_content_range) => {
                        let response_content_range = response_content_range.clone();
                        let response_content_range = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_range) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Range for response 416 - {e}")));
                            },
                        };
                        response_content_range.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Range for response 416 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 416 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::RangeNotSatisfiable
                    {
                        body,
                        content_range: response_content_range,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            451 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 451 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::Blocked
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetNamedInformationResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

    #[allow(clippy::vec_init_then_push)]
    async fn get_raw_message(
        &self,
        param_hash: String,
        param_if_match: Option<String>,
        param_if_none_match: Option<String>,
        param_range: Option<String>,
        param_if_range: Option<String>,
        context: &C) -> Result<GetRawMessageResponse, ApiError>
    {
        let mut client_service = self.client_service.clone();
        #[allow(clippy::uninlined_format_args)]
        let mut uri = format!(
            "{}/messages/{hash}/raw",
            self.base_path
            ,hash=utf8_percent_encode(&param_hash.to_string(), ID_ENCODE_SET)
        );

        // Query parameters
        let query_string = {
            let mut query_string = form_urlencoded::Serializer::new("".to_owned());
            query_string.finish()
        };
        if !query_string.is_empty() {
            uri += "?";
            uri += &query_string;
        }

        let uri = match Uri::from_str(&uri) {
            Ok(uri) => uri,
            Err(err) => return Err(ApiError(format!("Unable to build URI: {err}"))),
        };

        let mut request = match Request::builder()
            .method("GET")
            .uri(uri)
            .body(BoxBody::new(http_body_util::Empty::new())) {
                Ok(req) => req,
                Err(e) => return Err(ApiError(format!("Unable to create request: {e}")))
        };

        let header = HeaderValue::from_str(Has::<XSpanIdString>::get(context).0.as_str());
        request.headers_mut().insert(HeaderName::from_static("x-span-id"), match header {
            Ok(h) => h,
            Err(e) => return Err(ApiError(format!("Unable to create X-Span ID header value: {e}")))
        });

        #[allow(clippy::collapsible_match)]
        if let Some(auth_data) = Has::<Option<AuthData>>::get(context).as_ref() {
            use headers::authorization::Credentials;
            // The trailing `_` arm is unreachable when the spec declares every kind of
            // scheme `AuthData` can represent, and the workspace denies warnings.
            #[allow(unreachable_patterns, clippy::single_match, clippy::match_single_binding)]
            match auth_data {
                AuthData::Bearer(ref bearer_header) => {
                    let header = match headers::Authorization::bearer(&bearer_header.to_string()) {
                        Ok(h) => h,
                        Err(e) => return Err(ApiError(format!("Unable to create Authorization header: {e}")))
                    };
                    request.headers_mut().insert(
                        hyper::header::AUTHORIZATION,
                        header.0.encode());
                },
                _ => {}
            }
        }

        // Header parameters
        #[allow(clippy::single_match)]
        match param_if_match {
            Some(param_if_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_match - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_if_none_match {
            Some(param_if_none_match) => {
        request.headers_mut().append(
            HeaderName::from_static("if-none-match"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_none_match.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_none_match - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_range {
            Some(param_range) => {
        request.headers_mut().append(
            HeaderName::from_static("range"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_range.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header range - {e}")));
                },
            });
            },
            None => {}
        }

        #[allow(clippy::single_match)]
        match param_if_range {
            Some(param_if_range) => {
        request.headers_mut().append(
            HeaderName::from_static("if-range"),
            #[allow(clippy::redundant_clone, clippy::clone_on_copy)]
            match header::IntoHeaderValue(param_if_range.clone()).try_into() {
                Ok(header) => header,
                Err(e) => {
                    return Err(ApiError(format!(
                        "Invalid header if_range - {e}")));
                },
            });
            },
            None => {}
        }

        let response = client_service.call((request, context.clone()))
            .map_err(|e| ApiError(format!("No response received: {e}"))).await?;

        match response.status().as_u16() {
            200 => {
                let (header, body) = response.into_parts();
                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 200 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 200 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 200 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 200 was not found."))),
                };

                let response_repr_digest = match header.headers.get(HeaderName::from_static("repr-digest")) {
                    Some(response_repr_digest) => {
                        let response_repr_digest = response_repr_digest.clone();
                        let response_repr_digest = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_repr_digest) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Repr-Digest for response 200 - {e}")));
                            },
                        };
                        response_repr_digest.0
                        },
                    None => return Err(ApiError(String::from("Required response header Repr-Digest for response 200 was not found."))),
                };

                let response_accept_ranges = match header.headers.get(HeaderName::from_static("accept-ranges")) {
                    Some(response_accept_ranges) => {
                        let response_accept_ranges = response_accept_ranges.clone();
                        let response_accept_ranges = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_accept_ranges) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Accept-Ranges for response 200 - {e}")));
                            },
                        };
                        response_accept_ranges.0
                        },
                    None => return Err(ApiError(String::from("Required response header Accept-Ranges for response 200 was not found."))),
                };

                let response_x_content_type_options = match header.headers.get(HeaderName::from_static("x-content-type-options")) {
                    Some(response_x_content_type_options) => {
                        let response_x_content_type_options = response_x_content_type_options.clone();
                        let response_x_content_type_options = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_content_type_options) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Content-Type-Options for response 200 - {e}")));
                            },
                        };
                        response_x_content_type_options.0
                        },
                    None => return Err(ApiError(String::from("Required response header X-Content-Type-Options for response 200 was not found."))),
                };

                let response_content_security_policy = match header.headers.get(HeaderName::from_static("content-security-policy")) {
                    Some(response_content_security_policy) => {
                        let response_content_security_policy = response_content_security_policy.clone();
                        let response_content_security_policy = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_security_policy) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Security-Policy for response 200 - {e}")));
                            },
                        };
                        response_content_security_policy.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Security-Policy for response 200 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 200 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = bytes::Bytes::from(body);

                Ok(GetRawMessageResponse::Found
                    {
                        body,
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        repr_digest: response_repr_digest,
                        accept_ranges: response_accept_ranges,
                        x_content_type_options: response_x_content_type_options,
                        content_security_policy: response_content_security_policy,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            206 => {
                let (header, body) = response.into_parts();
                let response_content_range = match header.headers.get(HeaderName::from_static("content-range")) {
                    Some(response_content_range) => {
                        let response_content_range = response_content_range.clone();
                        let response_content_range = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_range) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Range for response 206 - {e}")));
                            },
                        };
                        response_content_range.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Range for response 206 was not found."))),
                };

                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 206 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 206 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 206 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 206 was not found."))),
                };

                let response_repr_digest = match header.headers.get(HeaderName::from_static("repr-digest")) {
                    Some(response_repr_digest) => {
                        let response_repr_digest = response_repr_digest.clone();
                        let response_repr_digest = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_repr_digest) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Repr-Digest for response 206 - {e}")));
                            },
                        };
                        response_repr_digest.0
                        },
                    None => return Err(ApiError(String::from("Required response header Repr-Digest for response 206 was not found."))),
                };

                let response_accept_ranges = match header.headers.get(HeaderName::from_static("accept-ranges")) {
                    Some(response_accept_ranges) => {
                        let response_accept_ranges = response_accept_ranges.clone();
                        let response_accept_ranges = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_accept_ranges) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Accept-Ranges for response 206 - {e}")));
                            },
                        };
                        response_accept_ranges.0
                        },
                    None => return Err(ApiError(String::from("Required response header Accept-Ranges for response 206 was not found."))),
                };

                let response_x_content_type_options = match header.headers.get(HeaderName::from_static("x-content-type-options")) {
                    Some(response_x_content_type_options) => {
                        let response_x_content_type_options = response_x_content_type_options.clone();
                        let response_x_content_type_options = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_content_type_options) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Content-Type-Options for response 206 - {e}")));
                            },
                        };
                        response_x_content_type_options.0
                        },
                    None => return Err(ApiError(String::from("Required response header X-Content-Type-Options for response 206 was not found."))),
                };

                let response_content_security_policy = match header.headers.get(HeaderName::from_static("content-security-policy")) {
                    Some(response_content_security_policy) => {
                        let response_content_security_policy = response_content_security_policy.clone();
                        let response_content_security_policy = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_security_policy) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Security-Policy for response 206 - {e}")));
                            },
                        };
                        response_content_security_policy.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Security-Policy for response 206 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 206 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = bytes::Bytes::from(body);

                Ok(GetRawMessageResponse::PartialContent
                    {
                        body,
                        content_range: response_content_range,
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        repr_digest: response_repr_digest,
                        accept_ranges: response_accept_ranges,
                        x_content_type_options: response_x_content_type_options,
                        content_security_policy: response_content_security_policy,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            304 => {
                let (header, body) = response.into_parts();
                let response_e_tag = match header.headers.get(HeaderName::from_static("etag")) {
                    Some(response_e_tag) => {
                        let response_e_tag = response_e_tag.clone();
                        let response_e_tag = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_e_tag) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header ETag for response 304 - {e}")));
                            },
                        };
                        response_e_tag.0
                        },
                    None => return Err(ApiError(String::from("Required response header ETag for response 304 was not found."))),
                };

                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 304 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 304 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 304 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };

                Ok(
                    GetRawMessageResponse::NotModified
                    {
                        e_tag: response_e_tag,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            400 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 400 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::BadRequest
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            401 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 401 - {e}")));
                            },
                        };
                        response_www_authenticate.0
                        },
                    None => return Err(ApiError(String::from("Required response header WWW-Authenticate for response 401 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 401 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::Unauthorized
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            403 => {
                let (header, body) = response.into_parts();
                let response_www_authenticate = match header.headers.get(HeaderName::from_static("www-authenticate")) {
                    Some(response_www_authenticate) => {
                        let response_www_authenticate = response_www_authenticate.clone();
                        let response_www_authenticate = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_www_authenticate) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header WWW-Authenticate for response 403 - {e}")));
                            },
                        };
                        Some(response_www_authenticate.0)
                        },
                    None => None,
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 403 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::Forbidden
                    {
                        body,
                        www_authenticate: response_www_authenticate,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            404 => {
                let (header, body) = response.into_parts();
                let response_cache_control = match header.headers.get(HeaderName::from_static("cache-control")) {
                    Some(response_cache_control) => {
                        let response_cache_control = response_cache_control.clone();
                        let response_cache_control = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_cache_control) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Cache-Control for response 404 - {e}")));
                            },
                        };
                        response_cache_control.0
                        },
                    None => return Err(ApiError(String::from("Required response header Cache-Control for response 404 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 404 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::NotFound
                    {
                        body,
                        cache_control: response_cache_control,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            408 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 408 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::RequestTimeout
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            412 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 412 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::PreconditionFailed
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            413 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 413 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::ContentTooLarge
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            416 => {
                let (header, body) = response.into_parts();
                let response_content_range = match header.headers.get(HeaderName::from_static("content-range")) {
                    Some(response_content_range) => {
                        let response_content_range = response_content_range.clone();
                        let response_content_range = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_content_range) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Content-Range for response 416 - {e}")));
                            },
                        };
                        response_content_range.0
                        },
                    None => return Err(ApiError(String::from("Required response header Content-Range for response 416 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 416 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::RangeNotSatisfiable
                    {
                        body,
                        content_range: response_content_range,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            429 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 429 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 429 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 429 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::TooManyRequests
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            451 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 451 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::Blocked
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            500 => {
                let (header, body) = response.into_parts();
                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 500 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::InternalServerError
                    {
                        body,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            503 => {
                let (header, body) = response.into_parts();
                let response_retry_after = match header.headers.get(HeaderName::from_static("retry-after")) {
                    Some(response_retry_after) => {
                        let response_retry_after = response_retry_after.clone();
                        let response_retry_after = match TryInto::<header::IntoHeaderValue<i32>>::try_into(response_retry_after) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header Retry-After for response 503 - {e}")));
                            },
                        };
                        response_retry_after.0
                        },
                    None => return Err(ApiError(String::from("Required response header Retry-After for response 503 was not found."))),
                };

                let response_x_span_id = match header.headers.get(HeaderName::from_static("x-span-id")) {
                    Some(response_x_span_id) => {
                        let response_x_span_id = response_x_span_id.clone();
                        let response_x_span_id = match TryInto::<header::IntoHeaderValue<String>>::try_into(response_x_span_id) {
                            Ok(value) => value,
                            Err(e) => {
                                return Err(ApiError(format!("Invalid response header X-Span-ID for response 503 - {e}")));
                            },
                        };
                        Some(response_x_span_id.0)
                        },
                    None => None,
                };


                let body = http_body_util::BodyExt::collect(body)

                        .await
                        .map(|f| f.to_bytes().to_vec())
                        .map_err(|e| ApiError(format!("Failed to read response: {}", e.into())))?;

                let body = str::from_utf8(&body)
                    .map_err(|e| ApiError(format!("Response was not valid UTF8: {e}")))?;
                let body = serde_json::from_str::<models::Problem>(body)
                    .map_err(|e| ApiError(format!("Response body did not match the schema: {e}")))?;

                Ok(GetRawMessageResponse::ServiceUnavailable
                    {
                        body,
                        retry_after: response_retry_after,
                        x_span_id: response_x_span_id,
                    }
                )
            }
            code => {
                let headers = response.headers().clone();
                let body = http_body_util::BodyExt::collect(response.into_body())
                        .await
                        .map(|f| f.to_bytes().to_vec());
                Err(ApiError(format!("Unexpected response code {code}:\n{headers:?}\n\n{}",
                    match body {
                        Ok(body) => match String::from_utf8(body) {
                            Ok(body) => body,
                            Err(e) => format!("<Body was not UTF8: {e:?}>"),
                        },
                        Err(e) => format!("<Failed to read body: {}>", Into::<crate::ServiceError>::into(e)),
                    }
                )))
            }
        }
    }

}
