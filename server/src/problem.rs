//! The one body of every error (RFC 9457), wherever in the server the error was found.

use hyper::StatusCode;
use message_to_hash_api::models::Problem;

/// Longer texts are cut: a detail may quote what the client sent.
const DETAIL_CHARS: usize = 256;

/// A problem that its status explains, with a detail for the client. `err_msg` is for older clients.
#[must_use]
pub fn problem(status: StatusCode, detail: &str) -> Problem {
    let title = status.canonical_reason().unwrap_or("Error").to_owned();
    let detail: String = detail.chars().take(DETAIL_CHARS).collect();
    Problem::new("about:blank".to_owned(), title, status.as_u16(), detail.clone(), detail)
}
