//! Bearer tokens in HTTP (RFC 6750): reads them from a request, and makes the response that rejects one.

use hyper::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Response, StatusCode};

use crate::identity::{AccessError, Credentials};
use crate::problem::{ResponseBody, problem_response};

/// Reads the credentials of a request. Schemes other than `Bearer` are ignored.
pub fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(first), None) = (values.next(), values.next()) else {
        return if headers.contains_key(AUTHORIZATION) { Credentials::Several } else { Credentials::None };
    };
    // `to_str` would check each byte of a long token. A token that is not ASCII is rejected later anyway.
    let Ok(text) = str::from_utf8(first.as_bytes()) else { return Credentials::Bearer("") };
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Bearer") {
        Credentials::Bearer(token.trim_ascii())
    } else {
        Credentials::None
    }
}

/// The response to a request that is not allowed. Its challenge names the error and the missing scope (RFC 6750,
/// section 3).
pub fn error_response(error: &AccessError) -> Response<ResponseBody> {
    let (status, attributes) = match error {
        AccessError::NoToken => (StatusCode::UNAUTHORIZED, String::new()),
        AccessError::Several => (StatusCode::BAD_REQUEST, ", error=\"invalid_request\"".to_owned()),
        AccessError::Invalid(_) => (StatusCode::UNAUTHORIZED, ", error=\"invalid_token\"".to_owned()),
        AccessError::LacksScope(scope) => {
            (StatusCode::FORBIDDEN, format!(", error=\"insufficient_scope\", scope=\"{scope}\""))
        }
        AccessError::NoKeys => {
            let mut response = problem_response(StatusCode::SERVICE_UNAVAILABLE, &error.to_string());
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            return response;
        }
    };
    let mut response = problem_response(status, &error.to_string());
    if let Ok(challenge) = HeaderValue::from_str(&format!("Bearer realm=\"messageToHash\"{attributes}")) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
