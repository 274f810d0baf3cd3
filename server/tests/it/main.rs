//! The whole program over real sockets: each module is one concern, `support` is what they share.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod cache;
mod cli;
mod contract;
mod failures;
mod in_process;
mod limits;
mod logs;
mod readme;
mod shutdown;
mod stores;
mod support;
mod wire;
