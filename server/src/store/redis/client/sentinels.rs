//! Who is the primary, by the word of the sentinels.
//!
//! Each sentinel is asked at once, again every few seconds, and whenever it announces something: an old
//! primary goes on accepting writes that nobody will have, so it is left before its replica takes over, and
//! only read from until then. Of different answers the one of the latest epoch is right: each failover
//! begins a new one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::aio::{MultiplexedConnection, PubSubStream};
use deadpool_redis::redis::{FromRedisValue, RedisError, from_redis_value, pipe};
use futures::StreamExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::confirmation::{MAX_AGE, MAX_WAIT};
use super::connection::Dialer;
use super::discovery::{Known, Task, known};
use super::error::Failure;
use super::refresh::Look;
use super::sentinel_view::{Heard, Opinion};
use super::shard::{Nodes, Shard};
use crate::store::redis::options::ReadFrom;
use crate::store::redis::url::Address;

/// How often a sentinel is asked without any cause: for switches whose announcement was missed.
const INTERVAL: Duration = Duration::from_millis(500);
/// Before a sentinel that cannot be reached is tried again, about.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(1);
/// Before a sentinel is asked because a request failed: many do at a time.
const PAUSE: Duration = Duration::from_millis(50);
/// A replica is about to be made the primary.
const BEGUN: &str = "+failover-state-send-slaveof-noone";
/// What else may change the primary; each is followed by a question.
const OTHERS: [&str; 3] = ["+promoted-slave", "+switch-master", "-failover-abort-slave-timeout"];
/// How long a primary is not written to after a failover from it began; it may have come to nothing.
const LEAVING: Duration = Duration::from_secs(5);

/// The shard that the sentinels watch.
pub(in crate::store::redis) struct Sentinels {
    watched: Arc<Watched>,
    pub(in crate::store::redis) look: Arc<Look>,
    _tasks: Vec<Task>,
}

struct Watched {
    master: String,
    nodes: Nodes,
    heard: Mutex<Heard>,
    cannot_listen: Once,
    /// Changes with each answer of a sentinel.
    answers: watch::Sender<()>,
    sentinel_count: usize,
    shard: watch::Sender<Known<Arc<Shard>>>,
}

impl Sentinels {
    /// Begins to ask and to listen.
    pub(in crate::store::redis) fn watch(sentinels: &[Address], master: &str, nodes: Nodes) -> Self {
        let watched = Arc::new(Watched {
            master: master.to_owned(),
            nodes,
            heard: Mutex::default(),
            cannot_listen: Once::new(),
            answers: watch::Sender::new(()),
            sentinel_count: sentinels.len(),
            shard: Known::channel(),
        });
        let look = Arc::new(Look::new());
        let task = |sentinel: &Address| {
            let (watched, look, sentinel) = (Arc::clone(&watched), Arc::clone(&look), sentinel.clone());
            Task::spawn(async move { watched.follow(sentinel, &look).await })
        };
        let tasks = sentinels.iter().map(task).collect();
        Self { watched, look, _tasks: tasks }
    }

    pub(in crate::store::redis) async fn shard(&self) -> Result<Arc<Shard>, Failure> {
        known(&self.watched.shard).await
    }

    /// Whether enough sentinels name this primary, `MAX_AGE` before `asked` or later; not, where they name another.
    pub(in crate::store::redis) async fn is_current(
        &self,
        primary: &Address,
        asked: Instant,
    ) -> Result<bool, Failure> {
        let watched = &self.watched;
        let mut answers = watched.answers.subscribe();
        let deadline = Instant::now() + MAX_WAIT.min(watched.nodes.dialer.command_timeout);
        let since = asked.checked_sub(MAX_AGE).unwrap_or(asked);
        loop {
            if known(&watched.shard).await?.primary.address != *primary {
                return Ok(false);
            }
            if watched.is_confirmed(primary, since) {
                return Ok(true);
            }
            self.look.again();
            if timeout_at(deadline, answers.changed()).await.is_err() {
                let text = "too few sentinels confirm that it is the primary still, so it may lack a message";
                return Err(Failure::Refused(text.to_owned()).of(primary));
            }
        }
    }
}

impl Watched {
    fn is_confirmed(&self, primary: &Address, since: Instant) -> bool {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.is_confirmed(primary, since, self.sentinel_count)
    }

