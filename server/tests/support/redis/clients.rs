//! Clients that write and read through two servers, and record the results.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use message_to_hash::message::MessageHash;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::wait::{FAILOVER_TIMEOUT, eventually};
use crate::support::{Server, ask};

const WRITERS: usize = 32;
const READERS: usize = 32;
/// The pause between two requests of one client.
const PACE: Duration = Duration::from_millis(10);
/// After this time without a failed write, writes count as working again.
const QUIET: Duration = Duration::from_millis(1500);

/// The clients' results so far.
#[derive(Default)]
struct ClientRecord {
    acknowledged: Vec<String>,
    failed_writes: Vec<(Instant, usize)>,
    failed_reads: Vec<(Instant, usize)>,
    missing: usize,
    last_write: Option<Instant>,
    /// The duration of each request, by shard.
    took: [Vec<Duration>; 3],
}

/// Clients that write and read through two servers until they are stopped.
pub struct Clients {
    pub servers: [Server; 2],
    seen: Arc<Mutex<ClientRecord>>,
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Returns the third of the slots that this message belongs to, as `redis-cli --cluster create` divides them.
fn shard_of(text: &str) -> usize {
    let key = format!("m:{}", MessageHash::of(text.as_bytes()));
    let crc = key.bytes().fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    });
    match crc % 16_384 {
        0..=5460 => 0,
        5461..=10_922 => 1,
        _ => 2,
    }
}

async fn post(server: SocketAddr, text: &str) -> u16 {
    let head = "POST /messages HTTP/1.1\r\nContent-Type: application/json";
    let answer = ask(server, head, json!({ "message": text }).to_string()).await;
    assert!([200, 201, 503].contains(&answer.status), "{answer:?}");
    answer.status
}

async fn get(server: SocketAddr, text: &str) -> u16 {
    let hash = MessageHash::of(text.as_bytes());
    let answer = ask(server, &format!("GET /messages/{hash} HTTP/1.1"), "").await;
    assert!([200, 404, 503].contains(&answer.status), "{answer:?}");
    assert!(answer.status != 200 || answer.json()["message"] == text, "{answer:?}");
    answer.status
}

impl Clients {
    pub fn start(url: &str, options: &[&str]) -> Self {
        let all =
            [&["--store", url, "--cache-bytes", "0", "--log-filter", "info,access=off"], options].concat();
        let servers = [Server::start_with(&all), Server::start_with(&all)];
        let mut clients =
            Self { servers, seen: Arc::default(), stop: Arc::new(AtomicBool::new(false)), tasks: Vec::new() };
        for number in 0..WRITERS {
            clients.spawn(number, Self::write);
        }
        for number in 0..READERS {
            clients.spawn(number, Self::read);
        }
        eventually("messages are acknowledged", || clients.seen.lock().unwrap().acknowledged.len() > 500);
        assert_eq!(
            clients.seen.lock().unwrap().failed_writes.len(),
            0,
            "a write failed before the test began"
        );
        clients
    }

    fn spawn<F>(
        &mut self,
        number: usize,
        work: impl Fn(SocketAddr, usize, usize, Arc<Mutex<ClientRecord>>) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send,
    {
        let (seen, stop) = (Arc::clone(&self.seen), Arc::clone(&self.stop));
        let server = self.servers[number % 2].api;
        self.tasks.push(tokio::spawn(async move {
            for turn in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                work(server, number, turn, Arc::clone(&seen)).await;
                tokio::time::sleep(PACE).await;
            }
        }));
    }

    async fn write(server: SocketAddr, number: usize, turn: usize, seen: Arc<Mutex<ClientRecord>>) {
        let text = format!("{number}: {turn}");
        let shard = shard_of(&text);
        let begun = Instant::now();
        let status = post(server, &text).await;
        let mut seen = seen.lock().unwrap();
        match status {
            201 | 200 => {
                seen.acknowledged.push(text);
                seen.last_write = Some(Instant::now());
                seen.took[shard].push(begun.elapsed());
            }
            _ => seen.failed_writes.push((Instant::now(), shard)),
        }
    }

    async fn read(server: SocketAddr, _: usize, _: usize, seen: Arc<Mutex<ClientRecord>>) {
        let text = {
            let seen = seen.lock().unwrap();
            if seen.acknowledged.is_empty() {
                return;
            }
            // Reads mostly new messages, because those may be missing.
            let end = seen.acknowledged.len();
            let begin = if fastrand::bool() { end.saturating_sub(50) } else { 0 };
            seen.acknowledged[fastrand::usize(begin..end)].clone()
        };
        let shard = shard_of(&text);
        let begun = Instant::now();
        let status = get(server, &text).await;
        let mut seen = seen.lock().unwrap();
        match status {
            200 => seen.took[shard].push(begun.elapsed()),
            404 => seen.missing += 1,
            _ => seen.failed_reads.push((Instant::now(), shard)),
        }
    }

    /// Waits until writes work again.
    pub fn wait_until_writes_resume(&self) {
        let since = Instant::now();
        eventually("writes work again", || {
            let seen = self.seen.lock().unwrap();
            let last_failure = seen.failed_writes.last().map_or(since, |(at, _)| *at).max(since);
            last_failure.elapsed() > QUIET && seen.last_write.is_some_and(|at| at > last_failure)
        });
    }

    /// Prints the results since the last report in one line, and counts the acknowledged messages that are lost.
    pub async fn report(&self, what: &str) -> Figures {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        let window = |failed: &[(Instant, usize)]| match (failed.first(), failed.last()) {
            (Some((first, _)), Some((last, _))) => *last - *first,
            _ => Duration::ZERO,
        };
        let mut lost = 0;
        for text in &seen.acknowledged {
            let mut status = get(self.servers[0].api, text).await;
            let deadline = Instant::now() + FAILOVER_TIMEOUT;
            while status == 503 && Instant::now() < deadline {
                tokio::time::sleep(PACE).await;
                status = get(self.servers[0].api, text).await;
            }
            lost += usize::from(status != 200);
        }
        let mut healthy: Vec<_> = seen.took[1].iter().chain(&seen.took[2]).copied().collect();
        healthy.sort();
        let figures = Figures {
            lost,
            missing: seen.missing,
            healthy_failed: [&seen.failed_writes, &seen.failed_reads]
                .into_iter()
                .flatten()
                .filter(|(_, shard)| *shard != 0)
                .count(),
        };
        println!(
            "{what}: {} acknowledged, {lost} lost, {} read as missing; {} writes failed within {:.1} s, {} reads within \
             {:.1} s; of the second and third third of the slots {} failed, p50 {:?}, p99 {:?}",
            seen.acknowledged.len(),
            seen.missing,
            seen.failed_writes.len(),
            window(&seen.failed_writes).as_secs_f64(),
            seen.failed_reads.len(),
            window(&seen.failed_reads).as_secs_f64(),
            figures.healthy_failed,
            healthy.get(healthy.len() / 2),
            healthy.get(healthy.len() * 99 / 100),
        );
        figures
    }

    pub async fn stop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks.drain(..) {
            task.await.expect("no client panics");
        }
    }
}

pub struct Figures {
    /// Messages that were acknowledged and are not stored at the end.
    pub lost: usize,
    /// Reads of acknowledged messages that got 404.
    pub missing: usize,
    /// Failed requests for slots of nodes that worked all the time.
    pub healthy_failed: usize,
}
