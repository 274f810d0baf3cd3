//! How to connect to a node, and a connection that many requests share.
//!
//! An ordinary deadpool-redis pool makes the connections. One is taken out of it and cloned for each
//! request, which pipelines them; a connection for each request would cost a round trip to check it.
//! Connecting is the business of one task, never of a request; a broken connection is dropped at once.

use std::sync::Arc;
use std::time::Duration;

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, IntoConnectionInfo, Pipeline, RedisConnectionInfo,
    RedisError, TlsCertificates, Value, cmd, pipe,
};
use deadpool_redis::{Connection, Manager, Pool, PoolError, Runtime};
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::commands::{strange, trial_reads, trial_writes};
use super::discovery::{Known, Task, known};
use super::error::Failure;
use super::pending_bytes::Pending;
use super::role;
use crate::secret::{Secret, SecretFile};
use crate::store::redis::options::RedisOptions;
use crate::store::redis::url::{Address, RedisUrl};

/// More than any node has lanes: what was taken out of a pool no longer counts.
const CONNECTIONS: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How to connect to any node of this store.
pub(in crate::store::redis) struct Dialer {
    ca: Option<Vec<u8>>,
    tls: bool,
    user: Option<String>,
    password: Option<Secret>,
    /// Read for each connection, so that the password can be changed while the server runs.
    password_file: Option<SecretFile>,
    database: u16,
    trial_reads: Vec<Cmd>,
    trial_writes: Vec<Cmd>,
    pub(in crate::store::redis) connect_timeout: Duration,
    pub(in crate::store::redis) command_timeout: Duration,
    pub(in crate::store::redis) pending: Pending,
    /// How many are up.
    connections: Gauge,
}

/// What a node must be to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store::redis) enum Role {
    /// Takes writes.
    Primary,
    /// Is read from, whatever it is.
    Replica,
}

impl Dialer {
    /// To nodes of messages that may expire, or not.
    pub(in crate::store::redis) fn new(
        url: &RedisUrl,
        options: &RedisOptions,
        expires: bool,
        connections: Gauge,
    ) -> Self {
        Self {
            ca: options.redis_ca_file.as_ref().map(|ca| ca.as_bytes().to_vec()),
            tls: url.tls,
            user: url.user.clone(),
            password: url.password.clone(),
            password_file: options.redis_password_file.clone(),
            pending: Pending::new(),
            database: url.database,
            trial_reads: trial_reads(&options.redis_key_prefix, expires),
            trial_writes: trial_writes(&options.redis_key_prefix, expires, options.redis_min_replicas > 0),
            connect_timeout: options.redis_connect_timeout,
            command_timeout: options.redis_command_timeout,
            connections,
        }
    }

    /// What a node in this role has to allow.
    pub(in crate::store::redis) fn trials(&self, role: Role) -> Vec<Cmd> {
        match role {
            Role::Primary => [&self.trial_reads[..], &self.trial_writes].concat(),
            Role::Replica => self.trial_reads.clone(),
        }
    }

    /// What connects to this node.
    pub(in crate::store::redis) async fn client(&self, address: &Address) -> Result<Client, RedisError> {
        self.client_as(address, self.login().await.set_db(self.database.into()))
    }

    /// What connects to this sentinel; it has no databases, and its own idea of users.
    pub(in crate::store::redis) async fn sentinel(
        &self,
        address: &Address,
        as_user: bool,
    ) -> Result<Client, RedisError> {
        self.client_as(address, if as_user { self.login().await } else { Self::nobody() })
    }

    /// The name of the library, which would be sent, is not worth a permission.
    fn nobody() -> RedisConnectionInfo {
        RedisConnectionInfo::default().set_skip_set_lib_name()
    }

    async fn login(&self) -> RedisConnectionInfo {
        let mut login = Self::nobody();
        if let Some(user) = &self.user {
            login = login.set_username(user);
        }
        let password = match self.password_file.clone() {
            // Fails only where the runtime ends.
            Some(file) => spawn_blocking(move || file.read()).await.ok(),
            None => self.password.clone(),
        };
        if let Some(password) = password {
            login = login.set_password(password.reveal());
        }
        login
    }

