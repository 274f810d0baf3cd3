//! The cost of the metrics of a request. The program records the metrics of a cached GET as often as its argument says,
//! and prints the nanoseconds of one request.

use std::error::Error;
use std::time::Instant;

use message_to_hash::metrics::Metrics;
use message_to_hash_api::server::Operation;

const BODY_BYTES: u64 = 214;

fn main() -> Result<(), Box<dyn Error>> {
    let times: u32 = std::env::args().nth(1).ok_or("usage: metrics_cost TIMES")?.parse()?;
    let metrics = Metrics::default();
    let started = Instant::now();
    for _ in 0..times {
        let begun = Instant::now();
        metrics.http.in_flight.inc();
        metrics.store.cache_hits.inc();
        metrics.http.in_flight.dec();
        metrics.http.received.inc_by(0);
        metrics.http.sent.inc_by(BODY_BYTES);
        metrics.http.observe(Some(Operation::GetMessageByHash), 200, begun.elapsed());
    }
    println!("{}", started.elapsed().as_nanos() / u128::from(times));
    Ok(())
}