    /// Asks and listens to one sentinel for as long as the store lives.
    async fn follow(&self, sentinel: Address, look: &Look) {
        // A password is for the nodes; sentinels get it when they ask for one.
        let mut as_user = false;
        loop {
            let failure = match self.connect(&sentinel, as_user).await {
                Ok((commands, announcements)) => self.listen(&sentinel, commands, announcements, look).await,
                Err(failure) => failure,
            };
            as_user = !as_user && matches!(&failure, Failure::Refused(text) if text.contains("NOAUTH"));
            if as_user {
                continue;
            }
            let failure = failure.of(&sentinel);
            log::debug!("sentinel: {failure:?}");
            self.shard.send_if_modified(|shard| {
                let nothing_known = !matches!(shard, Known::Here(_));
                if nothing_known {
                    *shard = Known::Gone(failure);
                }
                nothing_known
            });
            look.done();
            sleep(RECONNECT_INTERVAL.mul_f64(0.5 + fastrand::f64())).await;
        }
    }

    async fn connect(
        &self,
        sentinel: &Address,
        as_user: bool,
    ) -> Result<(MultiplexedConnection, PubSubStream), Failure> {
        let client = self.nodes.dialer.sentinel(sentinel, as_user).await?;
        let connect = async {
            let config = Dialer::connection_config();
            let commands = client.get_multiplexed_async_connection_with_config(&config).await?;
            let (mut sink, stream) = client.get_async_pubsub().await?.split();
            let channels: Vec<_> = [BEGUN].into_iter().chain(OTHERS).collect();
            let subscribed = sink.subscribe(&channels[..]).await;
            Ok((commands, stream, subscribed))
        };
        let (commands, stream, subscribed) = in_time(self.nodes.dialer.connect_timeout, connect).await?;
        match subscribed.map_err(Failure::from) {
            Err(Failure::NotOffered(text)) => self.cannot_listen.call_once(|| {
                log::warn!("{sentinel} does not announce failovers: they are noticed a little later: {text}");
            }),
            subscribed => subscribed?,
        }
        Ok((commands, stream))
    }

    /// Asks whenever there is a cause to; ends when the sentinel cannot be asked.
    async fn listen(
        &self,
        sentinel: &Address,
        mut commands: MultiplexedConnection,
        mut announcements: PubSubStream,
        look: &Look,
    ) -> Failure {
        let mut wanted = look.wanted();
        loop {
            match self.ask(&mut commands).await {
                Ok(opinion) => {
                    self.weigh(sentinel, opinion);
                    self.answers.send_replace(());
                }
                Err(failure) => return failure,
            }
            look.done();
            tokio::select! {
                announcement = announcements.next() => match announcement {
                    Some(announcement) => {
                        let text = announcement.get_payload::<String>().unwrap_or_default();
                        self.hear(announcement.get_channel_name(), &text);
                    }
                    None => return Failure::Cut("the sentinel has gone".to_owned()),
                },
                _ = wanted.changed() => sleep(PAUSE).await,
                () = sleep(INTERVAL) => {}
            }
        }
    }

