//! Parses `redis…://` URLs. Error texts do not repeat the URL, because it may contain a password.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::client::{Address, Servers};
use crate::secret::Secret;

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// The servers, the user and the database that a URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl {
    pub(super) servers: Servers,
    /// Whether connections use TLS.
    pub(super) tls: bool,
    /// The user, if the URL names one.
    pub(super) user: Option<String>,
    /// The password, if the URL contains one.
    pub(super) password: Option<Secret>,
    /// The database number.
    pub(super) database: u16,
}

impl RedisUrl {
    /// Whether `text` has the scheme of a Redis URL.
    #[must_use]
    pub fn has_scheme(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| parse_scheme(scheme).is_some())
    }
}

enum UrlKind {
    Standalone,
    Sentinel,
    Cluster,
}

/// Returns the kind of a scheme, and whether it means TLS.
fn parse_scheme(scheme: &str) -> Option<(UrlKind, bool)> {
    Some(match scheme {
        "redis" => (UrlKind::Standalone, false),
        "rediss" => (UrlKind::Standalone, true),
        "redis+sentinel" => (UrlKind::Sentinel, false),
        "rediss+sentinel" => (UrlKind::Sentinel, true),
        "redis+cluster" => (UrlKind::Cluster, false),
        "rediss+cluster" => (UrlKind::Cluster, true),
        _ => return None,
    })
}

impl FromStr for RedisUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scheme = text.split_once("://").and_then(|(scheme, rest)| Some((parse_scheme(scheme)?, rest)));
        let ((kind, tls), rest) = scheme.ok_or("a Redis URL begins with redis:// or rediss://")?;
        if rest.contains(['?', '#']) {
            return Err("a Redis URL has no ? and no #; write %3F and %23 in a password".to_owned());
        }
        // The last @ ends the password, which may contain any character but a slash.
        let (authority, path) =
            rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = parse_credentials(credentials)?;
        let (servers, database) = match kind {
            UrlKind::Standalone => match &parse_addresses(hosts, REDIS_PORT)?[..] {
                [address] => (Servers::Standalone(address.clone()), path),
                _ => {
                    return Err(
                        "redis:// takes one host; see redis+sentinel:// and redis+cluster://".to_owned()
                    );
                }
            },
            UrlKind::Sentinel => {
                let (name, database) = path.split_once('/').unwrap_or((path, ""));
                if name.is_empty() {
                    return Err("redis+sentinel:// needs the primary's name, as in redis+sentinel://host:26379/mymaster"
                        .to_owned());
                }
                let sentinels = parse_addresses(hosts, SENTINEL_PORT)?;
                (Servers::Sentinel { sentinels, primary_name: percent_decode(name)? }, database)
            }
            UrlKind::Cluster => (Servers::Cluster(parse_addresses(hosts, REDIS_PORT)?), path),
        };
        let database = match database {
            "" => 0,
            number => number.parse().map_err(|_| "the database of a Redis URL is a number".to_owned())?,
        };
        if matches!(servers, Servers::Cluster(_)) && database != 0 {
            return Err("a Redis Cluster has no database but 0".to_owned());
        }
        Ok(Self { servers, tls, user, password, database })
    }
}

fn parse_credentials(text: &str) -> Result<(Option<String>, Option<Secret>), String> {
    let (user, password) =
        text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
    let user = if user.is_empty() { None } else { Some(percent_decode(user)?) };
    Ok((user, password.map(percent_decode).transpose()?.map(Secret::new)))
}

fn percent_decode(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| "a Redis URL is UTF-8".to_owned())
}

fn parse_addresses(hosts: &str, default_port: u16) -> Result<Vec<Address>, String> {
    hosts.split(',').map(|host| parse_address(host, default_port)).collect()
}

/// Parses `HOST`, `HOST:PORT` or an IPv6 address. An IPv6 address before a port must have brackets.
fn parse_address(text: &str, default_port: u16) -> Result<Address, String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or("a bracket in a Redis URL is not closed")?;
            (host, rest.strip_prefix(':'))
        }
        None => text.rsplit_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host.contains(char::is_whitespace) {
        return Err("a Redis URL needs a host, as in redis://host:6379".to_owned());
    }
    let port = match port {
        None => default_port,
        Some(port) => match port.parse() {
            Ok(port @ 1..) => port,
            _ => return Err("a port of a Redis URL is a number from 1 to 65535".to_owned()),
        },
    };
    Ok(Address { host: host.to_owned(), port })
}

/// Shows the servers, without user and password.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |addresses: &[Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let s = if self.tls { "s" } else { "" };
        match &self.servers {
            Servers::Standalone(address) => write!(f, "redis{s}://{address}/{}", self.database),
            Servers::Sentinel { sentinels, primary_name } => {
                write!(f, "redis{s}+sentinel://{}/{primary_name}/{}", list(sentinels), self.database)
            }
            Servers::Cluster(nodes) => write!(f, "redis{s}+cluster://{}", list(nodes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redis_url_is_parsed_and_displayed_without_password() {
        let table = [
            ("redis://h", "redis://h:6379/0"),
            ("redis://u:p%40@h:1/7", "redis://h:1/7"),
            ("redis://:p@[::1]:1", "redis://[::1]:1/0"),
            ("rediss://u:p@w@h", "rediss://h:6379/0"),
            ("redis+sentinel://a,b:2/main", "redis+sentinel://a:26379,b:2/main/0"),
            ("rediss+sentinel://:p@a/main/3", "rediss+sentinel://a:26379/main/3"),
            ("redis+cluster://a:1,b", "redis+cluster://a:1,b:6379"),
            ("rediss+cluster://u:p@a/", "rediss+cluster://a:6379"),
        ];
        for (text, shown) in table {
            assert_eq!(text.parse::<RedisUrl>().unwrap().to_string(), shown, "{text}");
        }
        let url: RedisUrl = "redis://u%3A:p%40%2F@h".parse().unwrap();
        assert_eq!(
            (url.user.as_deref(), url.password.as_ref().map(Secret::reveal)),
            (Some("u:"), Some("p@/"))
        );
        assert!(!format!("{url:?}").contains("p@/"));
    }

    #[test]
    fn redis_url_error_hides_the_password() {
        let table = [
            "redis://",
            "redis://:hunter2@",
            "redis://:hunter2@h:0",
            "redis://:hunter2@h:99999",
            "redis://:hunter2@h/one",
            "redis://:hunter2@h/0?x",
            "redis://:hunter2@a,b",
            "redis://:hunter2@[::1",
            "redis+sentinel://:hunter2@a",
            "redis+cluster://:hunter2@a/1",
            "redis+magic://:hunter2@a",
        ];
        for text in table {
            let error = text.parse::<RedisUrl>().unwrap_err();
            assert!(!error.contains("hunter2") && error.lines().count() == 1, "{text}: {error}");
        }
    }
}
