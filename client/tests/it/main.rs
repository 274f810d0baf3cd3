//! The client against servers that are wrong, slow, gone or lie: the right error or recovery, and no hang.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod batches;
mod invalid_responses;
mod requests;
mod retries;
mod test_server;
mod tls;
