//! What operators see of the inside: every metric, declared once, with its unit and its labels.
//!
//! Labels have few values: never a path, a hash or a client. The parts of the program count; only the admin
//! listener reads, as text that Prometheus reads (`OpenMetrics` 1.0).

mod process;
mod redis;

use std::fmt;
use std::time::Duration;

use message_to_hash_api::server::Operation;
use message_to_hash_api_runtime::OperationSet as _;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use self::process::Process;
pub use self::redis::RedisMemoryMetrics;

/// What the text is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Of requests.
    pub http: HttpMetrics,
    /// Of the store and its cache.
    pub store: StoreMetrics,
}

/// Counted by the wrapper of requests.
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    durations: Durations<RequestLabels>,
    /// Requests whose answer has not begun.
    pub in_flight: Gauge,
    /// Bytes of the bodies of requests, as far as they were announced.
    pub received: Counter,
    /// Bytes of the bodies of responses.
    pub sent: Counter,
}

/// Counted by the stores and the cache.
#[derive(Debug, Clone)]
pub struct StoreMetrics {
    durations: Durations<StoreLabels>,
    /// Answers that did not have the hash that was asked for.
    pub integrity_failures: Counter,
    /// Messages of a commit of the embedded store.
    pub commit_messages: Histogram,
    /// Connections to Redis that have not failed since they were made.
    pub redis_connections: Gauge,
    /// Memory of the primaries of Redis.
    pub redis_memory: RedisMemoryMetrics,
    /// Whether the store could do all that it should when that was last asked; 1 before.
    pub ready: Gauge,
    /// Messages that this instance acknowledged and then did not find.
    pub missing_acknowledged: Counter,
    /// Reads that the cache answered.
    pub cache_hits: Counter,
    /// Reads that it did not.
    pub cache_misses: Counter,
    /// Messages that made room for others.
    pub cache_evictions: Counter,
    /// Memory that it counts for its messages.
    pub cache_bytes: Gauge,
}

type Durations<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    operation: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StoreLabels {
    operation: &'static str,
    result: &'static str,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self {
            durations: Family::new_with_constructor(duration_histogram),
            in_flight: Gauge::default(),
            received: Counter::default(),
            sent: Counter::default(),
        }
    }
}

impl HttpMetrics {
    /// Counts a request by the operation of the contract, if it names one, and the status of its answer; 499
    /// where the client did not wait for it.
    pub fn answered(&self, operation: Option<Operation>, status: u16, took: Duration) {
        let operation = operation.map_or("none", |operation| operation.info().id);
        let labels = RequestLabels { operation, status };
        self.durations.get_or_create(&labels).observe(took.as_secs_f64());
    }
}

impl Default for StoreMetrics {
    fn default() -> Self {
        let ready = Gauge::default();
        ready.set(1);
        Self {
            ready,
            durations: Family::new_with_constructor(duration_histogram),
            integrity_failures: Counter::default(),
            commit_messages: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            redis_connections: Gauge::default(),
            redis_memory: RedisMemoryMetrics::default(),
            missing_acknowledged: Counter::default(),
            cache_hits: Counter::default(),
            cache_misses: Counter::default(),
            cache_evictions: Counter::default(),
            cache_bytes: Gauge::default(),
        }
    }
}

impl StoreMetrics {
    /// Counts what the store was asked for and what came of it.
    pub fn answered(&self, operation: &'static str, result: &'static str, took: Duration) {
        self.durations.get_or_create(&StoreLabels { operation, result }).observe(took.as_secs_f64());
    }
}

/// From what the cache takes to what a client does not wait for.
const DURATIONS: [f64; 12] =
    [0.000_025, 0.000_1, 0.000_25, 0.001, 0.002_5, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

fn duration_histogram() -> Histogram {
    Histogram::new(DURATIONS)
}

impl Default for Metrics {
    fn default() -> Self {
        let (http, store) = (HttpMetrics::default(), StoreMetrics::default());
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let all = registry.sub_registry_with_prefix("message_to_hash");
        all.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        register_http(all.sub_registry_with_prefix("http"), &http);
        register_cache(all.sub_registry_with_prefix("cache"), &store);
        register_store(all.sub_registry_with_prefix("store"), &store);
        Self { registry, http, store }
    }
}

fn register_http(to: &mut Registry, http: &HttpMetrics) {
    let durations = "From a request's head to its answer's, by operation and status";
    to.register_with_unit("request_duration", durations, Unit::Seconds, http.durations.clone());
    to.register("requests_in_flight", "Requests that wait for their answer", http.in_flight.clone());
    to.register_with_unit("request_body", "Bodies of requests", Unit::Bytes, http.received.clone());
    to.register_with_unit("response_body", "Bodies of answers", Unit::Bytes, http.sent.clone());
}

fn register_cache(to: &mut Registry, store: &StoreMetrics) {
    to.register("hits", "Reads that the cache answered", store.cache_hits.clone());
    to.register("misses", "Reads that it had to ask the store for", store.cache_misses.clone());
    to.register("evictions", "Messages that made room for others", store.cache_evictions.clone());
    let bytes = "Memory that the cache counts for its messages";
    to.register_with_unit("memory", bytes, Unit::Bytes, store.cache_bytes.clone());
}

fn register_store(to: &mut Registry, store: &StoreMetrics) {
    let durations = "Time that the store took, by what it was asked for and what came of it";
    to.register_with_unit("operation_duration", durations, Unit::Seconds, store.durations.clone());
    let failures = "Answers that did not have the hash that was asked for";
    to.register("integrity_failures", failures, store.integrity_failures.clone());
    let commits = "Messages of one commit, which is one fsync, of the embedded store";
    to.register("commit_messages", commits, store.commit_messages.clone());
    to.register(
        "redis_connections",
        "Connections to Redis that have not failed since they were made",
        store.redis_connections.clone(),
    );
    store.redis_memory.register(to);
    let ready = "Whether the store could do all that it should when that was last asked";
    to.register("ready", ready, store.ready.clone());
    let missing = "Messages that this instance acknowledged and then did not find, of a sample";
    to.register("missing_acknowledged_messages", missing, store.missing_acknowledged.clone());
}

impl Metrics {
    /// All of them, as they are now.
    ///
    /// # Errors
    /// None that is known; the writer's own type has one.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}
