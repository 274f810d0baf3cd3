//! One Redis server: the commands of this store, over a few shared connections.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deadpool_redis::redis::{Cmd, FromRedisValue, Value, cmd, from_redis_value};

use super::commands::{
    Was, delete, deleted_of, get, probe_writes, replaced_damaged, set, set_if_absent, strange, was,
};
use super::connection::{Dialer, Lane, Role};
use super::error::Failure;
use super::oversize::{MIN_LIMIT, Oversize};
use super::pending_bytes::Reserved;
use super::pipelines::Batches;
use super::replicated_writes::{self, Confirmed};
use super::role;
use super::server_memory::Memory;
use super::slots::{Range, ranges};
use crate::message::Message;
use crate::store::Put;
use crate::store::redis::url::Address;

/// A message above this would make others wait behind it.
const LARGE: usize = 64 << 10;
/// How many keys a scan looks at at once.
const SCAN_KEYS: usize = 512;

/// A server and the connections to it, which live as long as it is in use.
pub(in crate::store::redis) struct Node {
    pub(in crate::store::redis) address: Address,
    shared: Arc<Batches>,
    writes: Writes,
    retention: Option<Duration>,
    trials: Vec<Cmd>,
    /// For messages above `MIN_LIMIT`; connected when there is one.
    oversize: OnceLock<Oversize>,
    links: Links,
}

/// Makes the connections to this node.
struct Links {
    dialer: Arc<Dialer>,
    address: Address,
    role: Role,
}

impl Links {
    fn lane(&self) -> Lane {
        Lane::open(&self.dialer, &self.address, self.role)
    }
}

/// What is under a key.
pub(in crate::store::redis) struct Found {
    pub(in crate::store::redis) bytes: Vec<u8>,
    pub(in crate::store::redis) time_to_live: Option<Duration>,
}

/// How messages are written.
enum Writes {
    /// Not at all: it is a replica.
    Never,
    /// In the primary's memory. Large ones have a connection of their own.
    AtOnce { large: Arc<Batches> },
    /// In that of replicas, too. Waiting for them holds up a connection, so these have their own.
    Confirmed { small: Confirmed, large: Confirmed, oversize: OnceLock<Confirmed>, min_replicas: u32 },
}

impl Node {
    /// Begins to connect to it.
    pub(in crate::store::redis) fn new(
        dialer: &Arc<Dialer>,
        address: Address,
        role: Role,
        min_replicas: u32,
        retention: Option<Duration>,
    ) -> Arc<Self> {
        let links = Links { dialer: Arc::clone(dialer), address: address.clone(), role };
        let confirmed = |max_batch| {
            let deadline = links.dialer.command_timeout;
            Confirmed::start(links.lane(), min_replicas, max_batch, retention, deadline)
        };
        let writes = match (role, min_replicas) {
            (Role::Replica, _) => Writes::Never,
            (Role::Primary, 0) => Writes::AtOnce { large: Batches::on(vec![links.lane()]) },
            (Role::Primary, _) => Writes::Confirmed {
                small: confirmed(replicated_writes::BATCH),
                large: confirmed(replicated_writes::BATCH),
                min_replicas,
                oversize: OnceLock::new(),
            },
        };
        // A second connection keeps both ends busy.
        let shared = Batches::on(vec![links.lane(), links.lane()]);
        let trials = links.dialer.trials(role);
        Arc::new(Self { address, shared, writes, retention, trials, oversize: OnceLock::new(), links })
    }

    /// Whether it can be asked at once.
    pub(in crate::store::redis) fn is_up(&self) -> bool {
        self.shared.is_up()
    }

    /// The bytes under `key`, and how long they stay; for ever, if nobody says otherwise.
    pub(in crate::store::redis) async fn get(
        &self,
        key: &str,
        asking: bool,
    ) -> Result<Option<Found>, Failure> {
        let expires = self.retention.is_some();
        let mut replies = self.shared.ask(get(key, expires, asking)).await?;
        let bytes = match replies.pop() {
            Some(Value::BulkString(bytes)) => bytes,
            Some(Value::Nil) => return Ok(None),
            _ => return Err(strange("GET").of(&self.address)),
        };
        // Behind OK, where the key is being moved.
        let time_to_live = replies.iter().find_map(|reply| match reply {
            Value::Int(milliseconds @ 0..) => Some(Duration::from_millis(milliseconds.unsigned_abs())),
            Value::Int(-2) => Some(Duration::ZERO), // it came between the two
            _ => None,
        });
        Ok(Some(Found { bytes, time_to_live }))
    }

