//! The documentation files: Swagger UI at `/docs`, and the contract at `/openapi.yaml` and `/openapi.json`.
//!
//! All of them are part of the binary and need no token. The page must never load anything from another origin;
//! its Content-Security-Policy enforces that.

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

/// The methods of these paths, as `Allow` lists them.
pub const ALLOWED_METHODS: &str = "GET, HEAD";

/// Allows scripts and requests of this origin only. Swagger UI's style sheet contains images as `data:` URLs.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Path, media type and content. Those in `OUT_DIR` are made by `build.rs`.
const FILES: [(&str, &str, &[u8]); 7] = [
    ("/docs", "text/html; charset=utf-8", include_bytes!("index.html")),
    ("/docs/start.js", "text/javascript; charset=utf-8", include_bytes!("start.js")),
    (
        "/docs/swagger-ui-bundle.js",
        "text/javascript; charset=utf-8",
        include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")),
    ),
    (
        "/docs/swagger-ui.css",
        "text/css; charset=utf-8",
        include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css")),
    ),
    ("/docs/favicon.png", "image/png", include_bytes!(concat!(env!("OUT_DIR"), "/favicon-32x32.png"))),
    ("/openapi.yaml", "application/yaml", include_bytes!("../../../api/messageToHash.yaml")),
    ("/openapi.json", "application/json", include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json"))),
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
    /// Computes the entity tags of all files.
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

    /// Returns the file at this path, or a 304 if the client has it; `None` for any other path.
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
        // Clients revalidate each time, since another release has other files at the same paths.
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
