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
    match Url::parse(text).map(|url| url.origin()) {
        Ok(origin) if origin.is_tuple() && !text.contains('*') => {
            let written = origin.ascii_serialization();
            if written != text {
                return Err(format!("browsers write the origin {text:?} as {written}"));
            }
            HeaderValue::from_str(text).map_err(|error| error.to_string())
        }
        _ => Err(format!(
            "{text:?} is no origin: write https://app.example or http://localhost:3000, or * alone"
        )),
    }
}
