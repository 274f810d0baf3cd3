//! Prevents pages of other origins from loading responses as scripts, images, objects or frames.
//!
//! A page cannot read a response that it loads through `<script>`, `<img>`, `<object>`, `<iframe>` or a `fetch` without
//! CORS. But it learns whether the response loaded, and so whether a message is stored: 200 loads, and 404 does not.

use hyper::HeaderMap;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const NO_FRAMES: HeaderValue = HeaderValue::from_static("frame-ancestors 'none'");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Adds the headers of isolation. No page may show the response in a frame or object (Content Security Policy Level 3).
/// Unless `is_shared`, no page of another origin may load it without CORS (the Fetch standard).
pub fn protect(response: &mut HeaderMap, is_shared: bool) {
    // Appended, because a raw message already has a policy. Browsers enforce both.
    response.append(CONTENT_SECURITY_POLICY, NO_FRAMES);
    response.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    if !is_shared {
        response.insert(CROSS_ORIGIN_RESOURCE_POLICY, SAME_ORIGIN);
    }
}
