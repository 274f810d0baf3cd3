//! One Redis server: the commands of this store, over a few shared connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadpool_redis::redis::{Value, pipe};

use super::commands::{add, put_of, set_if_absent, strange};
use super::confirmed::Confirmed;
use super::connection::{Dialer, Lane, Role};
use super::failure::Failure;
use crate::config::redis_url::Address;
use crate::message::Message;
use crate::store::Put;

/// A message above this would make others wait behind it.
const LARGE: usize = 64 << 10;
/// Connections for all else: a second one keeps both ends busy.
const SHARED: usize = 2;

/// A server and the connections to it, which live as long as it is in use.
pub(super) struct Node {
    pub(super) address: Address,
    shared: [Lane; SHARED],
    writes: Writes,
    retention: Option<Duration>,
    next: AtomicUsize,
}

/// What is under a key.
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) time_to_live: Option<Duration>,
}

/// How messages are written.
enum Writes {
    /// Not at all: it is a replica.
    Never,
    /// In the primary's memory. Large ones have a connection of their own.
    AtOnce { large: Lane },
    /// In that of replicas, too. Waiting for them holds up a connection, so these have their own.
    Confirmed { small: Confirmed, large: Confirmed },
}

impl Node {
    /// Begins to connect to it.
    pub(super) fn new(
        dialer: &Dialer,
        address: Address,
        role: Role,
        min_replicas: u32,
        retention: Option<Duration>,
    ) -> Arc<Self> {
        let pool = dialer.pool(&address);
        let lane = || Lane::open(&pool, dialer, &address, role);
        let confirmed = || Confirmed::start(lane(), min_replicas, retention, dialer.command_timeout);
        let writes = match (role, min_replicas) {
            (Role::Replica, _) => Writes::Never,
            (Role::Primary, 0) => Writes::AtOnce { large: lane() },
            (Role::Primary, _) => Writes::Confirmed { small: confirmed(), large: confirmed() },
        };
        let shared = [lane(), lane()];
        Arc::new(Self { address, shared, writes, retention, next: AtomicUsize::new(0) })
    }

    /// Each in turn, but rather one that is connected.
    fn shared(&self) -> &Lane {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let lane = |offset| &self.shared[(turn + offset) % SHARED];
        (0..SHARED).map(lane).find(|lane| lane.is_up()).unwrap_or_else(|| lane(0))
    }

    /// Whether it can be asked at once.
    pub(super) fn is_up(&self) -> bool {
        self.shared.iter().any(Lane::is_up)
    }

    /// The bytes under `key`, and how long they stay; for ever, if nobody says otherwise.
    pub(super) async fn get(&self, key: &str, asking: bool) -> Result<Option<Found>, Failure> {
        let mut commands = pipe();
        let expires = self.retention.is_some();
        if expires {
            add(&mut commands, asking, "PTTL").arg(key);
        }
        add(&mut commands, asking, "GET").arg(key);
        let mut replies = self.shared().ask(&commands).await?.into_iter().rev();
        let bytes = match replies.next() {
            Some(Value::BulkString(bytes)) => bytes,
            Some(Value::Nil) => return Ok(None),
            _ => return Err(strange("GET").of(&self.address)),
        };
        let time_to_live = match replies.next().filter(|_| expires) {
            Some(Value::Int(milliseconds @ 0..)) => Some(Duration::from_millis(milliseconds.unsigned_abs())),
            // It came between the two.
            Some(Value::Int(-2)) => Some(Duration::ZERO),
            _ => None,
        };
        Ok(Some(Found { bytes, time_to_live }))
    }

    /// Stores the message under `key` unless something is there.
    pub(super) async fn set(&self, key: &str, message: &Message, asking: bool) -> Result<Put, Failure> {
        let is_large = message.len() > LARGE;
        let lane = match &self.writes {
            Writes::Never => return Err(Failure::Demoted("it is a replica".to_owned()).of(&self.address)),
            Writes::AtOnce { large } if is_large && large.is_up() => large,
            Writes::AtOnce { .. } => self.shared(),
            Writes::Confirmed { large, .. } if is_large => return large.set(key, message, asking).await,
            Writes::Confirmed { small, .. } => return small.set(key, message, asking).await,
        };
        let mut commands = pipe();
        set_if_absent(&mut commands, key, message, self.retention, asking);
        let replies = lane.ask(&commands).await?;
        put_of(&replies).ok_or_else(|| strange("SET").of(&self.address))
    }

    /// Whether it takes writes and has at least so many replicas.
    pub(super) async fn is_primary(&self, min_replicas: u32) -> Result<(), Failure> {
        let replies = self.shared().ask(pipe().cmd("ROLE")).await?;
        let Some(Value::Array(role)) = replies.first() else { return Err(strange("ROLE").of(&self.address)) };
        match &role[..] {
            [Value::BulkString(name), _, Value::Array(replicas)] if name == b"master" => {
                if replicas.len() >= min_replicas as usize {
                    return Ok(());
                }
                let number = replicas.len();
                Err(Failure::Refused(format!(
                    "{number} replicas follow it, and {min_replicas} are to confirm writes"
                )))
            }
            _ => Err(Failure::Demoted("it is a replica, and takes no writes".to_owned())),
        }
        .map_err(|failure| failure.of(&self.address))
    }
}
