//! Access from pages of other origins (the Fetch standard, "CORS protocol").
//!
//! A browser sends a preflight only before requests that an HTML form could not send. It sends the others at once, and
//! only hides the response from the page. Therefore unsafe requests from origins that are not allowed are rejected here.
//!
//! CORS allows a page, not its user. The server does not use cookies, and a page sends its own token like any other
//! client.

use http_body_util::{BodyExt, Empty};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderName,
    HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, Response, StatusCode, http::request::Parts};

use super::origins::AllowedOrigins;
use crate::problem::{ResponseBody, problem_response};

const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Digest, Content-Type, If-Match, If-None-Match, If-Range, Range, Repr-Digest, \
     traceparent, X-Span-ID",
);
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept-Ranges, Content-Range, ETag, Location, Repr-Digest, Retry-After, WWW-Authenticate, X-Span-ID",
);
/// Tells from which site a page sends a request (W3C Fetch Metadata). Browsers send it only to `https` and to localhost.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The seconds that browsers cache a preflight. Chromium caps the value at two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The origins whose pages may use the API; `None` for no origin.
pub struct Cors(Option<AllowedOrigins>);

impl Cors {
    pub fn new(allowed: Option<AllowedOrigins>) -> Self {
        Self(allowed)
    }

    /// The value of `Access-Control-Allow-Origin` for this request; `None` if its origin is not allowed.
    pub fn allowed_origin(&self, request: &HeaderMap) -> Option<HeaderValue> {
        match self.0.as_ref()? {
            AllowedOrigins::Any => Some(HeaderValue::from_static("*")),
            AllowedOrigins::These(allowed) => {
                request.get(ORIGIN).filter(|origin| allowed.contains(origin)).cloned()
            }
        }
    }

    /// Checks an unsafe request that a page sends. Returns the response that rejects it, if its origin is not allowed.
    ///
    /// A page cannot omit or choose the headers that are checked. Clients other than browsers do not send them.
    pub fn check_origin(&self, request: &Parts) -> Option<Response<ResponseBody>> {
        if request.method.is_safe()
            || is_same_origin(&request.headers)
            || self.allowed_origin(&request.headers).is_some()
        {
            return None;
        }
        let detail = "Pages of other origins may not send this; see --cors-allowed-origins";
        Some(problem_response(StatusCode::FORBIDDEN, detail))
    }

    /// The response to a preflight. `None` if the request is not a preflight or its origin is not allowed; it is then
    /// answered like any other `OPTIONS`.
    pub fn preflight(&self, request: &Parts, allowed_methods: &str) -> Option<Response<ResponseBody>> {
        let is_preflight = request.method == Method::OPTIONS
            && request.headers.contains_key(ORIGIN)
            && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !is_preflight || self.allowed_origin(&request.headers).is_none() {
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

    /// Allows pages of `origin` to read the response. `Vary` tells caches that the response depends on the origin.
    pub fn add_headers(&self, response: &mut HeaderMap, origin: Option<HeaderValue>) {
        if matches!(self.0, Some(AllowedOrigins::These(_))) {
            response.append(VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = origin {
            response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        }
    }
}

/// Whether the request does not come from a page of another origin. `Sec-Fetch-Site` decides; without it `Origin` is
/// compared with `Host`.
fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let page = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    page.zip(host).is_some_and(|((scheme, page), host)| {
        // Some proxies add the default port, which an origin omits.
        let port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return false, // the scheme of an application, such as `capacitor`
        };
        page.eq_ignore_ascii_case(host.strip_suffix(port).unwrap_or(host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_origin_is_host_and_port() {
        for (origin, host, is_own) in [
            ("http://it", "it", true),
            ("http://it", "IT:80", true),
            ("https://it", "it:443", true),
            ("http://it:8080", "it:8080", true),
            ("http://it:8080", "it", false),
            ("http://it", "it:8080", false),
            ("http://it", "it:443", false),
            ("capacitor://it", "it", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
            headers.insert(HOST, HeaderValue::from_static(host));
            assert_eq!(is_same_origin(&headers), is_own, "{origin} {host}");
        }
    }
}
