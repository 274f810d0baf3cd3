//! The options of the store on Redis.

use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::parsers::{text_file, time_limit};
use crate::secret::SecretFile;

/// How the store uses Redis.
#[derive(Debug, Clone, Args)]
pub struct RedisOptions {
    /// File with the password of Redis, instead of the one in --store. It is read again for each connection.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_PASSWORD_FILE", value_name = "FILE", value_parser = SecretFile::open)]
    pub redis_password_file: Option<SecretFile>,

    /// File with the certificates (PEM) that verify Redis's certificate, instead of the system's.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_CA_FILE", value_name = "FILE", value_parser = text_file)]
    pub redis_ca_file: Option<String>,

    /// Prefix of each key, before the 64 digits of the hash.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_KEY_PREFIX", value_name = "TEXT", default_value = "m:")]
    pub redis_key_prefix: String,

    /// Nodes of Sentinel or Cluster to read from. A message that a replica does not have is read from the primary.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_READ_FROM", value_name = "NODES", default_value = "primary")]
    pub redis_read_from: ReadFrom,

    /// Number of replicas that must confirm a message before it is acknowledged; 503 if fewer do in time.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_MIN_REPLICAS", value_name = "N", default_value = "0")]
    pub redis_min_replicas: u32,

    /// Accept that Redis evicts messages when it is full (maxmemory-policy allkeys-*, or volatile-* with a
    /// retention). Without this option, the server is then not ready.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_ALLOW_EVICTION", value_parser = BoolishValueParser::new())]
    pub redis_allow_eviction: bool,

    /// Longest time to connect to Redis.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_CONNECT_TIMEOUT", value_name = "TIME", default_value = "1s", value_parser = time_limit)]
    pub redis_connect_timeout: Duration,

    /// Longest time for one Redis command; a request needs one or two.
    #[arg(long, env = "MESSAGE_TO_HASH_REDIS_COMMAND_TIMEOUT", value_name = "TIME", default_value = "2s", value_parser = time_limit)]
    pub redis_command_timeout: Duration,
}

/// The nodes of Redis from which messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReadFrom {
    /// The primaries, which have every message.
    Primary,
    /// The replicas, and the primary for messages that they do not have yet.
    Replica,
}
