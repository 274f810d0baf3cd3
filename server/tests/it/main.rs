//! The whole program over real sockets: each module is one concern, `support` is what they share.

mod cache;
mod failures;
mod in_process;
mod stores;
mod support;
mod wire;