    fn client_as(&self, address: &Address, login: RedisConnectionInfo) -> Result<Client, RedisError> {
        let (host, port) = (address.host.clone(), address.port);
        let address = if self.tls {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let info = address.into_connection_info()?;
        let info = info.set_redis_settings(login).set_tcp_settings(TcpSettings::default().set_nodelay(true));
        match &self.ca {
            Some(ca) if self.tls => Client::build_with_tls(
                info,
                TlsCertificates { client_tls: None, root_cert: Some(ca.clone()) },
            ),
            _ => Client::open(info),
        }
    }

    /// Whether a client can be made: not, if the CA is none.
    pub(in crate::store::redis) fn check(&self) -> Result<(), String> {
        let anywhere = Address { host: "localhost".to_owned(), port: 1 };
        self.client_as(&anywhere, Self::nobody()).map(drop).map_err(|error| error.to_string())
    }

    /// The deadlines are ours: a response has one for each command, a connection one for all of its making.
    pub(in crate::store::redis) fn connection_config() -> AsyncConnectionConfig {
        AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None)
    }

    /// What makes the connections to this node.
    async fn pool(&self, address: &Address) -> Result<Pool, Failure> {
        let info = self.client(address).await?.get_connection_info().clone();
        let manager = Manager::new_with_config(info, Self::connection_config())?;
        let pool = Pool::builder(manager).max_size(CONNECTIONS).runtime(Runtime::Tokio1).build();
        pool.map_err(|error| Failure::Refused(error.to_string()))
    }
}

/// One connection to one node, shared by all who use it, and made anew whenever it is lost.
pub(in crate::store::redis) struct Lane {
    address: Address,
    command_timeout: Duration,
    state: Arc<watch::Sender<Known<Shared>>>,
    _keeper: Task,
}

/// A connection, and which one of its lane it is.
#[derive(Clone)]
struct Shared {
    connection: MultiplexedConnection,
    number: u64,
    _counted: Arc<Counted>,
}

/// Counts a connection for as long as this lives.
struct Counted(Gauge);

