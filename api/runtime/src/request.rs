//! Decodes the parameters and the body of a request.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use bytes::Bytes;
use hyper::Uri;
use hyper::header::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::path::decode_percent;
use crate::{CallError, OperationInfo};

/// A request to an operation. Its body has been read.
#[derive(Debug)]
pub struct Request<'a> {
    /// The operation.
    pub operation: &'static OperationInfo,
    /// The target of the request.
    pub uri: &'a Uri,
    /// The headers of the request.
    pub headers: &'a HeaderMap,
    /// The body of the request.
    pub body: Bytes,
}

impl Request<'_> {
    /// The value of a path parameter.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the value is not of the type, or not UTF-8.
    pub fn path<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, CallError> {
        let encoded = self.operation.path.value(self.uri.path(), name).unwrap_or_default();
        let Ok(text) = decode_percent(encoded) else {
            return Err(CallError::bad_request(format!("Path parameter {name} is not UTF-8")));
        };
        text.parse()
            .map_err(|error| CallError::bad_request(format!("Couldn't parse path parameter {name}: {error}")))
    }

    /// The value of an optional header. Error messages name it `label`.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the value is not of the type.
    pub fn header<T: FromStr<Err: Display>>(
        &self,
        name: &HeaderName,
        label: &str,
    ) -> Result<Option<T>, CallError> {
        let Some(text) = header_text(self.headers, name) else { return Ok(None) };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(CallError::bad_request(format!("Invalid header {label} - {error}"))),
        }
    }

    /// The value of a required header. Error messages name it `label`.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the header is missing, or its value is not of the type.
    pub fn required_header<T: FromStr<Err: Display>>(
        &self,
        name: &HeaderName,
        label: &str,
    ) -> Result<T, CallError> {
        let value = self.header(name, label)?;
        value.ok_or_else(|| CallError::bad_request(format!("Missing required header {label}")))
    }

    /// The value of an optional query parameter. If the query repeats it, the first value is used.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the value is not of the type.
    pub fn query<T: FromStr>(&self, name: &str) -> Result<Option<T>, CallError> {
        let query = self.uri.query().unwrap_or_default();
        let found = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        match found.map(|(_, value)| value.parse()) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => Err(CallError::bad_request(format!("Couldn't parse query parameter {name}"))),
        }
    }

    /// The value of a required query parameter. If the query repeats it, the first value is used.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the parameter is missing, or its value is not of the type.
    pub fn required_query<T: FromStr>(&self, name: &str) -> Result<T, CallError> {
        let value = self.query(name)?;
        value.ok_or_else(|| CallError::bad_request(format!("Missing required query parameter {name}")))
    }

    /// The body, which must be one JSON object with nothing after it. Unknown members are ignored.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the body is not such an object, or not of the type.
    // Without the check for `{`, serde would read a struct from a list as well.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, CallError> {
        let text = str::from_utf8(&self.body).map_err(|_| not_utf_8())?;
        match text.trim_ascii_start().as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map_err(|error| {
                let is_json = error.is_data();
                let reason = error.to_string();
                CallError::BadRequest(if is_json {
                    reason
                } else {
                    format!("The body is not valid JSON: {reason}")
                })
            }),
            Some(_) => Err(CallError::bad_request("The body must be a JSON object")),
            None => Err(CallError::bad_request("The request has no body")),
        }
    }

    /// Takes the body as text. A request without a body has an empty text.
    ///
    /// # Errors
    /// [`CallError::BadRequest`] if the body is not UTF-8.
    pub fn text(&mut self) -> Result<String, CallError> {
        String::from_utf8(std::mem::take(&mut self.body).into()).map_err(|_| not_utf_8())
    }
}

fn not_utf_8() -> CallError {
    CallError::bad_request("The body is not valid UTF-8")
}

