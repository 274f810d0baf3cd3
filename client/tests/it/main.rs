//! The client against servers that are wrong, slow, down or malicious: the right error or a retry, and no hang.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod batches;
mod invalid_responses;
mod requests;
mod retries;
mod test_server;
mod tls;