    /// Stores the message under `key` unless something is there.
    pub(in crate::store::redis) async fn set(
        &self,
        key: &str,
        message: &Message,
        asking: bool,
    ) -> Result<Put, Failure> {
        let pending = &self.links.dialer.pending;
        let reserved = pending.reserve(message.len()).await?;
        let (is_large, is_oversize) = (message.len() > LARGE, message.len() > MIN_LIMIT);
        let lane = match &self.writes {
            Writes::Never => return Err(Failure::is_replica().of(&self.address)),
            Writes::AtOnce { large } if is_large && large.is_up() => large,
            Writes::AtOnce { .. } => &self.shared,
            Writes::Confirmed { oversize, min_replicas, .. } if is_oversize => {
                let confirmed = oversize.get_or_init(|| self.confirmed_alone(*min_replicas));
                return self.set_oversize(confirmed, key, message, asking, reserved).await;
            }
            Writes::Confirmed { large, .. } if is_large => {
                return large.set(key, message, asking, reserved).await;
            }
            Writes::Confirmed { small, .. } => return small.set(key, message, asking, reserved).await,
        };
        let ask = async |commands, reserved| {
            if is_oversize {
                return self.oversize().ask(message.len(), commands, reserved).await;
            }
            lane.ask_reserved(commands, reserved).await
        };
        let replies = ask(set_if_absent(key, message, self.retention, asking), reserved).await?;
        match was(&replies, message) {
            Some(Was::Absent) => Ok(Put::Created),
            Some(Was::Same) => Ok(Put::AlreadyStored),
            Some(Was::Other) => {
                let reserved = pending.reserve(message.len()).await?;
                ask(set(key, message, self.retention, asking), reserved).await?;
                replaced_damaged(key);
                Ok(Put::Created)
            }
            None => Err(strange("SET").of(&self.address)),
        }
    }

    fn oversize(&self) -> &Oversize {
        self.oversize.get_or_init(|| Oversize::on(self.links.lane()))
    }

    fn confirmed_alone(&self, min_replicas: u32) -> Confirmed {
        let deadline = self.links.dialer.command_timeout;
        Confirmed::start(self.links.lane(), min_replicas, 1, self.retention, deadline)
    }

    async fn set_oversize(
        &self,
        confirmed: &Confirmed,
        key: &str,
        message: &Message,
        asking: bool,
        reserved: Reserved,
    ) -> Result<Put, Failure> {
        let oversize = self.oversize();
        oversize.check(message.len())?;
        match confirmed.set(key, message, asking, reserved).await {
            Err(failure) => Err(oversize.explain(message.len(), failure).await),
            put => put,
        }
    }

    /// Deletes what is under `key`, if anything is.
    pub(in crate::store::redis) async fn delete(&self, key: &str, asking: bool) -> Result<(), Failure> {
        match &self.writes {
            Writes::Never => Err(Failure::is_replica().of(&self.address)),
            Writes::Confirmed { small, .. } => small.delete(key, asking).await,
            Writes::AtOnce { .. } => {
                let replies = self.shared.ask(delete(key, asking)).await?;
                deleted_of(&replies).map(drop).ok_or_else(|| strange("UNLINK").of(&self.address))
            }
        }
    }

    /// Fails where no message can be read or stored now. Reads and writes this key, which no message has.
    pub(in crate::store::redis) async fn probe(&self, key: &str) -> Result<(), Failure> {
        self.get(key, false).await?;
        let probed = match &self.writes {
            Writes::Confirmed { small, .. } => small.probe(key).await,
            _ => self.shared.ask(probe_writes(key, self.retention.is_some())).await.map(drop),
        };
        probed.map_err(|failure| failure.of(&self.address))
    }

    /// Its memory and its policy of eviction. `NotOffered` where it does not let them be read.
    pub(in crate::store::redis) async fn memory(&self) -> Result<Memory, Failure> {
        let mut info = cmd("INFO");
        info.arg("memory");
        match self.ask_for::<String>("INFO", info).await {
            Ok(text) => {
                if let Some(memory) = Memory::from_info(&text) {
                    return Ok(memory);
                }
            }
            Err(Failure::NotOffered(_)) => {}
            Err(failure) => return Err(failure),
        }
        let mut config = cmd("CONFIG");
        config.arg("GET").arg("maxmemory*");
        let settings = self.ask_for::<HashMap<String, String>>("CONFIG GET", config).await?;
        Memory::from_config(&settings).ok_or_else(|| strange("CONFIG GET").of(&self.address))
    }