/// The lines of a header, joined by commas (RFC 9110, section 5.3). A line that is not visible ASCII counts as empty,
/// so that a condition in it does not hold.
fn header_text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, str>> {
    let mut lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default());
    let mut text = Cow::from(lines.next()?);
    for line in lines {
        text += ", ";
        text += line;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hyper::Method;
    use hyper::header::{HeaderValue, IF_MATCH};

    use super::*;
    use crate::PathTemplate;

    static OPERATION: OperationInfo = OperationInfo {
        id: "getThing",
        method: Method::GET,
        path: PathTemplate::new("/things/{id}"),
        scope: None,
        media_types: &[],
        max_body_bytes: None,
        max_items: None,
        statuses: &[200],
    };

    fn with_request<T>(target: &str, body: &'static [u8], decode: impl FnOnce(&mut Request<'_>) -> T) -> T {
        let (uri, headers) = (target.parse().unwrap(), HeaderMap::new());
        let body = Bytes::from_static(body);
        decode(&mut Request { operation: &OPERATION, uri: &uri, headers: &headers, body })
    }

    fn with_headers<T>(lines: &[&[u8]], decode: impl FnOnce(&Request<'_>) -> T) -> T {
        let (uri, mut headers) = (Uri::from_static("/things/7"), HeaderMap::new());
        for line in lines {
            headers.append(IF_MATCH, HeaderValue::from_bytes(line).unwrap());
        }
        decode(&Request { operation: &OPERATION, uri: &uri, headers: &headers, body: Bytes::new() })
    }

    fn reason<T>(result: Result<T, CallError>) -> Result<T, String> {
        result.map_err(|error| error.to_string())
    }

    #[test]
    fn path_decodes_and_parses_the_value() {
        let text = |target| with_request(target, b"", |request| reason(request.path::<String>("id")));
        assert_eq!(text("/things/a%20b"), Ok("a b".to_owned()));
        assert_eq!(text("/things/%ff"), Err("Path parameter id is not UTF-8".to_owned()));
        let number = |target| with_request(target, b"", |request| reason(request.path::<u8>("id")));
        assert_eq!(number("/things/7"), Ok(7));
        let expected = "Couldn't parse path parameter id: invalid digit found in string";
        assert_eq!(number("/things/x"), Err(expected.to_owned()));
    }

    #[test]
    fn repeated_header_lines_are_joined() {
        for (lines, expected) in [
            (&[][..], None),
            (&[&b"\"a\""[..]], Some("\"a\"")),
            (&[b"\"a\"", b"\"b\""], Some("\"a\", \"b\"")),
            (&[b"\xff"], Some("")),
            (&[b"\xff", b"\"b\""], Some(", \"b\"")),
        ] {
            let given =
                with_headers(lines, |request| reason(request.header::<String>(&IF_MATCH, "If-Match")));
            assert_eq!(given, Ok(expected.map(str::to_owned)), "{lines:?}");
        }
    }

    #[test]
    fn header_rejects_another_type_and_absence_where_it_is_required() {
        let optional = with_headers(&[b"x"], |request| reason(request.header::<u8>(&IF_MATCH, "If-Match")));
        assert_eq!(optional, Err("Invalid header If-Match - invalid digit found in string".to_owned()));
        let required = |lines: &[&[u8]]| {
            with_headers(lines, |request| reason(request.required_header::<u8>(&IF_MATCH, "If-Match")))
        };
        assert_eq!(required(&[]), Err("Missing required header If-Match".to_owned()));
        assert_eq!(required(&[b"7"]), Ok(7));
    }

    #[test]
    fn query_uses_the_first_of_repeated_parameters() {
        for (target, expected) in [
            ("/things/7", Ok(None)),
            ("/things/7?limits=1", Ok(None)),
            ("/things/7?limit=1&limit=2", Ok(Some(1))),
            ("/things/7?limit=%31", Ok(Some(1))),
            ("/things/7?limit=", Err("Couldn't parse query parameter limit".to_owned())),
        ] {
            let given = with_request(target, b"", |request| reason(request.query::<u8>("limit")));
            assert_eq!(given, expected, "{target}");
        }
        let required = with_request("/", b"", |request| reason(request.required_query::<u8>("limit")));
        assert_eq!(required, Err("Missing required query parameter limit".to_owned()));
    }

    #[test]
    fn json_takes_one_object_and_nothing_else() {
        let decode = |body| with_request("/", body, |request| reason(request.json::<BTreeMap<String, u8>>()));
        for body in [&b"{\"a\":1}"[..], b" \n{\"a\":1} "] {
            assert_eq!(decode(body), Ok(BTreeMap::from([("a".to_owned(), 1)])));
        }
        for (body, expected) in [
            (&b""[..], "The request has no body"),
            (b"  ", "The request has no body"),
            (b"[1]", "The body must be a JSON object"),
            (b"\"a\"", "The body must be a JSON object"),
            (b"{\"a\":\"\xff\"}", "The body is not valid UTF-8"),
            (b"{\"a\":1} x", "The body is not valid JSON: trailing characters at line 1 column 9"),
            (b"{\"a\":", "The body is not valid JSON: EOF while parsing a value at line 1 column 5"),
            (b"{\"a\":\"b\"}", "invalid type: string \"b\", expected u8 at line 1 column 8"),
        ] {
            assert_eq!(decode(body), Err(expected.to_owned()));
        }
    }

    #[test]
    fn text_is_the_body() {
        let decode = |body| with_request("/", body, |request| reason(request.text()));
        assert_eq!(decode(b""), Ok(String::new()));
        assert_eq!(decode(b"foo\n"), Ok("foo\n".to_owned()));
        assert_eq!(decode(b"\xff"), Err("The body is not valid UTF-8".to_owned()));
    }
}
