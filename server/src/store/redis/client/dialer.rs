//! Opens connections to nodes and Sentinels: TLS, user and password.

use std::time::Duration;

use deadpool_redis::redis::io::tcp::TcpSettings;
use deadpool_redis::redis::{
    AsyncConnectionConfig, Client as LibraryClient, Cmd, ConnectionAddr, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, TlsCertificates,
};
use deadpool_redis::{Manager, Pool, Runtime};
use prometheus_client::metrics::gauge::Gauge;
use tokio::task::spawn_blocking;

use super::ClientSettings;
use super::address::Address;
use super::commands::{probe_reads, probe_writes};
use super::error::RedisClientError;
use super::pending_bytes::PendingBytes;
use crate::secret::{Secret, SecretFile};

/// Above the number of lanes of any node. A connection that was taken out of its pool no longer counts.
const POOL_SIZE: usize = 8;

/// Opens the connections of one store.
pub(super) struct Dialer {
    ca_certificates: Option<Vec<u8>>,
    is_tls: bool,
    user: Option<String>,
    password: Option<Secret>,
    /// Read for each connection, so that the password can be changed while the server runs.
    password_file: Option<SecretFile>,
    database: u16,
    probe_reads: Vec<Cmd>,
    probe_writes: Vec<Cmd>,
    pub(super) connect_timeout: Duration,
    pub(super) command_timeout: Duration,
    pub(super) pending: PendingBytes,
    /// The number of open connections.
    pub(super) connections: Gauge,
}

/// The role for which the client uses a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum NodeRole {
    /// Must accept writes.
    Primary,
    /// Serves reads, whatever role it reports.
    Replica,
}

impl Dialer {
    pub(super) fn new(settings: &ClientSettings) -> Self {
        let expires = settings.ttl.is_some();
        let prefix = &settings.key_prefix;
        Self {
            ca_certificates: settings.ca_certificates.clone(),
            is_tls: settings.is_tls,
            user: settings.user.clone(),
            password: settings.password.clone(),
            password_file: settings.password_file.clone(),
            database: settings.database,
            probe_reads: probe_reads(prefix, expires),
            probe_writes: probe_writes(prefix, expires, settings.min_replicas > 0),
            connect_timeout: settings.connect_timeout,
            command_timeout: settings.command_timeout,
            pending: PendingBytes::new(),
            connections: settings.connections.clone(),
        }
    }

    /// The commands that a node must allow to be used in this role.
    pub(super) fn probes(&self, role: NodeRole) -> Vec<Cmd> {
        match role {
            NodeRole::Primary => [&self.probe_reads[..], &self.probe_writes].concat(),
            NodeRole::Replica => self.probe_reads.clone(),
        }
    }

    /// Returns a client of the Redis library for the node at this address.
    pub(super) async fn node(&self, address: &Address) -> Result<LibraryClient, RedisError> {
        self.client(address, self.login().await.set_db(self.database.into()))
    }

    /// Returns a client of the Redis library for a Sentinel. A Sentinel has no databases, and its users differ from
    /// those of the nodes: `with_login` sends the user and password of the nodes.
    pub(super) async fn sentinel(
        &self,
        address: &Address,
        with_login: bool,
    ) -> Result<LibraryClient, RedisError> {
        self.client(address, if with_login { self.login().await } else { Self::without_login() })
    }

    /// Skips CLIENT SETINFO, so that users need no permission for it.
    fn without_login() -> RedisConnectionInfo {
        RedisConnectionInfo::default().set_skip_set_lib_name()
    }

    async fn login(&self) -> RedisConnectionInfo {
        let mut login = Self::without_login();
        if let Some(user) = &self.user {
            login = login.set_username(user);
        }
        let password = match self.password_file.clone() {
            // The task fails only while the runtime shuts down.
            Some(file) => spawn_blocking(move || file.read()).await.ok(),
            None => self.password.clone(),
        };
        if let Some(password) = password {
            login = login.set_password(password.reveal());
        }
        login
    }

    fn client(&self, address: &Address, login: RedisConnectionInfo) -> Result<LibraryClient, RedisError> {
        let (host, port) = (address.host.clone(), address.port);
        let address = if self.is_tls {
            ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let info = address.into_connection_info()?;
        let info = info.set_redis_settings(login).set_tcp_settings(TcpSettings::default().set_nodelay(true));
        match &self.ca_certificates {
            Some(ca) if self.is_tls => {
                let root_cert = Some(ca.clone());
                LibraryClient::build_with_tls(info, TlsCertificates { client_tls: None, root_cert })
            }
            _ => LibraryClient::open(info),
        }
    }

    /// Fails if the CA certificates are invalid. Opens no connection.
    pub(super) fn check_certificates(&self) -> Result<(), RedisClientError> {
        let any = Address { host: "localhost".to_owned(), port: 1 };
        Ok(self.client(&any, Self::without_login()).map(drop)?)
    }

    /// Disables the timeouts of the library: a `Lane` bounds each command and each attempt to connect.
    pub(super) fn connection_config() -> AsyncConnectionConfig {
        AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None)
    }

    /// Returns a pool that opens connections to this node.
    pub(super) async fn pool(&self, address: &Address) -> Result<Pool, RedisClientError> {
        let info = self.node(address).await?.get_connection_info().clone();
        let manager = Manager::new_with_config(info, Self::connection_config())?;
        let pool = Pool::builder(manager).max_size(POOL_SIZE).runtime(Runtime::Tokio1).build();
        pool.map_err(|error| RedisClientError::refused(error.to_string()))
    }
}