    /// Says this to all who listen on this channel of any node.
    pub(in crate::store::redis) async fn publish(&self, channel: &str, text: &str) -> Result<(), Failure> {
        let mut publish = cmd("PUBLISH");
        publish.arg(channel).arg(text);
        self.shared.ask(vec![publish]).await.map(drop)
    }

    /// Stores each of these under its key unless something is there: all by one write, and a result for each.
    /// `None` where this node has no such way.
    pub(in crate::store::redis) async fn set_all(
        &self,
        messages: &[(&str, &Message)],
    ) -> Option<Vec<Result<Put, Failure>>> {
        if !matches!(self.writes, Writes::AtOnce { .. }) {
            return None;
        }
        let set = |(key, message): &(&str, &Message)| set_if_absent(key, message, self.retention, false);
        let put = |(replies, (_, message)): (Result<Vec<Value>, Failure>, &(&str, &Message))| {
            replies.and_then(|replies| match was(&replies, message) {
                Some(Was::Absent) => Ok(Put::Created),
                Some(Was::Same) => Ok(Put::AlreadyStored),
                Some(Was::Other) => Err(Failure::Corrupt("the copy is damaged".to_owned()).of(&self.address)),
                None => Err(strange("SET").of(&self.address)),
            })
        };
        let bytes = messages.iter().map(|(_, message)| message.len()).sum();
        let reserved = match self.links.dialer.pending.reserve(bytes).await {
            Ok(reserved) => reserved,
            Err(failure) => return Some(messages.iter().map(|_| Err(failure.clone())).collect()),
        };
        Some(match self.shared.ask_all(messages.iter().map(set).collect(), reserved).await {
            Ok(answers) => answers.into_iter().zip(messages).map(put).collect(),
            Err(failure) => messages.iter().map(|_| Err(failure.clone())).collect(),
        })
    }

    /// Some of the keys that match the pattern, and the cursor for more; 0 is the beginning and the end.
    pub(in crate::store::redis) async fn scan(
        &self,
        cursor: u64,
        pattern: &str,
    ) -> Result<(u64, Vec<Vec<u8>>), Failure> {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(pattern).arg("COUNT").arg(SCAN_KEYS);
        self.ask_for("SCAN", scan).await
    }

    /// Which node of its Cluster serves which slots, as this one knows.
    pub(in crate::store::redis) async fn slots(&self) -> Result<Vec<Range>, Failure> {
        let mut slots = cmd("CLUSTER");
        slots.arg("SLOTS");
        let reply: Value = self.ask_for("CLUSTER SLOTS", slots).await?;
        ranges(&reply, &self.address).ok_or_else(|| strange("CLUSTER SLOTS").of(&self.address))
    }

    /// How many keys it has.
    pub(in crate::store::redis) async fn count(&self) -> Result<u64, Failure> {
        self.ask_for("DBSIZE", cmd("DBSIZE")).await
    }

    async fn ask_for<T: FromRedisValue>(&self, name: &str, command: Cmd) -> Result<T, Failure> {
        let reply = self.shared.ask(vec![command]).await?.pop();
        let read = reply.and_then(|reply| from_redis_value(reply).ok());
        read.ok_or_else(|| strange(name).of(&self.address))
    }

    /// Whether it is a primary and has at least so many replicas. A full one is of use all the same.
    pub(in crate::store::redis) async fn is_primary(&self, min_replicas: u32) -> Result<(), Failure> {
        let Some(role) = self.find_role().await? else { return self.try_commands().await };
        if !role.is_primary {
            return Err(Failure::is_replica().of(&self.address));
        }
        if role.replicas < min_replicas as usize {
            let number = role.replicas;
            let text = format!("{number} replicas follow it, and {min_replicas} are to confirm writes");
            return Err(Failure::Refused(text).of(&self.address));
        }
        Ok(())
    }

    /// Its role, where it offers any command that tells it.
    async fn find_role(&self) -> Result<Option<role::Role>, Failure> {
        for question in role::questions() {
            match self.shared.ask(vec![question]).await {
                Ok(replies) => match role::parse(replies.first().unwrap_or(&Value::Nil)) {
                    Ok(None) => {}
                    found => return found,
                },
                Err(Failure::NotOffered(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(None)
    }

    /// Does what needs the same permissions as messages do, on a key that no message has.
    async fn try_commands(&self) -> Result<(), Failure> {
        match self.shared.ask(self.trials.clone()).await {
            Ok(_) | Err(Failure::Full(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}
