//! A client for one Redis server, a primary with Sentinels, or a Cluster.

pub(super) mod cluster;
pub(super) mod commands;
pub(super) mod confirmation;
pub(super) mod connection;
pub(super) mod discovery;
pub(super) mod error;
pub(super) mod node;
pub(super) mod oversize;
pub(super) mod pending_bytes;
pub(super) mod pipelines;
pub(super) mod refresh;
pub(super) mod replicated_writes;
pub(super) mod role;
pub(super) mod sentinel_view;
pub(super) mod sentinels;
pub(super) mod server_memory;
pub(super) mod shard;
pub(super) mod slots;
pub(super) mod topology;
