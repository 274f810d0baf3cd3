//! The whole program over real sockets: each module is one concern, `support` is what they share.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod batch;
mod batch_away;
mod bit_rot;
mod browser;
mod cache;
mod callers;
mod cli;
mod client_context;
mod contract;
mod cors;
mod crash;
mod digests;
mod disk;
mod docs;
mod erasure;
mod erasure_bound;
mod failures;
mod full_disk;
mod hung_disk;
mod identity;
mod identity_keys;
mod in_process;
mod issuer;
mod limits;
mod load;
mod logs;
mod metrics;
mod monitoring;
mod power_cut;
mod raw;
mod readme;
mod redis_failover;
mod redis_faults;
mod redis_load;
mod redis_proxy;
mod redis_resharding;
mod redis_servers;
mod redis_tls;
mod retention;
mod shutdown;
mod stores;
mod support;
mod transfer;
mod wire;
