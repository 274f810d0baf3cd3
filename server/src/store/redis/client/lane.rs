//! A lane: one connection to a node that many requests share.
//!
//! A deadpool-redis pool opens the connection. The lane takes it out of the pool and clones it for each request, so
//! that requests are pipelined; one connection per request would cost a round trip for the pool's check. A background
//! task opens the connection, so no request does. A broken connection is replaced at once.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Cmd, Pipeline, Value, cmd, pipe};
use deadpool_redis::{Connection, PoolError};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::address::Address;
use super::dialer::{Dialer, NodeRole};
use super::discovery::{BackgroundTask, Discovery};
use super::error::RedisClientError;
use super::role::{parse_role, role_commands};

const MIN_BACKOFF: Duration = Duration::from_millis(25);
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// A shared connection to a node, which is replaced after each failure.
pub(super) struct Lane {
    address: Address,
    command_timeout: Duration,
    connection: Arc<watch::Sender<Discovery<SharedConnection>>>,
    _task: BackgroundTask,
}

/// A connection, with a number that distinguishes it from earlier connections of the lane.
#[derive(Clone)]
struct SharedConnection {
    connection: MultiplexedConnection,
    number: u64,
    _counted: Arc<CountedConnection>,
}

/// Counts an open connection in the metric until it is dropped.
struct CountedConnection(Gauge);

