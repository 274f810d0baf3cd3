//! The metrics of the process, with the names that Prometheus's client libraries use.

use std::fmt;

use procfs::WithCurrentSystemInfo as _;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Reads the values for each scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    /// Omits values that cannot be read.
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Ok(process) = procfs::process::Process::myself() else { return Ok(()) };
        if let Ok(stat) = process.stat() {
            let ticks = procfs::ticks_per_second();
            #[expect(clippy::cast_precision_loss, reason = "no process runs for so long")]
            let cpu = ConstCounter::new((stat.utime + stat.stime) as f64 / ticks as f64);
            let name = "process_cpu";
            let one = encoder.encode_descriptor(
                name,
                "User and system time",
                Some(&Unit::Seconds),
                cpu.metric_type(),
            )?;
            cpu.encode(one)?;
            let memory = ConstGauge::new(i64::try_from(stat.rss_bytes().get()).unwrap_or(i64::MAX));
            let name = "process_resident_memory";
            let one = encoder.encode_descriptor(
                name,
                "Resident memory",
                Some(&Unit::Bytes),
                memory.metric_type(),
            )?;
            memory.encode(one)?;
        }
        if let Ok(open) = process.fd_count() {
            let open = ConstGauge::new(i64::try_from(open).unwrap_or(i64::MAX));
            let one = encoder.encode_descriptor(
                "process_open_fds",
                "Open file descriptors",
                None,
                open.metric_type(),
            )?;
            open.encode(one)?;
        }
        Ok(())
    }
}
