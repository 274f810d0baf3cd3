//! The whole program over real sockets: each module is one concern, `support` is what they share.

mod crash;
mod load;
mod support;
mod wire;
