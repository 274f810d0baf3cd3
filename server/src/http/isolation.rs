//! Keeps answers away from pages of other origins, whatever element of the page asks for them.
//!
//! A page cannot read what `<script>`, `<img>`, `<object>`, `<iframe>` or a `fetch` without CORS get, but it learns
//! whether they loaded. Without these headers that told whether a message is stored: 200 loads, and 404 does not.

use hyper::HeaderMap;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const NO_FRAMES: HeaderValue = HeaderValue::from_static("frame-ancestors 'none'");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Lets no page show this answer in a frame or object (Content Security Policy Level 3), and no page of another
/// origin load it without CORS (the Fetch standard), unless `is_shared`: then every page may read it.
pub fn protect(response: &mut HeaderMap, is_shared: bool) {
    // A second policy adds to the first: a browser obeys both.
    response.append(CONTENT_SECURITY_POLICY, NO_FRAMES);
    response.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if !is_shared {
        response.insert(CROSS_ORIGIN_RESOURCE_POLICY, SAME_ORIGIN);
    }
}
