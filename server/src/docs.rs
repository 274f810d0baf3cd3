//! The contract for people and programs: Swagger UI at `/docs`, and the document itself at `/openapi.yaml` and
//! `/openapi.json`. All of it is in the binary.
//!
//! Nothing here is an operation of the contract, and nothing needs a token. The page must never load anything
//! from elsewhere, and the policy that it comes with sees to that.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full};
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::api::conditions::lists;
use crate::problem::ResponseBody;

/// What can be done with each of these paths.
pub const ALLOWED_METHODS: &str = "GET, HEAD";

/// Scripts and requests of this origin alone. Swagger UI's style sheet has images in `data:`.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

macro_rules! made {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name))
    };
}

/// Path, media type, content. What is `made!` comes from `build.rs`.
const FILES: [(&str, &str, &[u8]); 7] = [
    ("/docs", "text/html; charset=utf-8", include_bytes!("docs/index.html")),
    ("/docs/start.js", "text/javascript; charset=utf-8", include_bytes!("docs/start.js")),
    ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", made!("swagger-ui-bundle.js")),
    ("/docs/swagger-ui.css", "text/css; charset=utf-8", made!("swagger-ui.css")),
    ("/docs/favicon.png", "image/png", made!("favicon-32x32.png")),
    ("/openapi.yaml", "application/yaml", include_bytes!("../../api/messageToHash.yaml")),
    ("/openapi.json", "application/json", made!("openapi.json")),
];

/// The files, ready to be served.
pub struct Docs(Vec<File>);

struct File {
    path: &'static str,
    media_type: HeaderValue,
    content: Bytes,
    e_tag: String,
}

impl Docs {
    /// Reads through all files, for their entity tags.
    pub fn new() -> Self {
        let file = |(path, media_type, content): (_, _, &'static [u8])| File {
            path,
            media_type: HeaderValue::from_static(media_type),
            content: Bytes::from_static(content),
            e_tag: format!("\"{}\"", const_hex::encode(Sha256::digest(content))),
        };
        Self(FILES.into_iter().map(file).collect())
    }

    /// Whether there is a file at this path.
    pub fn has(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// The file at this path, or 304 where these headers say that the client has it. None if there is no such.
    pub fn get(&self, path: &str, headers: &HeaderMap) -> Option<Response<ResponseBody>> {
        let file = self.find(path)?;
        let mut tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        let mut response = if tags.any(|tags| lists(tags, &file.e_tag)) {
            let mut response = Response::new(Empty::new().boxed());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Full::new(file.content.clone()).boxed());
            response.headers_mut().insert(CONTENT_TYPE, file.media_type.clone());
            response
        };
        let headers = response.headers_mut();
        if let Ok(e_tag) = HeaderValue::from_str(&file.e_tag) {
            headers.insert(ETAG, e_tag);
        }
        // Ask each time, since another release has other files at the same paths.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(CONTENT_SECURITY_POLICY, POLICY);
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Some(response)
    }

    fn find(&self, path: &str) -> Option<&File> {
        self.0.iter().find(|file| file.path == path)
    }
}
