//! The metrics, with their units and labels.
//!
//! Labels have few values: never a path, a hash or a client. The components update the metrics. The admin listener
//! renders them as text in the format `OpenMetrics` 1.0, which Prometheus reads.

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

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Metrics of requests.
    pub http: HttpMetrics,
    /// Metrics of the store and its cache.
    pub store: StoreMetrics,
}

/// The metrics that the HTTP service updates.
#[derive(Debug, Clone)]
pub struct HttpMetrics {
    durations: Durations<RequestLabels>,
    /// Requests whose response has not begun.
    pub in_flight: Gauge,
    /// Bytes of request bodies, by their announced length.
    pub received: Counter,
    /// Bytes of response bodies.
    pub sent: Counter,
}

/// The metrics that the stores and the cache update.
#[derive(Debug, Clone)]
pub struct StoreMetrics {
    durations: Durations<StoreLabels>,
    /// Messages from the store that did not have the requested hash.
    pub integrity_failures: Counter,
    /// Messages per commit of the embedded store.
    pub commit_messages: Histogram,
    /// Connections to Redis that have not failed.
    pub redis_connections: Gauge,
    /// Memory of the primaries of Redis.
    pub redis_memory: RedisMemoryMetrics,
    /// Whether the last readiness check of the store succeeded; 1 before the first check.
    pub ready: Gauge,
    /// Messages that this instance acknowledged and later did not find.
    pub missing_acknowledged: Counter,
    /// Reads that the cache answered.
    pub cache_hits: Counter,
    /// Reads that the cache did not answer.
    pub cache_misses: Counter,
    /// Messages that the cache evicted.
    pub cache_evictions: Counter,
    /// Memory of the cached messages, as the cache counts it.
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
    /// Counts a request by its operation and the status of its response. The status is 499 if the client did not wait
    /// for the response.
    pub fn observe(&self, operation: Option<Operation>, status: u16, took: Duration) {
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
    /// Counts an operation of the store by its result.
    pub fn observe(&self, operation: &'static str, result: &'static str, took: Duration) {
        self.durations.get_or_create(&StoreLabels { operation, result }).observe(took.as_secs_f64());
    }
}

/// The buckets range from a cache hit to the deadline of a request, in seconds.
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
    let durations = "Time from the head of a request to the head of its response, by operation and status";
    to.register_with_unit("request_duration", durations, Unit::Seconds, http.durations.clone());
    to.register("requests_in_flight", "Requests that wait for their response", http.in_flight.clone());
    to.register_with_unit("request_body", "Request bodies", Unit::Bytes, http.received.clone());
    to.register_with_unit("response_body", "Response bodies", Unit::Bytes, http.sent.clone());
}

fn register_cache(to: &mut Registry, store: &StoreMetrics) {
    to.register("hits", "Reads that the cache answered", store.cache_hits.clone());
    to.register("misses", "Reads that the cache did not answer", store.cache_misses.clone());
    to.register("evictions", "Messages that the cache evicted", store.cache_evictions.clone());
    let bytes = "Memory of the cached messages";
    to.register_with_unit("memory", bytes, Unit::Bytes, store.cache_bytes.clone());
}

fn register_store(to: &mut Registry, store: &StoreMetrics) {
    let durations = "Time of the store's operations, by operation and result";
    to.register_with_unit("operation_duration", durations, Unit::Seconds, store.durations.clone());
    let failures = "Messages from the store that did not have the requested hash";
    to.register("integrity_failures", failures, store.integrity_failures.clone());
    let commits = "Messages per commit (one fsync) of the embedded store";
    to.register("commit_messages", commits, store.commit_messages.clone());
    to.register(
        "redis_connections",
        "Connections to Redis that have not failed",
        store.redis_connections.clone(),
    );
    store.redis_memory.register(to);
    let ready = "Whether the last readiness check of the store succeeded";
    to.register("ready", ready, store.ready.clone());
    let missing = "Messages, of a sample, that this instance acknowledged and later did not find";
    to.register("missing_acknowledged_messages", missing, store.missing_acknowledged.clone());
}

impl Metrics {
    /// Renders the current values.
    ///
    /// # Errors
    /// An error of the encoder. No cause is known.
    pub fn render(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}
