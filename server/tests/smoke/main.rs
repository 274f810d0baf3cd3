//! Tests of the whole deployment on a real Docker engine: image, compose file, nginx, Redis and scripts.
//!
//! `./build.sh smoke` builds the image and runs these tests one at a time. Each starts its own stack.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod advisories;
mod attacks;
mod backups;
mod cache;
mod certificate;
mod client;
mod compression;
mod data;
mod edge;
mod failover;
mod fleet;
mod image;
mod limits;
mod lists;
mod log;
mod modes;
mod pages;
mod redis_users;
mod reload;
mod settings;
mod stack;
mod store_outage;
mod traffic;
#[path = "../support"]
mod support {
    pub mod context;
    pub mod messages;
    pub mod pages;
    pub mod ports;
    pub mod response;
    pub mod wait;
}
mod tls;
mod updates;
