//! Whether a page of another origin may use the API from a browser (the Fetch standard, "CORS protocol").
//!
//! It is the page that is let, not its user: cookies and the like are never asked for, and a token that the page
//! has itself it sends as everybody does.

use http_body_util::{BodyExt, Empty};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue,
    ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, Response, StatusCode, http::request::Parts};

use crate::config::cors::AllowedOrigins;
use crate::problem::ResponseBody;

const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Digest, Content-Type, If-Match, If-None-Match, If-Range, Range, Repr-Digest, \
     traceparent, X-Span-ID",
);
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept-Ranges, Content-Range, ETag, Location, Repr-Digest, Retry-After, WWW-Authenticate, X-Span-ID",
);
/// In seconds. Browsers do not remember for much longer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Whose pages may; none without the option.
pub struct Cors(Option<AllowedOrigins>);

impl Cors {
    pub fn new(allowed: Option<AllowedOrigins>) -> Self {
        Self(allowed)
    }

    /// The origin that may read the response to this request, if any may.
    pub fn admits(&self, request: &HeaderMap) -> Option<HeaderValue> {
        match self.0.as_ref()? {
            AllowedOrigins::Any => Some(HeaderValue::from_static("*")),
            AllowedOrigins::These(allowed) => {
                request.get(ORIGIN).filter(|origin| allowed.contains(origin)).cloned()
            }
        }
    }

    /// The answer to a browser that asks whether a page may send a request, before it does. Where the page may
    /// not, this is an OPTIONS like any other.
    pub fn preflight(&self, request: &Parts, allowed_methods: &str) -> Option<Response<ResponseBody>> {
        let asks = request.method == Method::OPTIONS
            && request.headers.contains_key(ORIGIN)
            && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || self.admits(&request.headers).is_none() {
            return None;
        }
        let mut response = Response::new(Empty::new().boxed());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        if let Ok(methods) = HeaderValue::from_str(allowed_methods) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        Some(response)
    }

    /// Lets pages of `origin` read the response, and caches know what it depends on.
    pub fn share(&self, response: &mut HeaderMap, origin: Option<HeaderValue>) {
        if matches!(self.0, Some(AllowedOrigins::These(_))) {
            response.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = origin {
            response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        }
    }
}
