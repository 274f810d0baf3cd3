//! Many concurrent writers. Every message is derived from a number, so tests keep only the numbers of acknowledged
//! messages to check them later.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use message_to_hash::message::MessageHash;
use message_to_hash_api::models::Message;
use message_to_hash_api::{AddMessageResponse, ApiNoContext, GetMessageByHashResponse};
use tokio::task::JoinSet;

use super::wait_until::wait_until;
use crate::support::{ApiClient, Server};

/// Turns off the access log, which would fill the memory of the test.
pub const QUIET: [&str; 2] = ["--log-filter", "info,fjall=error,lsm_tree=error,access=off"];

const WRITERS: usize = 64;
const READERS: u64 = 16;

/// Returns the message of this number: mostly short, sometimes a few KiB, rarely more than 100 KiB.
pub fn text(number: u64) -> String {
    let mut random = fastrand::Rng::with_seed(number);
    let length = match random.u8(..) {
        0 => random.usize(65_536..200_000),
        1..=30 => random.usize(1_000..10_000),
        _ => random.usize(..400),
    };
    text_of(number, length)
}

/// Returns a message with this number and `length` random characters, which compress badly.
pub fn text_of(number: u64, length: usize) -> String {
    let mut random = fastrand::Rng::with_seed(number);
    let mut text = format!("{number} ");
    text.extend(std::iter::repeat_with(|| random.alphanumeric()).take(length));
    text
}

/// Writers that post messages to a server.
pub struct Writers {
    acknowledged: Arc<Mutex<Vec<u64>>>,
    stop: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Writers {
    /// Posts the messages of the numbers from `next` until the server is gone or `end` is called.
    pub fn start(server: &Server, next: &Arc<AtomicU64>) -> Self {
        let mut load = Self { acknowledged: Arc::default(), stop: Arc::default(), tasks: JoinSet::new() };
        for _ in 0..WRITERS {
            let (acknowledged, stop) = (Arc::clone(&load.acknowledged), Arc::clone(&load.stop));
            let (client, next) = (server.client(), Arc::clone(next));
            load.tasks.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    match post(&client, text(number)).await {
                        Some(AddMessageResponse::Created { .. }) => {
                            acknowledged.lock().unwrap().push(number);
                        }
                        Some(AddMessageResponse::ServiceUnavailable { .. }) => {
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                        Some(other) => panic!("a new message: {other:?}"),
                        None => return,
                    }
                }
            });
        }
        load
    }

    /// Returns the numbers of the messages acknowledged so far.
    pub fn acknowledged(&self) -> Vec<u64> {
        self.acknowledged.lock().unwrap().clone()
    }

    /// Waits until this many messages are acknowledged.
    pub async fn wait_for(&self, count: usize) {
        let enough = async || self.acknowledged.lock().unwrap().len() >= count;
        wait_until("enough acknowledgements", enough).await;
    }

    /// Stops the writers, and returns the numbers of all acknowledged messages.
    pub async fn end(mut self) -> Vec<u64> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("no writer panics");
        }
        std::mem::take(&mut *self.acknowledged.lock().unwrap())
    }
}

/// Posts one message. Returns `None` if the server is gone.
pub async fn post(client: &ApiClient, text: String) -> Option<AddMessageResponse> {
    let hash = MessageHash::of(text.as_bytes()).to_hex();
    let answer = client.add_message(Message::new(text)).await.ok()?;
    if let AddMessageResponse::Created { body, .. } | AddMessageResponse::AlreadyStored { body, .. } = &answer
    {
        assert_eq!(body.digest, hash);
    }
    Some(answer)
}

/// The result of reading a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadResult {
    Intact,
    /// The response was 404.
    Missing,
    /// The response was 500 or 503.
    Failed,
    /// The response had another text.
    Wrong,
}

/// Reads a message.
pub async fn get(client: &ApiClient, text: &str) -> ReadResult {
    let hash = MessageHash::of(text.as_bytes()).to_hex();
    match client.get_message_by_hash(hash, None, None).await.expect("the server answers") {
        GetMessageByHashResponse::Found { body, .. } if body.message == text => ReadResult::Intact,
        GetMessageByHashResponse::Found { .. } => ReadResult::Wrong,
        GetMessageByHashResponse::NotFound { .. } => ReadResult::Missing,
        GetMessageByHashResponse::InternalServerError { .. }
        | GetMessageByHashResponse::ServiceUnavailable { .. } => ReadResult::Failed,
        other => panic!("{other:?}"),
    }
}

/// Reads these messages, and returns those that did not come back unchanged.
pub async fn incorrect_messages(server: &Server, numbers: &[u64]) -> Vec<(u64, ReadResult)> {
    let numbers: Arc<[u64]> = numbers.into();
    let mut readers = JoinSet::new();
    for reader in 0..READERS {
        let (client, numbers) = (server.client(), Arc::clone(&numbers));
        readers.spawn(async move {
            let mut incorrect_messages = Vec::new();
            for number in numbers.iter().copied().filter(|number| number % READERS == reader) {
                let found = get(&client, &text(number)).await;
                if found != ReadResult::Intact {
                    incorrect_messages.push((number, found));
                }
            }
            incorrect_messages
        });
    }
    let mut all = Vec::new();
    while let Some(incorrect_messages) = readers.join_next().await {
        all.extend(incorrect_messages.expect("no reader panics"));
    }
    all
}
