//! Whether a page of another origin may use the API from a browser (the Fetch standard, "CORS protocol").
//!
//! A browser asks before it sends what no form could send; the rest it sends unasked, and keeps the answer from the
//! page. So whatever is not only read is refused here, unless the page may.
//!
//! It is the page that is let, not its user: cookies and the like are never asked for, and a token that the page
//! has itself it sends as everybody does.

use http_body_util::{BodyExt, Empty};
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderName,
    HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, Response, StatusCode, http::request::Parts};

use crate::config::cors::AllowedOrigins;
use crate::problem::{ResponseBody, problem_response};

const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Digest, Content-Type, If-Match, If-None-Match, If-Range, Range, Repr-Digest, \
     traceparent, X-Span-ID",
);
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept-Ranges, Content-Range, ETag, Location, Repr-Digest, Retry-After, WWW-Authenticate, X-Span-ID",
);
/// How browsers say whose page sends a request (W3C Fetch Metadata). They say it to https and to this machine.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// In seconds. Browsers do not remember for much longer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// Whose pages may; none without the option.
pub struct Cors(Option<AllowedOrigins>);

impl Cors {
    pub fn new(allowed: Option<AllowedOrigins>) -> Self {
        Self(allowed)
    }

    /// The origin that may read the response to this request, if any may.
    pub fn allowed_origin(&self, request: &HeaderMap) -> Option<HeaderValue> {
        match self.0.as_ref()? {
            AllowedOrigins::Any => Some(HeaderValue::from_static("*")),
            AllowedOrigins::These(allowed) => {
                request.get(ORIGIN).filter(|origin| allowed.contains(origin)).cloned()
            }
        }
    }

    /// Refuses what a page of another origin sends, but for what changes nothing. No page can leave these headers
    /// out or choose them; who is no browser sends neither.
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

    /// The answer to a browser that asks whether a page may send a request, before it does. Where the page may
    /// not, this is an OPTIONS like any other.
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

    /// Lets pages of `origin` read the response, and caches know what it depends on.
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

/// Whether no page of another origin sends this: by the browser's word, or else by where the page is from.
fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let page = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    page.zip(host).is_some_and(|((scheme, page), host)| {
        // Some proxies say the port that an origin leaves out.
        let port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return false, // an application's own scheme, as `capacitor`: no page of this server
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
