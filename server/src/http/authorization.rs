//! Bearer tokens as HTTP has them (RFC 6750): where a request carries one, and how it is refused.

use hyper::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Response, StatusCode};

use crate::identity::{Credentials, Refusal};
use crate::problem::{ResponseBody, problem_response};

/// What the request brings. Another scheme than `Bearer` says nothing to us.
pub fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(first), None) = (given.next(), given.next()) else {
        return if headers.contains_key(AUTHORIZATION) { Credentials::Several } else { Credentials::None };
    };
    // Not `to_str`, which looks at each byte of a long text: what is not ASCII is no token either.
    let Ok(text) = str::from_utf8(first.as_bytes()) else { return Credentials::Bearer("") };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Bearer") {
        Credentials::Bearer(token.trim_ascii())
    } else {
        Credentials::None
    }
}

/// The response that says why not, and what would be needed.
pub fn refuse(refusal: &Refusal) -> Response<ResponseBody> {
    let (status, error) = match refusal {
        Refusal::NoToken => (StatusCode::UNAUTHORIZED, String::new()),
        Refusal::Several => (StatusCode::BAD_REQUEST, ", error=\"invalid_request\"".to_owned()),
        Refusal::Invalid(_) => (StatusCode::UNAUTHORIZED, ", error=\"invalid_token\"".to_owned()),
        Refusal::LacksScope(scope) => {
            (StatusCode::FORBIDDEN, format!(", error=\"insufficient_scope\", scope=\"{scope}\""))
        }
        Refusal::NoKeys => {
            let mut response = problem_response(StatusCode::SERVICE_UNAVAILABLE, &refusal.to_string());
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            return response;
        }
    };
    let mut response = problem_response(status, &refusal.to_string());
    if let Ok(challenge) = HeaderValue::from_str(&format!("Bearer realm=\"messageToHash\"{error}")) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
