//! The delay between two attempts of a call.

use std::time::{Duration, SystemTime};

use hyper::HeaderMap;
use hyper::header::RETRY_AFTER;

const INITIAL_BOUND: Duration = Duration::from_millis(200);
const MAX_BOUND: Duration = Duration::from_secs(5);

/// Returns the delay before the next attempt: exponential backoff with full jitter, on top of `retry_after`.
///
/// The jitter is uniform between zero and a bound, which starts at 200 ms, doubles with each failed attempt and ends
/// at 5 s. Full jitter spreads the retries of clients that failed at the same moment.
pub(crate) fn backoff_delay(failed_attempts: u32, retry_after: Option<Duration>) -> Duration {
    let bound = INITIAL_BOUND.saturating_mul(1 << failed_attempts.saturating_sub(1).min(16)).min(MAX_BOUND);
    retry_after.unwrap_or_default().saturating_add(bound.mul_f64(fastrand::f64()))
}

/// Parses `Retry-After`, which is a number of seconds or an HTTP date (RFC 9110, section 10.2.3).
///
/// Returns zero for a date in the past, and `None` if the header is missing or malformed.
pub(crate) fn parse_retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_random_and_bounded() {
        for (attempts, bound) in [(1, 200), (2, 400), (3, 800), (6, 5000), (u32::MAX, 5000)] {
            let delays: Vec<_> = (0..100).map(|_| backoff_delay(attempts, None)).collect();
            assert!(delays.iter().all(|delay| *delay <= Duration::from_millis(bound)));
            assert!(delays.iter().any(|delay| *delay > Duration::from_millis(bound / 2)));
            assert!(delays.iter().any(|delay| *delay < Duration::from_millis(bound / 2)));
        }
    }

    #[test]
    fn delay_is_at_least_retry_after() {
        assert!(backoff_delay(1, Some(Duration::from_secs(7))) >= Duration::from_secs(7));
        assert_eq!(backoff_delay(1, Some(Duration::MAX)), Duration::MAX);
    }

    #[test]
    fn retry_after_accepts_seconds_and_dates() {
        let parse = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            parse_retry_after(&headers)
        };
        assert_eq!(parse("0"), Some(Duration::ZERO));
        assert_eq!(parse("100"), Some(Duration::from_secs(100)));
        assert_eq!(parse("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(99));
        assert!(parse(&soon).is_some_and(|delay| delay > Duration::from_secs(50)), "{soon}");
        assert_eq!(parse("soon"), None);
        assert_eq!(parse("-1"), None);
        assert_eq!(parse_retry_after(&HeaderMap::new()), None);
    }
}
