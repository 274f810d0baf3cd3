//! Follows the primary that the Sentinels name.
//!
//! The client asks every Sentinel at the start, at intervals, and after each of its announcements. During a failover
//! the old primary still accepts writes that will be lost. So the client stops writing to it before a replica takes
//! over, and only reads from it until then. If the Sentinels disagree, the view with the latest epoch wins, because
//! each failover begins a new epoch.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};

use super::address::Address;
use super::confirmation::{MAX_AGE, MAX_WAIT};
use super::discovery::{BackgroundTask, Discovery};
use super::error::{RedisClientError, RedisClientErrorKind};
use super::refresh::Refresh;
use super::sentinel_connection::{Announcement, SentinelConnection};
use super::sentinel_view::{SentinelView, SentinelViews};
use super::shard::{NodeFactory, Shard};

/// The time between two requests to a Sentinel without a cause, in case an announcement was missed.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The average time before a Sentinel that cannot be reached is tried again.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(1);
/// The delay before a Sentinel is asked because a request failed. Many requests fail at the same time.
const REFRESH_DELAY: Duration = Duration::from_millis(50);
/// How long the client does not write to a primary after a failover from it was announced. The failover may fail
/// without an announcement.
const FAILOVER_TIMEOUT: Duration = Duration::from_secs(5);

/// The shard that the Sentinels watch, and the tasks that follow them.
pub struct Sentinels {
    watched: Arc<WatchedPrimary>,
    pub(super) refresh: Arc<Refresh>,
    _tasks: Vec<BackgroundTask>,
}

struct WatchedPrimary {
    /// The name under which the Sentinels watch the primary.
    name: String,
    nodes: NodeFactory,
    views: Mutex<SentinelViews>,
    subscribe_warning: Once,
    /// Changes with each reply of a Sentinel.
    replies: watch::Sender<()>,
    sentinel_count: usize,
    shard: watch::Sender<Discovery<Arc<Shard>>>,
}

impl Sentinels {
    /// Starts to follow the Sentinels in the background.
    pub(super) fn watch(sentinels: &[Address], primary_name: &str, nodes: NodeFactory) -> Self {
        let watched = Arc::new(WatchedPrimary {
            name: primary_name.to_owned(),
            nodes,
            views: Mutex::default(),
            subscribe_warning: Once::new(),
            replies: watch::Sender::new(()),
            sentinel_count: sentinels.len(),
            shard: Discovery::channel(),
        });
        let refresh = Arc::new(Refresh::new());
        let task = |sentinel: &Address| {
            let (watched, refresh, sentinel) = (Arc::clone(&watched), Arc::clone(&refresh), sentinel.clone());
            BackgroundTask::spawn(async move { watched.follow(sentinel, &refresh).await })
        };
        let tasks = sentinels.iter().map(task).collect();
        Self { watched, refresh, _tasks: tasks }
    }

    pub(super) async fn shard(&self) -> Result<Arc<Shard>, RedisClientError> {
        Discovery::wait(&self.watched.shard).await
    }

    /// Whether enough Sentinels named this primary, at most `MAX_AGE` before the read began. `false` means that they
    /// name another primary.
    pub(super) async fn is_current(
        &self,
        primary: &Address,
        read_began: Instant,
    ) -> Result<bool, RedisClientError> {
        let watched = &self.watched;
        let mut replies = watched.replies.subscribe();
        let deadline = Instant::now() + MAX_WAIT.min(watched.nodes.dialer.command_timeout);
        let since = read_began.checked_sub(MAX_AGE).unwrap_or(read_began);
        loop {
            if self.shard().await?.primary.address != *primary {
                return Ok(false);
            }
            if watched.views().is_confirmed(primary, since, watched.sentinel_count) {
                return Ok(true);
            }
            self.refresh.request();
            if timeout_at(deadline, replies.changed()).await.is_err() {
                let reason =
                    "too few sentinels confirm that it is still the primary, so it may lack a message";
                return Err(RedisClientError::refused(reason).with_node(primary));
            }
        }
    }
}

