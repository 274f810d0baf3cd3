//! Parses the origins whose pages may use the API from a browser.

use std::str::FromStr;

use hyper::header::HeaderValue;
use url::Url;

/// Origins whose pages may use the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All.
    Any,
    /// This list. Browsers send origins in this form.
    These(Vec<HeaderValue>),
}

impl FromStr for AllowedOrigins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        text.split(',').map(|origin| self::origin(origin.trim())).collect::<Result<_, _>>().map(Self::These)
    }
}

/// An origin must be written as browsers write it, since origins are compared byte by byte. There are no patterns.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let url = Url::parse(text).ok().filter(|_| !text.contains('*'));
    let written = url.and_then(|url| serialize(&url)).ok_or_else(|| {
        format!("{text:?} is not an origin: write https://app.example or http://localhost:3000, or * alone")
    })?;
    if written != text {
        return Err(format!("browsers write the origin {text:?} as {written}"));
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}

/// Serializes the origin of a page as browsers do. Applications in a web view have their own schemes, such as
/// `capacitor://localhost`. The origin of a page in a file is `null`. It cannot be allowed, since any page can have it.
fn serialize(url: &Url) -> Option<String> {
    let origin = url.origin();
    if origin.is_tuple() {
        return Some(origin.ascii_serialization());
    }
    let host = url.host_str().filter(|host| !host.is_empty() && url.scheme() != "file")?.to_ascii_lowercase();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", url.scheme()))
}
