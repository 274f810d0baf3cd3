//! The connections to one Sentinel: one for commands and one for announcements.

use std::collections::HashMap;
use std::time::Duration;

use deadpool_redis::redis::aio::{MultiplexedConnection, PubSubStream};
use deadpool_redis::redis::{FromRedisValue, RedisError, Value, from_redis_value, pipe};
use futures::StreamExt;
use tokio::time::{Instant, timeout};

use super::address::Address;
use super::dialer::Dialer;
use super::error::{RedisClientError, RedisClientErrorKind};
use super::sentinel_view::SentinelView;

/// A Sentinel is about to promote a replica.
const FAILOVER_BEGAN: &str = "+failover-state-send-slaveof-noone";
/// A failover ended without a new primary.
const FAILOVER_ABORTED: &str = "-failover-abort-slave-timeout";
/// Other announcements after which the primary may have changed.
const OTHER_CHANNELS: [&str; 2] = ["+promoted-slave", "+switch-master"];

/// The connections to one Sentinel.
pub(super) struct SentinelConnection {
    commands: MultiplexedConnection,
    announcements: PubSubStream,
}

/// An announcement of a Sentinel. After each announcement, the client asks the Sentinel again.
pub(super) enum Announcement {
    /// A failover from the primary at this address began.
    FailoverBegan(Address),
    FailoverAborted,
    /// Another event, or an event of another primary.
    Other,
}

impl SentinelConnection {
    /// Connects, and subscribes to the announcements. Returns the result of SUBSCRIBE separately, because a Sentinel
    /// without this permission is still useful.
    pub(super) async fn open(
        dialer: &Dialer,
        sentinel: &Address,
        with_login: bool,
    ) -> Result<(Self, Result<(), RedisClientError>), RedisClientError> {
        let client = dialer.sentinel(sentinel, with_login).await?;
        let connect = async {
            let config = Dialer::connection_config();
            let commands = client.get_multiplexed_async_connection_with_config(&config).await?;
            let (mut sink, announcements) = client.get_async_pubsub().await?.split();
            let channels: Vec<_> =
                [FAILOVER_BEGAN, FAILOVER_ABORTED].into_iter().chain(OTHER_CHANNELS).collect();
            let subscribed = sink.subscribe(&channels[..]).await;
            Ok((Self { commands, announcements }, subscribed.map_err(RedisClientError::from)))
        };
        within(dialer.connect_timeout, connect).await
    }

    /// Returns the next announcement, or `None` when the connection has ended.
    pub(super) async fn next_announcement(&mut self, primary_name: &str) -> Option<Announcement> {
        let announcement = self.announcements.next().await?;
        let text = announcement.get_payload::<String>().unwrap_or_default();
        let channel = announcement.get_channel_name();
        log::debug!("sentinel: {channel} {text}");
        // "slave NAME HOST PORT @ PRIMARY-NAME HOST PORT"; the last host and port are those of the primary.
        let primary = text.split_once(&format!(" @ {primary_name} ")).and_then(|(_, primary)| {
            let (host, port) = primary.split_once(' ')?;
            Some(Address { host: host.to_owned(), port: port.parse().ok()? })
        });
        Some(match primary {
            Some(primary) if channel == FAILOVER_BEGAN => Announcement::FailoverBegan(primary),
            Some(_) if channel == FAILOVER_ABORTED => Announcement::FailoverAborted,
            _ => Announcement::Other,
        })
    }

    /// Asks the Sentinel for its view on the primary: SENTINEL GET-MASTER-ADDR-BY-NAME and SENTINEL MASTER, and
    /// SENTINEL REPLICAS if `with_replicas`. Only the first command is required.
    pub(super) async fn view(
        &mut self,
        primary_name: &str,
        with_replicas: bool,
        command_timeout: Duration,
    ) -> Result<SentinelView, RedisClientError> {
        let mut commands = pipe();
        commands.cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(primary_name);
        commands.cmd("SENTINEL").arg("MASTER").arg(primary_name);
        if with_replicas {
            commands.cmd("SENTINEL").arg("REPLICAS").arg(primary_name);
        }
        let requested = Instant::now();
        let replies = self.commands.send_packed_commands(&commands, 0, commands.len());
        let mut replies = within(command_timeout, replies).await?.into_iter().map(|reply| match reply {
            Value::ServerError(error) => Err(RedisClientError::from(&error)),
            reply => Ok(reply),
        });
        let mut next =
            || replies.next().unwrap_or_else(|| Err(RedisClientError::disconnected("a reply is missing")));
        let primary: Option<(String, u16)> = parse(next()?)?;
        let Some((host, port)) = primary else {
            let reason = format!("this sentinel does not watch a primary named {primary_name}");
            return Err(RedisClientError::refused(reason));
        };
        let state: HashMap<String, String> = parse_optional(next())?;
        let replicas: Vec<HashMap<String, String>> =
            if with_replicas { parse_optional(next())? } else { Vec::new() };
        let primary = Address { host, port };
        let mut replicas: Vec<_> =
            replicas.iter().filter_map(healthy_replica).filter(|replica| *replica != primary).collect();
        replicas.sort_unstable();
        let other_sentinels = state.get("num-other-sentinels").and_then(|count| count.parse::<usize>().ok());
        Ok(SentinelView {
            requested,
            epoch: state.get("config-epoch").and_then(|epoch| epoch.parse().ok()).unwrap_or(0),
            voters: other_sentinels.map(|others| others + 1),
            is_in_doubt: is_in_doubt(&state, &primary),
            primary,
            replicas,
        })
    }
}

/// Whether the reply to SENTINEL MASTER reports this primary as down or as being replaced. After a promotion, the reply
/// still describes the old primary for a while.
fn is_in_doubt(state: &HashMap<String, String>, primary: &Address) -> bool {
    let describes_primary = state.get("port").is_some_and(|port| *port == primary.port.to_string())
        && state.get("ip").is_some_and(|host| *host == primary.host);
    let flags = state.get("flags").filter(|_| describes_primary);
    flags.is_some_and(|flags| {
        ["s_down", "o_down", "failover_in_progress"].iter().any(|flag| flags.contains(flag))
    })
}

/// Returns the address of a replica unless the Sentinel reports it as down.
fn healthy_replica(state: &HashMap<String, String>) -> Option<Address> {
    let flags = state.get("flags")?;
    let is_down = ["s_down", "o_down", "disconnected"].iter().any(|flag| flags.contains(flag));
    let address = Address { host: state.get("ip")?.clone(), port: state.get("port")?.parse().ok()? };
    (!is_down).then_some(address)
}

fn parse<T: FromRedisValue>(reply: Value) -> Result<T, RedisClientError> {
    from_redis_value(reply).map_err(|error| RedisClientError::refused(error.to_string()))
}

/// Parses the reply to a command that the Sentinel may not offer.
fn parse_optional<T: FromRedisValue + Default>(
    reply: Result<Value, RedisClientError>,
) -> Result<T, RedisClientError> {
    match reply {
        Err(error) if error.kind == RedisClientErrorKind::NotOffered => Ok(T::default()),
        reply => parse(reply?),
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, RedisError>>,
) -> Result<T, RedisClientError> {
    match timeout(limit, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(RedisClientError::timed_out(format!("no reply within {limit:?}"))),
    }
}
