//! Clients that post and read through nginx all the time, and record failures.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext, GetMessageByHashResponse};
use tokio::task::JoinHandle;

use crate::client::{TlsApiClient, generated};
use crate::stack::Stack;
use crate::support::context::ClientContext;
use crate::support::messages::digest;
use crate::support::wait::FAILOVER_TIMEOUT;

/// The number of clients. Half of them post, half read.
const CLIENTS: usize = 16;
/// The pause between two requests of one client.
const PACE: Duration = Duration::from_millis(10);

/// The number of loads that were started. It makes the messages of each load different.
static LOADS: AtomicUsize = AtomicUsize::new(0);

/// The clients' results so far.
#[derive(Default)]
struct TrafficRecord {
    acknowledged: Vec<String>,
    posts: usize,
    gets: usize,
    failures: Vec<(Instant, String)>,
    last_post: Option<Instant>,
}

/// Clients that send requests until `stop`.
pub struct Traffic {
    seen: Arc<Mutex<TrafficRecord>>,
    stopped: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

/// The results of all clients.
pub struct TrafficReport {
    pub acknowledged: Vec<String>,
    pub posts: usize,
    pub gets: usize,
    pub failures: Vec<(Instant, String)>,
}

impl Traffic {
    /// Starts the clients, and waits for their first 500 requests.
    pub async fn start(stack: &Stack) -> Self {
        let load = Self { seen: Arc::default(), stopped: Arc::default(), tasks: Vec::new() };
        let client = generated(stack);
        let run = LOADS.fetch_add(1, Ordering::Relaxed);
        let tasks = (0..CLIENTS).map(|number| {
            let (client, seen, stopped) = (client.clone(), Arc::clone(&load.seen), Arc::clone(&load.stopped));
            tokio::spawn(async move {
                for turn in 0_usize.. {
                    if stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    if number % 2 == 0 {
                        post(&client, format!("load {run}, client {number}, message {turn}"), &seen).await;
                    } else {
                        read(&client, turn * CLIENTS + number, &seen).await;
                    }
                    tokio::time::sleep(PACE).await;
                }
            })
        });
        let tasks = tasks.collect();
        let load = Self { tasks, ..load };
        load.wait_for_requests(500).await;
        load
    }

    /// Waits for this many more requests.
    pub async fn wait_for_requests(&self, requests: usize) {
        let done = |seen: &TrafficRecord| seen.posts + seen.gets;
        let expected = done(&self.seen.lock().unwrap()) + requests;
        self.wait("the clients continue", |seen| done(seen) >= expected).await;
    }

    /// Waits until a message was acknowledged `quiet` after `after`, and nothing has failed for `quiet`.
    pub async fn recover(&self, after: Instant, quiet: Duration) {
        self.wait("the clients succeed again", |seen| {
            seen.last_post.is_some_and(|time| time > after + quiet)
                && seen.failures.last().is_none_or(|(time, _)| time.elapsed() > quiet)
        })
        .await;
    }

    /// Waits until the server answers no more requests.
    pub async fn wait_until_stalled(&self) {
        let done = || {
            let seen = self.seen.lock().unwrap();
            seen.posts + seen.gets
        };
        let deadline = Instant::now() + FAILOVER_TIMEOUT;
        let mut before = usize::MAX;
        while done() != before {
            assert!(Instant::now() < deadline, "timed out: the clients still get responses");
            before = done();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    async fn wait(&self, what: &str, holds: impl Fn(&TrafficRecord) -> bool) {
        let deadline = Instant::now() + FAILOVER_TIMEOUT;
        while !holds(&self.seen.lock().unwrap()) {
            assert!(
                Instant::now() < deadline,
                "timed out waiting until {what}: {:?}",
                self.seen.lock().unwrap().failures
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops the clients, and returns their results.
    pub async fn stop(self) -> TrafficReport {
        self.stopped.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("no client panics");
        }
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        TrafficReport {
            acknowledged: seen.acknowledged,
            posts: seen.posts,
            gets: seen.gets,
            failures: seen.failures,
        }
    }
}

/// Stores messages, and asserts that no request fails.
pub async fn store(stack: &Stack) -> Vec<String> {
    let seen = Traffic::start(stack).await.stop().await;
    assert!(seen.failures.is_empty(), "{:?}", seen.failures);
    assert!(!seen.acknowledged.is_empty());
    seen.acknowledged
}

/// Asserts that all these messages are stored.
pub async fn assert_stored(stack: &Stack, messages: &[String]) {
    let client = generated(stack);
    let mut lost = Vec::new();
    for text in messages {
        if let Err(failure) = get(&client, text).await {
            lost.push((text, failure));
        }
    }
    assert!(
        lost.is_empty(),
        "{} of {} are lost: {:?}",
        lost.len(),
        messages.len(),
        &lost[..lost.len().min(3)]
    );
}

async fn post(client: &TlsApiClient, text: String, seen: &Mutex<TrafficRecord>) {
    let answer = client.add_message(Message::new(text.clone())).await;
    let mut seen = seen.lock().unwrap();
    seen.posts += 1;
    match answer {
        Ok(AddMessageResponse::Created { .. } | AddMessageResponse::AlreadyStored { .. }) => {
            seen.acknowledged.push(text);
            seen.last_post = Some(Instant::now());
        }
        Ok(AddMessageResponse::ServiceUnavailable { .. }) => seen.failed("POST: 503".to_owned()),
        other => seen.failed(format!("POST: {other:?}")),
    }
}

/// Reads one of the acknowledged messages.
async fn read(client: &TlsApiClient, which: usize, seen: &Mutex<TrafficRecord>) {
    let text = {
        let seen = seen.lock().unwrap();
        if seen.acknowledged.is_empty() {
            return;
        }
        seen.acknowledged[which % seen.acknowledged.len()].clone()
    };
    let answer = get(client, &text).await;
    let mut seen = seen.lock().unwrap();
    seen.gets += 1;
    if let Err(failure) = answer {
        seen.failed(failure);
    }
}

/// Reads a message that must be stored.
pub async fn get(client: &TlsApiClient, text: &str) -> Result<(), String> {
    let hash = digest(text);
    match ApiNoContext::<ClientContext>::get_message_by_hash(client, hash, None, None).await {
        Ok(GetMessageByHashResponse::Found { body, .. }) if body.message == text => Ok(()),
        Ok(GetMessageByHashResponse::ServiceUnavailable { .. }) => Err("GET: 503".to_owned()),
        other => Err(format!("GET: {other:?}")),
    }
}

impl TrafficRecord {
    fn failed(&mut self, how: String) {
        self.failures.push((Instant::now(), how));
    }
}