impl Counted {
    fn one_more(of: &Gauge) -> Arc<Self> {
        of.inc();
        Arc::new(Self(of.clone()))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Lane {
    /// Begins to connect.
    pub(in crate::store::redis) fn open(dialer: &Arc<Dialer>, address: &Address, role: Role) -> Self {
        let state = Arc::new(Known::channel());
        let keeper = Keeper {
            dialer: Arc::clone(dialer),
            address: address.clone(),
            role,
            trials: dialer.trials(role),
            connect_timeout: dialer.connect_timeout,
            connections: dialer.connections.clone(),
            state: Arc::clone(&state),
        };
        let command_timeout = dialer.command_timeout;
        Self { address: address.clone(), command_timeout, state, _keeper: Task::spawn(keeper.run()) }
    }

    /// Whether it is connected now.
    pub(in crate::store::redis) fn is_up(&self) -> bool {
        matches!(&*self.state.borrow(), Known::Here(_))
    }

    /// Sends these commands and gives each one's reply, all before the deadline of one command.
    pub(in crate::store::redis) async fn send(&self, commands: &Pipeline) -> Result<Vec<Value>, Failure> {
        let mut used = None;
        let exchange = async {
            let mut shared = known(&self.state).await?;
            used = Some(shared.number);
            let sent = shared.connection.send_packed_commands(commands, 0, commands.len()).await;
            sent.map_err(|error| Failure::from(error).of(&self.address))
        };
        let replies = timeout(self.command_timeout, exchange).await;
        let replies = replies.unwrap_or_else(|_| {
            Err(Failure::TimedOut(format!("no answer within {:?}", self.command_timeout)).of(&self.address))
        });
        let spoilt = match &replies {
            Ok(replies) => {
                replies.iter().any(|reply| self.failure(reply).is_some_and(|it| it.spoils_connection()))
            }
            Err(failure) => failure.spoils_connection(),
        };
        if let (true, Some(number)) = (spoilt, used) {
            self.drop_connection(number);
        }
        replies
    }

    /// Sends these commands and gives their replies, of which none is an error.
    pub(in crate::store::redis) async fn ask(&self, commands: &Pipeline) -> Result<Vec<Value>, Failure> {
        let replies = self.send(commands).await?;
        replies.iter().find_map(|reply| self.failure(reply)).map_or(Ok(replies), Err)
    }

    /// The failure that this reply is, if it is one.
    pub(in crate::store::redis) fn failure(&self, reply: &Value) -> Option<Failure> {
        match reply {
            Value::ServerError(error) => Some(Failure::from(error).of(&self.address)),
            _ => None,
        }
    }

    fn drop_connection(&self, number: u64) {
        self.state.send_if_modified(|state| {
            let is_it = matches!(state, Known::Here(shared) if shared.number == number);
            if is_it {
                *state = Known::Pending;
            }
            is_it
        });
    }
}

/// Connects, waits until the connection is dropped, and connects again.
struct Keeper {
    dialer: Arc<Dialer>,
    address: Address,
    role: Role,
    trials: Vec<Cmd>,
    connect_timeout: Duration,
    connections: Gauge,
    state: Arc<watch::Sender<Known<Shared>>>,
}

impl Keeper {
    async fn run(self) {
        let mut state = self.state.subscribe();
        let mut pause = FIRST_PAUSE;
        for number in 0.. {
            let connected = timeout(self.connect_timeout, self.connect()).await;
            let connected = connected.unwrap_or_else(|_| {
                Err(Failure::TimedOut(format!("no connection within {:?}", self.connect_timeout)))
            });
            match connected.map_err(|failure| failure.of(&self.address)) {
                Ok(connection) => {
                    pause = FIRST_PAUSE;
                    let counted = Counted::one_more(&self.connections);
                    let connected = Instant::now();
                    self.state.send_replace(Known::Here(Shared { connection, number, _counted: counted }));
                    let _ = state.wait_for(|state| !matches!(state, Known::Here(_))).await;
                    // Bounds the rate of connections whose first command ends them.
                    sleep_until(connected + FIRST_PAUSE).await;
                }
                Err(failure) => {
                    log::debug!("{}", crate::store::StoreError::from(failure.clone()));
                    self.state.send_replace(Known::Gone(failure));
                    sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, Failure> {
        let connection = self.dialer.pool(&self.address).await?.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error.into(),
            error => Failure::Cut(error.to_string()),
        })?;
        let mut connection = Connection::take(connection);
        // A paused server accepts connections, and a demoted one answers PING.
        let [role, info] = role::questions();
        let mut commands = pipe();
        commands.add_command(role);
        for trial in &self.trials {
            commands.add_command(trial.clone());
        }
        let replies = connection.send_packed_commands(&commands, 0, commands.len()).await?;
        let (role, trials) = replies.split_first().ok_or_else(|| strange("ROLE"))?;
        let mut role = role::parse(role)?;
        if let Some(refusal) = trials.iter().find_map(refusal_of_all) {
            return Err(refusal);
        }
        if role.is_none() {
            role = role::parse(&connection.send_packed_command(&info).await?)?;
        }
        match self.role {
            Role::Primary if role.is_some_and(|role| !role.is_primary) => Err(Failure::is_replica()),
            Role::Primary => Ok(connection),
            Role::Replica => {
                // Replicas of a Cluster need it; other servers say that they know no cluster.
                drop(connection.send_packed_command(&cmd("READONLY")).await?);
                Ok(connection)
            }
        }
    }
}

/// The failure in the reply to a trial, where any other command would fail like that for as long as this server has
/// not changed.
fn refusal_of_all(reply: &Value) -> Option<Failure> {
    match reply {
        Value::ServerError(error)
            if matches!(error.code(), "NOPERM" | "LOADING" | "MASTERDOWN" | "NOAUTH" | "READONLY") =>
        {
            Some(error.into())
        }
        _ => None,
    }
}
