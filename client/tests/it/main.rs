//! The client against servers that are wrong, slow, gone or lie: the right error or recovery, and no hang.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod failures;
mod liar;
mod lies;
mod many;
mod requests;
mod tls;
