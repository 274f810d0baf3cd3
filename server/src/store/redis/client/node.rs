//! A Redis server, and the commands that the client sends to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deadpool_redis::redis::{Cmd, FromRedisValue, Value, cmd, from_redis_value};

use super::address::Address;
use super::commands::{
    Previous, delete, get, overwrite, parse_deleted, parse_previous, set_if_absent, write_absent,
};
use super::dialer::{Dialer, NodeRole};
use super::error::{RedisClientError, RedisClientErrorKind};
use super::pipelines::Pipelines;
use super::role::{ReportedRole, parse_role, role_commands};
use super::server_memory::ServerMemory;
use super::slots::{SlotRange, parse_cluster_slots};
use super::write_lanes::{NodeLink, WriteLanes};
use super::{SetOutcome, StoredValue};

/// The COUNT of a SCAN: about how many keys one reply covers.
const SCAN_COUNT: usize = 512;

/// A server and the connections to it. Dropping the last reference closes them.
pub struct Node {
    pub address: Address,
    shared: Arc<Pipelines>,
    writes: WriteLanes,
    /// The time to live of written keys, in whole milliseconds. `None` writes keys that never expire.
    ttl: Option<Duration>,
    probes: Vec<Cmd>,
    link: NodeLink,
}

impl Node {
    /// Starts to connect in the background.
    pub(super) fn connect(
        dialer: &Arc<Dialer>,
        address: Address,
        role: NodeRole,
        min_replicas: u32,
        ttl: Option<Duration>,
    ) -> Arc<Self> {
        let link = NodeLink { dialer: Arc::clone(dialer), address: address.clone(), role };
        // Two connections, so that the client and Redis work at the same time.
        let shared = Pipelines::new(vec![link.open_lane(), link.open_lane()]);
        let writes = WriteLanes::open(link.clone(), Arc::clone(&shared), min_replicas, ttl);
        let probes = dialer.probes(role);
        Arc::new(Self { address, shared, writes, ttl, probes, link })
    }

    /// Whether the node is connected.
    pub fn is_up(&self) -> bool {
        self.shared.is_up()
    }

    /// GET. Also returns the remaining time to live if keys expire.
    pub(super) async fn get(&self, key: &str, asking: bool) -> Result<Option<StoredValue>, RedisClientError> {
        let mut replies = self.shared.send(get(key, self.ttl.is_some(), asking)).await?;
        let bytes = match replies.pop() {
            Some(Value::BulkString(bytes)) => bytes,
            Some(Value::Nil) => return Ok(None),
            _ => return Err(self.unexpected_reply("GET")),
        };
        // The replies to ASKING, which are OK, are skipped.
        let ttl = replies.iter().find_map(|reply| match reply {
            Value::Int(milliseconds @ 0..) => Some(Duration::from_millis(milliseconds.unsigned_abs())),
            // The key did not exist yet: another client set it between PTTL and GET.
            Value::Int(-2) => Some(Duration::ZERO),
            _ => None,
        });
        Ok(Some(StoredValue { bytes, ttl }))
    }

    /// SET with NX. Overwrites a different value.
    pub(super) async fn set(
        &self,
        key: &str,
        value: &Bytes,
        asking: bool,
    ) -> Result<SetOutcome, RedisClientError> {
        let reserved = self.link.dialer.pending.reserve(value.len()).await?;
        if let WriteLanes::Replicated(lanes) = &self.writes {
            return lanes.set(key, value, asking, reserved).await;
        }
        let commands = set_if_absent(key, value, self.ttl, asking);
        let replies = self.writes.send(value.len(), commands, reserved, &self.address).await?;
        match parse_previous(&replies, value) {
            Some(Previous::Absent) => Ok(SetOutcome::Created),
            Some(Previous::Same) => Ok(SetOutcome::Unchanged),
            Some(Previous::Different) => {
                let reserved = self.link.dialer.pending.reserve(value.len()).await?;
                let commands = overwrite(key, value, self.ttl, asking);
                self.writes.send(value.len(), commands, reserved, &self.address).await?;
                Ok(SetOutcome::Repaired)
            }
            None => Err(self.unexpected_reply("SET")),
        }
    }

    /// SET with NX for many keys in one pipeline, with a result for each. A different value is an error, and stays.
    /// Returns `None` if this node does not offer it, because replicas must confirm its writes.
    pub async fn set_many(
        &self,
        entries: &[(&str, Bytes)],
    ) -> Option<Vec<Result<SetOutcome, RedisClientError>>> {
        if !matches!(self.writes, WriteLanes::Direct { .. }) {
            return None;
        }
        let commands = |(key, value): &(&str, Bytes)| set_if_absent(key, value, self.ttl, false);
        let parse = |(replies, (_, value)): (Result<Vec<Value>, RedisClientError>, &(&str, Bytes))| {
            replies.and_then(|replies| match parse_previous(&replies, value) {
                Some(Previous::Absent) => Ok(SetOutcome::Created),
                Some(Previous::Same) => Ok(SetOutcome::Unchanged),
                Some(Previous::Different) => {
                    let error = RedisClientError::new(
                        RedisClientErrorKind::Damaged,
                        "the key holds a different value",
                    );
                    Err(error.with_node(&self.address))
                }
                None => Err(self.unexpected_reply("SET")),
            })
        };
        let len = entries.iter().map(|(_, value)| value.len()).sum();
        let sent = async {
            let reserved = self.link.dialer.pending.reserve(len).await?;
            self.shared.send_many(entries.iter().map(commands).collect(), reserved).await
        };
        Some(match sent.await {
            Ok(replies) => replies.into_iter().zip(entries).map(parse).collect(),
            Err(error) => entries.iter().map(|_| Err(error.clone())).collect(),
        })
    }