impl CountedConnection {
    fn new(connections: &Gauge) -> Arc<Self> {
        connections.inc();
        Arc::new(Self(connections.clone()))
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Lane {
    /// Starts to connect in the background.
    pub(super) fn open(dialer: &Arc<Dialer>, address: &Address, role: NodeRole) -> Self {
        let connection = Arc::new(Discovery::channel());
        let reconnect = Reconnect {
            dialer: Arc::clone(dialer),
            address: address.clone(),
            role,
            probes: dialer.probes(role),
            connection: Arc::clone(&connection),
        };
        Self {
            address: address.clone(),
            command_timeout: dialer.command_timeout,
            connection,
            _task: BackgroundTask::spawn(reconnect.run()),
        }
    }

    /// Whether the lane is connected.
    pub(super) fn is_up(&self) -> bool {
        matches!(&*self.connection.borrow(), Discovery::Found(_))
    }

    /// Sends the commands and returns one reply per command, which may be an error. The timeout of one command covers
    /// them all.
    pub(super) async fn send(&self, commands: &Pipeline) -> Result<Vec<Value>, RedisClientError> {
        let mut used = None;
        let exchange = async {
            let mut shared = Discovery::wait(&self.connection).await?;
            used = Some(shared.number);
            let sent = shared.connection.send_packed_commands(commands, 0, commands.len()).await;
            sent.map_err(|error| RedisClientError::from(error).with_node(&self.address))
        };
        let replies = timeout(self.command_timeout, exchange).await;
        let replies = replies.unwrap_or_else(|_| {
            let reason = format!("no reply within {:?}", self.command_timeout);
            Err(RedisClientError::timed_out(reason).with_node(&self.address))
        });
        let is_broken = match &replies {
            Ok(replies) => {
                let mut errors = replies.iter().filter_map(|reply| self.error_in(reply));
                errors.any(|error| error.breaks_connection())
            }
            Err(error) => error.breaks_connection(),
        };
        if let (true, Some(number)) = (is_broken, used) {
            self.drop_connection(number);
        }
        replies
    }

    /// Sends the commands and returns one reply per command. Any reply that is an error fails them all.
    pub(super) async fn send_all_or_fail(&self, commands: &Pipeline) -> Result<Vec<Value>, RedisClientError> {
        let replies = self.send(commands).await?;
        replies.iter().find_map(|reply| self.error_in(reply)).map_or(Ok(replies), Err)
    }

    /// The error in a reply, if the reply is an error.
    pub(super) fn error_in(&self, reply: &Value) -> Option<RedisClientError> {
        match reply {
            Value::ServerError(error) => Some(RedisClientError::from(error).with_node(&self.address)),
            _ => None,
        }
    }

    /// Drops the connection with this number, unless a newer one has replaced it.
    fn drop_connection(&self, number: u64) {
        self.connection.send_if_modified(|state| {
            let is_current = matches!(state, Discovery::Found(shared) if shared.number == number);
            if is_current {
                *state = Discovery::Pending;
            }
            is_current
        });
    }
}

/// The task that connects, waits until the connection is dropped, and connects again.
struct Reconnect {
    dialer: Arc<Dialer>,
    address: Address,
    role: NodeRole,
    probes: Vec<Cmd>,
    connection: Arc<watch::Sender<Discovery<SharedConnection>>>,
}

impl Reconnect {
    async fn run(self) {
        let connect_timeout = self.dialer.connect_timeout;
        let mut state = self.connection.subscribe();
        let mut backoff = MIN_BACKOFF;
        for number in 0.. {
            let connected = timeout(connect_timeout, self.connect()).await;
            let connected = connected.unwrap_or_else(|_| {
                Err(RedisClientError::timed_out(format!("no connection within {connect_timeout:?}")))
            });
            match connected.map_err(|error| error.with_node(&self.address)) {
                Ok(connection) => {
                    backoff = MIN_BACKOFF;
                    let counted = CountedConnection::new(&self.dialer.connections);
                    let connected_at = Instant::now();
                    let shared = SharedConnection { connection, number, _counted: counted };
                    self.connection.send_replace(Discovery::Found(shared));
                    let _ = state.wait_for(|state| !matches!(state, Discovery::Found(_))).await;
                    // Bounds the rate of connections that the first command breaks.
                    sleep_until(connected_at + MIN_BACKOFF).await;
                }
                Err(error) => {
                    log::debug!("{}", error.with_causes());
                    self.connection.send_replace(Discovery::Failed(error));
                    sleep(backoff.mul_f64(0.5 + fastrand::f64())).await;
                    backoff = MAX_BACKOFF.min(backoff * 2);
                }
            }
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisClientError> {
        let connection = self.dialer.pool(&self.address).await?.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error.into(),
            error => RedisClientError::disconnected(error.to_string()),
        })?;
        let mut connection = Connection::take(connection);
        // Probes the commands now: a paused server accepts connections, and a demoted one replies to PING.
        let [role, info] = role_commands();
        let mut commands = pipe();
        commands.add_command(role);
        for probe in &self.probes {
            commands.add_command(probe.clone());
        }
        let replies = connection.send_packed_commands(&commands, 0, commands.len()).await?;
        let (role, probes) =
            replies.split_first().ok_or_else(|| RedisClientError::unexpected_reply("ROLE"))?;
        let mut role = parse_role(role)?;
        if let Some(error) = probes.iter().find_map(lasting_error) {
            return Err(error);
        }
        if role.is_none() {
            role = parse_role(&connection.send_packed_command(&info).await?)?;
        }
        match self.role {
            NodeRole::Primary if role.is_some_and(|role| !role.is_primary) => {
                Err(RedisClientError::is_replica())
            }
            NodeRole::Primary => Ok(connection),
            NodeRole::Replica => {
                // Replicas of a Cluster require READONLY. Other servers reply with an error, which is ignored.
                drop(connection.send_packed_command(&cmd("READONLY")).await?);
                Ok(connection)
            }
        }
    }
}

/// The error in the reply to a probe, if every command would fail with it until the server's state or its settings
/// change.
fn lasting_error(reply: &Value) -> Option<RedisClientError> {
    match reply {
        Value::ServerError(error)
            if matches!(error.code(), "NOPERM" | "LOADING" | "MASTERDOWN" | "NOAUTH" | "READONLY") =>
        {
            Some(error.into())
        }
        _ => None,
    }
}