impl WatchedPrimary {
    fn views(&self) -> MutexGuard<'_, SentinelViews> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows one Sentinel. Reconnects after each error.
    async fn follow(&self, sentinel: Address, refresh: &Refresh) {
        // The password belongs to the nodes. A Sentinel receives it only after it has replied NOAUTH.
        let mut with_login = false;
        loop {
            let error = match self.connect(&sentinel, with_login).await {
                Ok(connection) => self.poll(&sentinel, connection, refresh).await,
                Err(error) => error,
            };
            let requires_login =
                error.kind == RedisClientErrorKind::Refused && error.with_causes().contains("NOAUTH");
            with_login = !with_login && requires_login;
            if with_login {
                continue;
            }
            let error = error.with_node(&sentinel);
            log::debug!("cannot follow a sentinel: {}", error.with_causes());
            self.shard.send_if_modified(|shard| {
                let is_unknown = !matches!(shard, Discovery::Found(_));
                if is_unknown {
                    *shard = Discovery::Failed(error);
                }
                is_unknown
            });
            refresh.finish();
            sleep(RECONNECT_INTERVAL.mul_f64(0.5 + fastrand::f64())).await;
        }
    }

    async fn connect(
        &self,
        sentinel: &Address,
        with_login: bool,
    ) -> Result<SentinelConnection, RedisClientError> {
        let dialer = &self.nodes.dialer;
        let (connection, subscribed) = SentinelConnection::open(dialer, sentinel, with_login).await?;
        match subscribed {
            Err(error) if error.kind == RedisClientErrorKind::NotOffered => {
                self.subscribe_warning.call_once(|| {
                    log::warn!(
                        "the sentinel {sentinel} does not allow SUBSCRIBE, so failovers are noticed up to \
                         {POLL_INTERVAL:?} later: {error}"
                    );
                });
            }
            subscribed => subscribed?,
        }
        Ok(connection)
    }

    /// Asks the Sentinel at intervals and for each cause. Returns the error that ends the connection.
    async fn poll(
        &self,
        sentinel: &Address,
        mut connection: SentinelConnection,
        refresh: &Refresh,
    ) -> RedisClientError {
        let mut requests = refresh.requests();
        loop {
            let with_replicas = self.nodes.reads_from_replicas;
            let command_timeout = self.nodes.dialer.command_timeout;
            match connection.view(&self.name, with_replicas, command_timeout).await {
                Ok(view) => {
                    self.adopt(sentinel, view);
                    self.replies.send_replace(());
                }
                Err(error) => return error,
            }
            refresh.finish();
            tokio::select! {
                announcement = connection.next_announcement(&self.name) => match announcement {
                    Some(Announcement::FailoverBegan(primary)) => {
                        self.views().begin_failover(primary, Instant::now() + FAILOVER_TIMEOUT);
                    }
                    Some(Announcement::FailoverAborted) => self.views().abort_failover(),
                    Some(Announcement::Other) => {}
                    None => return RedisClientError::disconnected("the sentinel closed the connection"),
                },
                _ = requests.changed() => sleep(REFRESH_DELAY).await,
                () = sleep(POLL_INTERVAL) => {}
            }
        }
    }

    /// Merges the view of a Sentinel, and follows the latest view of all.
    fn adopt(&self, sentinel: &Address, view: SentinelView) {
        let mut views = self.views();
        let Some(latest) = views.merge(sentinel, view) else { return };
        let (primary, replicas) = (latest.primary.clone(), latest.replicas.clone());
        let failover_pending = views.failover_pending(&primary);
        self.shard.send_if_modified(|shard| {
            let old = match shard {
                Discovery::Found(old) => Some(Arc::clone(old)),
                _ => None,
            };
            if old.as_ref().is_none_or(|old| old.primary.address != primary) {
                log::info!("the primary of {} is {primary}", self.name);
            } else if old
                .as_ref()
                .is_some_and(|old| old.failover_pending == failover_pending && old.has_replicas(&replicas))
            {
                return false;
            }
            if failover_pending {
                log::info!("a failover of {} is under way: writes fail until it has ended", self.name);
            }
            let find = |address: &Address, role| old.as_ref()?.node(address, role).map(Arc::clone);
            let mut new = self.nodes.shard(&primary, &replicas, find);
            new.failover_pending = failover_pending;
            *shard = Discovery::Found(Arc::new(new));
            true
        });
    }
}
