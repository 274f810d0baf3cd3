//! Clients that post and read through nginx all the time, and record failures.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext, GetMessageByHashResponse};
use tokio::task::JoinHandle;

use crate::client::{ApiClient, generated};
use crate::stack::Stack;
use crate::support::context::ClientContext;
use crate::support::messages::digest;
use crate::support::wait::PATIENCE;

/// The number of clients. Half of them post, half read.
const CLIENTS: usize = 16;
/// The pause between two requests of one client.
const PACE: Duration = Duration::from_millis(10);

/// The number of loads that were started. It makes the messages of each load different.
static LOADS: AtomicUsize = AtomicUsize::new(0);

/// The clients' results so far.
#[derive(Default)]
struct Seen {
    acknowledged: Vec<String>,
    posts: usize,
    gets: usize,
    failures: Vec<(Instant, String)>,
    last_post: Option<Instant>,
}

/// Clients that send requests until `stop`.
pub struct Load {
    seen: Arc<Mutex<Seen>>,
    stopped: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

/// The results of all clients.
pub struct Outcome {
    pub acknowledged: Vec<String>,
    pub posts: usize,
    pub gets: usize,
    pub failures: Vec<(Instant, String)>,
}

impl Load {
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
        load.go_on(500).await;
        load
    }

    /// Waits for this many more requests.
    pub async fn go_on(&self, requests: usize) {
        let done = |seen: &Seen| seen.posts + seen.gets;
        let until = done(&self.seen.lock().unwrap()) + requests;
        self.wait("the load goes on", |seen| done(seen) >= until).await;
    }

    /// Waits until a message was acknowledged `quiet` after `after`, and nothing has failed for `quiet`.
    pub async fn recover(&self, after: Instant, quiet: Duration) {
        self.wait("the load works again", |seen| {
            seen.last_post.is_some_and(|time| time > after + quiet)
                && seen.failures.last().is_none_or(|(time, _)| time.elapsed() > quiet)
        })
        .await;
    }

    /// Waits until the server answers no more requests.
    pub async fn stand_still(&self) {
        let done = || {
            let seen = self.seen.lock().unwrap();
            seen.posts + seen.gets
        };
        let deadline = Instant::now() + PATIENCE;
        let mut before = usize::MAX;
        while done() != before {
            assert!(Instant::now() < deadline, "never: the load stands still");
            before = done();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    async fn wait(&self, what: &str, holds: impl Fn(&Seen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(&self.seen.lock().unwrap()) {
            assert!(Instant::now() < deadline, "never: {what}: {:?}", self.seen.lock().unwrap().failures);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Stops the clients, and returns their results.
    pub async fn stop(self) -> Outcome {
        self.stopped.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("no client panics");
        }
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        Outcome {
            acknowledged: seen.acknowledged,
            posts: seen.posts,
            gets: seen.gets,
            failures: seen.failures,
        }
    }
}

/// Stores messages, and asserts that no request fails.
pub async fn store(stack: &Stack) -> Vec<String> {
    let seen = Load::start(stack).await.stop().await;
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

async fn post(client: &ApiClient, text: String, seen: &Mutex<Seen>) {
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
async fn read(client: &ApiClient, which: usize, seen: &Mutex<Seen>) {
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
pub async fn get(client: &ApiClient, text: &str) -> Result<(), String> {
    let hash = digest(text);
    match ApiNoContext::<ClientContext>::get_message_by_hash(client, hash, None, None).await {
        Ok(GetMessageByHashResponse::Found { body, .. }) if body.message == text => Ok(()),
        Ok(GetMessageByHashResponse::ServiceUnavailable { .. }) => Err("GET: 503".to_owned()),
        other => Err(format!("GET: {other:?}")),
    }
}

impl Seen {
    fn failed(&mut self, how: String) {
        self.failures.push((Instant::now(), how));
    }
}