    async fn ask(&self, commands: &mut MultiplexedConnection) -> Result<Opinion, Failure> {
        let ask = |what: &str| {
            let mut ask = pipe();
            ask.cmd("SENTINEL").arg(what).arg(&self.master);
            ask
        };
        let mut questions = ask("GET-MASTER-ADDR-BY-NAME");
        questions.cmd("SENTINEL").arg("MASTER").arg(&self.master);
        let are_read = self.nodes.read_from == ReadFrom::Replica;
        if are_read {
            questions.cmd("SENTINEL").arg("REPLICAS").arg(&self.master);
        }
        let asked = Instant::now();
        let answers = commands.send_packed_commands(&questions, 0, questions.len());
        let answers = in_time(self.nodes.dialer.command_timeout, answers).await?;
        let mut answers = answers.into_iter().map(|answer| match answer {
            deadpool_redis::redis::Value::ServerError(error) => Err(Failure::from(&error)),
            answer => Ok(answer),
        });
        let mut answer = || answers.next().unwrap_or_else(|| Err(Failure::Cut("no answer".to_owned())));
        let primary: Option<(String, u16)> = read(answer()?)?;
        let Some((host, port)) = primary else {
            return Err(Failure::Refused(format!("this sentinel knows no primary named {}", self.master)));
        };
        // The first answer suffices, where the sentinel offers no other.
        let state: HashMap<String, String> = read_optional(answer())?;
        let epoch = state.get("config-epoch").and_then(|epoch| epoch.parse().ok()).unwrap_or(0);
        let replicas: Vec<HashMap<String, String>> =
            if are_read { read_optional(answer())? } else { Vec::new() };
        let primary = Address { host, port };
        let replicas = replicas.iter().filter_map(replica).filter(|it| *it != primary);
        let mut replicas: Vec<_> = replicas.collect();
        replicas.sort_unstable();
        let others = state.get("num-other-sentinels").and_then(|count| count.parse::<usize>().ok());
        // While it reports a promoted replica, the rest is about the old primary still.
        let is_about_it = state.get("port").is_some_and(|port| *port == primary.port.to_string())
            && state.get("ip").is_some_and(|host| *host == primary.host);
        let flags = state.get("flags").filter(|_| is_about_it);
        let is_in_doubt = flags.is_some_and(|flags| {
            ["s_down", "o_down", "failover_in_progress"].iter().any(|flag| flags.contains(flag))
        });
        Ok(Opinion { asked, epoch, voters: others.map(|others| others + 1), is_in_doubt, primary, replicas })
    }

    /// Takes an announcement in, if it is about our primary; the question after it does the rest.
    fn hear(&self, channel: &str, text: &str) {
        log::debug!("{channel} {text}");
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        // "slave NAME HOST PORT @ MASTER HOST PORT", where the last two are the primary's.
        let primary = text.split_once(&format!(" @ {} ", self.master)).and_then(|(_, primary)| {
            let (host, port) = primary.split_once(' ')?;
            Some(Address { host: host.to_owned(), port: port.parse().ok()? })
        });
        match primary {
            Some(primary) if channel == BEGUN => heard.left = Some((primary, Instant::now() + LEAVING)),
            Some(_) if channel.starts_with("-failover-abort") => heard.left = None,
            _ => {}
        }
    }

    /// Takes an opinion in, and follows the latest of all.
    fn weigh(&self, sentinel: &Address, opinion: Opinion) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.opinions.insert(sentinel.clone(), opinion);
        let Some(latest) = heard.opinions.values().max_by_key(|opinion| opinion.epoch) else { return };
        let is_left = heard.is_left(&latest.primary);
        self.shard.send_if_modified(|shard| {
            let old = match shard {
                Known::Here(old) => Some(Arc::clone(old)),
                _ => None,
            };
            let primary = old.as_ref().map(|old| &old.primary.address);
            if primary != Some(&latest.primary) {
                log::info!("the primary of {} is {}", self.master, latest.primary);
            } else if old
                .as_ref()
                .is_some_and(|old| old.is_left == is_left && old.has_replicas(&latest.replicas))
            {
                return false;
            }
            if is_left {
                log::info!("a failover of {} is under way: nothing is written until it is done", self.master);
            }
            let find = |address: &Address, role| old.as_ref()?.node(address, role).map(Arc::clone);
            let mut now = self.nodes.shard(&latest.primary, &latest.replicas, find);
            now.is_left = is_left;
            *shard = Known::Here(Arc::new(now));
            true
        });
    }
}

/// The address of a replica that is said to be well.
fn replica(state: &HashMap<String, String>) -> Option<Address> {
    let flags = state.get("flags")?;
    let ill = ["s_down", "o_down", "disconnected"].iter().any(|ill| flags.contains(ill));
    let address = Address { host: state.get("ip")?.clone(), port: state.get("port")?.parse().ok()? };
    (!ill).then_some(address)
}

fn read<T: FromRedisValue>(answer: deadpool_redis::redis::Value) -> Result<T, Failure> {
    from_redis_value(answer).map_err(|error| Failure::Refused(error.to_string()))
}

fn read_optional<T: FromRedisValue + Default>(
    answer: Result<deadpool_redis::redis::Value, Failure>,
) -> Result<T, Failure> {
    match answer {
        Err(Failure::NotOffered(_)) => Ok(T::default()),
        answer => read(answer?),
    }
}

async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, RedisError>>,
) -> Result<T, Failure> {
    match timeout(limit, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Failure::TimedOut(format!("no answer within {limit:?}"))),
    }
}
