//! How often a store removes its expired messages.

use std::time::Duration;

const MAX_INTERVAL: Duration = Duration::from_hours(1);

/// The time between two sweeps: a 64th of the retention, from one second to one hour.
pub(super) fn sweep_interval(retention: Option<Duration>) -> Duration {
    let interval = |retention: Duration| (retention / 64).clamp(Duration::from_secs(1), MAX_INTERVAL);
    retention.map_or(MAX_INTERVAL, interval)
}