    /// UNLINK. An absent key is not an error.
    pub(super) async fn delete(&self, key: &str, asking: bool) -> Result<(), RedisClientError> {
        match &self.writes {
            WriteLanes::None => Err(RedisClientError::is_replica().with_node(&self.address)),
            WriteLanes::Replicated(lanes) => lanes.small.delete(key, asking).await,
            WriteLanes::Direct { .. } => {
                let replies = self.shared.send(delete(key, asking)).await?;
                parse_deleted(&replies).map(drop).ok_or_else(|| self.unexpected_reply("UNLINK"))
            }
        }
    }

    /// Reads and writes this key, which no value has. Fails if the node cannot read or store values now.
    pub async fn probe(&self, key: &str) -> Result<(), RedisClientError> {
        self.get(key, false).await?;
        let probed = match &self.writes {
            WriteLanes::Replicated(lanes) => lanes.small.probe(key).await,
            _ => self.shared.send(write_absent(key, self.ttl.is_some())).await.map(drop),
        };
        probed.map_err(|error| error.with_node(&self.address))
    }

    /// `INFO memory`, or `CONFIG GET maxmemory*` if INFO is not offered or lacks the policy.
    ///
    /// # Errors
    /// `NotOffered` if the node offers neither command.
    pub async fn memory(&self) -> Result<ServerMemory, RedisClientError> {
        let mut info = cmd("INFO");
        info.arg("memory");
        match self.query::<String>("INFO", info).await {
            Ok(text) => {
                if let Some(memory) = ServerMemory::from_info(&text) {
                    return Ok(memory);
                }
            }
            Err(error) if error.kind == RedisClientErrorKind::NotOffered => {}
            Err(error) => return Err(error),
        }
        let mut config = cmd("CONFIG");
        config.arg("GET").arg("maxmemory*");
        let settings = self.query::<HashMap<String, String>>("CONFIG GET", config).await?;
        ServerMemory::from_config(&settings).ok_or_else(|| self.unexpected_reply("CONFIG GET"))
    }

    /// PUBLISH. In a Cluster, the subscribers of every node receive the text.
    pub async fn publish(&self, channel: &str, text: &str) -> Result<(), RedisClientError> {
        let mut publish = cmd("PUBLISH");
        publish.arg(channel).arg(text);
        self.shared.send(vec![publish]).await.map(drop)
    }

    /// SCAN. Returns the next cursor and some keys that match the glob pattern. Cursor 0 begins and ends the scan.
    pub async fn scan(&self, cursor: u64, pattern: &str) -> Result<(u64, Vec<Vec<u8>>), RedisClientError> {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(SCAN_COUNT);
        self.query("SCAN", scan).await
    }

    /// CLUSTER SLOTS: the slot map as this node knows it.
    pub(super) async fn slots(&self) -> Result<Vec<SlotRange>, RedisClientError> {
        let mut slots = cmd("CLUSTER");
        slots.arg("SLOTS");
        let reply: Value = self.query("CLUSTER SLOTS", slots).await?;
        parse_cluster_slots(&reply, &self.address).ok_or_else(|| self.unexpected_reply("CLUSTER SLOTS"))
    }

    /// DBSIZE: the number of keys, including keys of other programs.
    pub async fn key_count(&self) -> Result<u64, RedisClientError> {
        self.query("DBSIZE", cmd("DBSIZE")).await
    }

    async fn query<T: FromRedisValue>(&self, name: &str, command: Cmd) -> Result<T, RedisClientError> {
        let reply = self.shared.send(vec![command]).await?.pop();
        let parsed = reply.and_then(|reply| from_redis_value(reply).ok());
        parsed.ok_or_else(|| self.unexpected_reply(name))
    }

    fn unexpected_reply(&self, command: &str) -> RedisClientError {
        RedisClientError::unexpected_reply(command).with_node(&self.address)
    }

    /// Fails unless the node is a primary with at least `min_replicas` replicas. A full node passes, because it still
    /// serves reads.
    pub(super) async fn check_primary(&self, min_replicas: u32) -> Result<(), RedisClientError> {
        let Some(role) = self.find_role().await? else { return self.try_probes().await };
        if !role.is_primary {
            return Err(RedisClientError::is_replica().with_node(&self.address));
        }
        if role.replicas < min_replicas as usize {
            let count = role.replicas;
            let reason = format!("it has {count} replicas, but {min_replicas} must confirm each write");
            return Err(RedisClientError::refused(reason).with_node(&self.address));
        }
        Ok(())
    }

    /// Returns the reported role, or `None` if the node offers neither command.
    async fn find_role(&self) -> Result<Option<ReportedRole>, RedisClientError> {
        for command in role_commands() {
            match self.shared.send(vec![command]).await {
                Ok(replies) => match parse_role(replies.first().unwrap_or(&Value::Nil)) {
                    Ok(None) => {}
                    result => return result,
                },
                Err(error) if error.kind == RedisClientErrorKind::NotOffered => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Runs the commands that values need on a key that no value has.
    async fn try_probes(&self) -> Result<(), RedisClientError> {
        match self.shared.send(self.probes.clone()).await {
            Err(error) if error.kind != RedisClientErrorKind::Full => Err(error),
            _ => Ok(()),
        }
    }
}
