//! How long to wait before a call is repeated.

use std::time::{Duration, SystemTime};

use hyper::HeaderMap;
use hyper::header::RETRY_AFTER;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Exponential, with full jitter: anything up to a bound that doubles with each attempt, so that clients which
/// failed together do not come back together. What the server asks for comes before that.
pub(crate) fn wait(failed_attempts: u32, retry_after: Option<Duration>) -> Duration {
    let bound = FIRST.saturating_mul(1 << failed_attempts.saturating_sub(1).min(16)).min(LONGEST);
    retry_after.unwrap_or_default().saturating_add(bound.mul_f64(fastrand::f64()))
}

/// `Retry-After` as seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
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
    fn waits_differ_and_are_bounded() {
        for (attempts, bound) in [(1, 200), (2, 400), (3, 800), (6, 5000), (u32::MAX, 5000)] {
            let waits: Vec<_> = (0..100).map(|_| wait(attempts, None)).collect();
            assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(bound)));
            assert!(waits.iter().any(|wait| *wait > Duration::from_millis(bound / 2)));
            assert!(waits.iter().any(|wait| *wait < Duration::from_millis(bound / 2)));
        }
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        assert!(wait(1, Some(Duration::from_secs(7))) >= Duration::from_secs(7));
        assert_eq!(wait(1, Some(Duration::MAX)), Duration::MAX);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(read("0"), Some(Duration::ZERO));
        assert_eq!(read("100"), Some(Duration::from_secs(100)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(99));
        assert!(read(&soon).is_some_and(|wait| wait > Duration::from_secs(50)), "{soon}");
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
