//! `healthcheck`: asks the admin listener for the state of the server.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{CommandError, runtime};
use crate::admin::AdminOptions;

const TIMEOUT: Duration = Duration::from_secs(4);
const MAX_RESPONSE_BYTES: u64 = 64 << 10;

/// Arguments of `healthcheck`.
#[derive(Debug, Clone, Args)]
pub struct HealthcheckArgs {
    /// The admin listener.
    #[command(flatten)]
    pub admin: AdminOptions,

    /// Ask whether the server should get traffic (/serving), instead of whether everything that it needs works
    /// (/ready). A server that has reached its store once should get traffic even while the store is down.
    #[arg(long)]
    pub serving: bool,
}

/// The server is not healthy, or its state is unknown.
#[derive(Debug, thiserror::Error)]
pub enum HealthcheckError {
    /// The admin listener did not answer in time.
    #[error("no answer from {0} in time")]
    TimedOut(SocketAddr),
    /// The admin listener cannot be reached.
    #[error("cannot ask {0}")]
    Unreachable(SocketAddr, #[source] io::Error),
    /// The answer is not 200. It has the path that was asked and the body.
    #[error("not {0}: {1}")]
    NotHealthy(&'static str, String),
}

/// Asks the admin listener whether the server is ready, or with `--serving` whether it should get traffic.
///
/// # Errors
/// [`HealthcheckError`] unless the answer is 200.
pub fn run(args: &HealthcheckArgs) -> Result<(), CommandError> {
    Ok(runtime::block_on(check(args))??)
}

async fn check(args: &HealthcheckArgs) -> Result<(), HealthcheckError> {
    let listener = args.admin.admin_listen;
    let address = SocketAddr::new(reachable(listener.ip()), listener.port());
    let path = if args.serving { "serving" } else { "ready" };
    let response = timeout(TIMEOUT, get(address, path)).await;
    let response = response.map_err(|_| HealthcheckError::TimedOut(address))?;
    let response = response.map_err(|error| HealthcheckError::Unreachable(address, error))?;
    let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
    if head.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(HealthcheckError::NotHealthy(path, body.to_owned()))
    }
}

async fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    stream.take(MAX_RESPONSE_BYTES).read_to_string(&mut response).await?;
    Ok(response)
}

/// A listener on all addresses is reached at the loopback address.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}
