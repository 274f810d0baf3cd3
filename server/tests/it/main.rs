//! The whole program over real sockets: each module is one concern, `support` is what they share.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "that is how a test fails")]

mod bit_rot;
mod crash;
mod disk;
mod full_disk;
mod hung_disk;
mod load;
mod power_cut;
mod support;
mod wire;
