//! Which origins' pages may use the API from a browser.

use std::str::FromStr;

use hyper::header::HeaderValue;
use url::Url;

/// Origins whose pages may use the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// All.
    Any,
    /// These, each as browsers send it.
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

/// An origin has to be written as browsers write it: it is compared letter by letter, and there are no patterns.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let url = Url::parse(text).ok().filter(|_| !text.contains('*'));
    let written = url.and_then(|url| as_written(&url)).ok_or_else(|| {
        format!("{text:?} is no origin: write https://app.example or http://localhost:3000, or * alone")
    })?;
    if written != text {
        return Err(format!("browsers write the origin {text:?} as {written}"));
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}

/// The origin of a page at this address, as browsers write it. Applications in a web view have schemes of their own, as
/// `capacitor://localhost`. Pages of files have no origin (`null`), which any page can have.
fn as_written(url: &Url) -> Option<String> {
    let origin = url.origin();
    if origin.is_tuple() {
        return Some(origin.ascii_serialization());
    }
    let host = url.host_str().filter(|host| !host.is_empty() && url.scheme() != "file")?.to_ascii_lowercase();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", url.scheme()))
}
