//! Encodes the responses of operations.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::CallError;

/// The body of a response.
pub type ResponseBody = BoxBody<Bytes, Infallible>;

/// A response as hyper sends it.
pub type HttpResponse = Response<ResponseBody>;

/// The initial capacity of a JSON body. Larger bodies are reallocated. Without a capacity sonic-rs would reserve eight
/// times the bytes of each text.
const JSON_CAPACITY: usize = 2048;

/// The initial capacity for headers: those of an operation, and those that the server adds to each response. A smaller
/// map would be rebuilt when the server adds them.
const HEADERS_CAPACITY: usize = 12;

/// A type of responses that declares the status `STATUS`. `Content` is a tuple of the body, if the response has one,
/// and of the headers that the operation sets.
///
/// The generated code implements it for each status of each operation. A function that is generic over it answers
/// several operations, and compiles only for operations that declare all statuses that it uses.
pub trait Declares<const STATUS: u16, Content> {
    /// The response with this content.
    fn with(content: Content) -> Self;
}

/// A header of a response.
///
/// # Errors
/// [`CallError::InvalidHeader`] if the header cannot have this value.
pub fn header<V>(name: HeaderName, value: V) -> Result<(HeaderName, HeaderValue), CallError>
where
    HeaderValue: TryFrom<V>,
{
    match HeaderValue::try_from(value) {
        Ok(value) => Ok((name, value)),
        Err(_) => Err(CallError::InvalidHeader(name)),
    }
}

/// A response without a body.
///
/// # Errors
/// Never fails. It returns a `Result` because responses with a JSON body do.
pub fn empty_response<const STATUS: u16, const N: usize>(
    headers: [(HeaderName, HeaderValue); N],
) -> Result<HttpResponse, CallError> {
    let mut response = Response::new(Empty::new().boxed());
    *response.status_mut() = status_code::<STATUS>();
    response.headers_mut().reserve(HEADERS_CAPACITY);
    response.headers_mut().extend(headers);
    Ok(response)
}

/// A response with these bytes, which are not copied.
///
/// # Errors
/// Never fails. It returns a `Result` because responses with a JSON body do.
pub fn bytes_response<const STATUS: u16, const N: usize>(
    media_type: &'static str,
    body: impl Into<Bytes>,
    headers: [(HeaderName, HeaderValue); N],
) -> Result<HttpResponse, CallError> {
    let mut response = Response::new(Full::new(body.into()).boxed());
    *response.status_mut() = status_code::<STATUS>();
    response.headers_mut().reserve(HEADERS_CAPACITY);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().extend(headers);
    Ok(response)
}

/// A response with this value as JSON.
///
/// # Errors
/// [`CallError::InvalidBody`] if JSON cannot express the value.
// sonic-rs looks for characters to escape in 16 bytes at a time; serde_json looks at each byte.
pub fn json_response<const STATUS: u16, const N: usize>(
    media_type: &'static str,
    body: impl Serialize,
    headers: [(HeaderName, HeaderValue); N],
) -> Result<HttpResponse, CallError> {
    let mut json = Vec::with_capacity(JSON_CAPACITY);
    sonic_rs::to_writer(&mut json, &body).map_err(CallError::InvalidBody)?;
    bytes_response::<STATUS, N>(media_type, json, headers)
}

/// The status with this number. A number that is not a status does not compile.
#[must_use]
pub const fn status_code<const STATUS: u16>() -> StatusCode {
    const { from_number(STATUS) }
}

#[expect(clippy::panic, reason = "called while the code is compiled")]
const fn from_number(number: u16) -> StatusCode {
    match StatusCode::from_u16(number) {
        Ok(status) => status,
        Err(_) => panic!("a status is a number from 100 to 999"),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use hyper::body::Body as _;
    use hyper::header::{CACHE_CONTROL, ETAG, LOCATION, RETRY_AFTER};

    use super::*;

    fn bytes_of(response: HttpResponse) -> Bytes {
        let body = pin!(response.into_body().collect());
        match body.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(body)) => body.to_bytes(),
            Poll::Pending => panic!("the body is complete"),
        }
    }

    #[test]
    fn json_response_has_status_type_and_body() {
        let response = json_response::<404, 0>("application/problem+json", ["a\"b"], []).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(bytes_of(response), "[\"a\\\"b\"]");
    }

    #[test]
    fn json_response_grows_beyond_its_capacity() {
        let text = "x".repeat(3 * JSON_CAPACITY);
        let response = json_response::<200, 0>("application/json", &text, []).unwrap();
        assert_eq!(bytes_of(response), format!("\"{text}\""));
    }

    #[test]
    fn bytes_response_does_not_copy_and_keeps_the_order_of_headers() {
        let body = Bytes::from(vec![1, 2, 3]);
        let address = body.as_ptr();
        let headers = [header(ETAG, "\"x\"").unwrap(), header(CACHE_CONTROL, "no-store").unwrap()];
        let response = bytes_response::<206, 2>("text/plain", body, headers).unwrap();
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
        assert!(response.headers().keys().eq([&CONTENT_TYPE, &ETAG, &CACHE_CONTROL]));
        assert_eq!(bytes_of(response).as_ptr(), address);
    }

    #[test]
    fn empty_response_has_neither_body_nor_type() {
        let response = empty_response::<204, 0>([]).unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert!(response.headers().is_empty() && response.body().is_end_stream());
        assert_eq!(response.body().size_hint().exact(), Some(0));
    }

    #[test]
    fn header_takes_valid_text_and_numbers() {
        assert_eq!(header(RETRY_AFTER, 1).unwrap().1, "1");
        assert_eq!(header(LOCATION, "/a".to_owned()).unwrap().1, "/a");
        let error = header(LOCATION, "a\nb".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), "The header location cannot have its value");
        assert_eq!(error.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
