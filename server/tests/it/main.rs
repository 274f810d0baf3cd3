//! The whole program over real sockets: each module is one concern, `support` is what they share.

mod cache;
mod cli;
mod contract;
mod failures;
mod in_process;
mod limits;
mod logs;
mod readme;
mod redis_failover;
mod redis_faults;
mod redis_servers;
mod shutdown;
mod stores;
mod support;
mod wire;
