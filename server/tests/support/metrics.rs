//! The metrics of a server.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::http::ask;

/// Returns the value of each series, by its name and labels as text.
pub async fn scrape(admin: SocketAddr) -> HashMap<String, f64> {
    let answer = ask(admin, "GET /metrics HTTP/1.1", "").await;
    assert_eq!(answer.status, 200);
    let content_type = answer.header("content-type").unwrap();
    assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(answer.body.ends_with("# EOF\n"), "the response is complete");
    let series = answer.body.lines().filter(|line| !line.starts_with('#'));
    let series = series.map(|line| line.rsplit_once(' ').unwrap());
    series.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}
