//! Reads `redis…://` URLs. What is wrong with one is said without repeating it: it may hold a password.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::secret::Secret;

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Where a Redis server listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// Its name or IP address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Which servers there are, as far as the URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Servers {
    /// One server.
    Standalone(Address),
    /// What the sentinels know by this name.
    Sentinel {
        /// The sentinels.
        sentinels: Vec<Address>,
        /// The name of the primary.
        master: String,
    },
    /// A cluster, of which these nodes tell about the others.
    Cluster(Vec<Address>),
}

/// A Redis, and as whom to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl {
    /// The servers.
    pub servers: Servers,
    /// Whether connections are TLS.
    pub tls: bool,
    /// The user, where one is named.
    pub user: Option<String>,
    /// The password, where there is one.
    pub password: Option<Secret>,
    /// The number of the database.
    pub database: u16,
}

impl RedisUrl {
    /// Whether `text` has a scheme that is read here.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| scheme_of(scheme).is_some())
    }
}

enum Kind {
    Standalone,
    Sentinel,
    Cluster,
}

fn scheme_of(scheme: &str) -> Option<(Kind, bool)> {
    Some(match scheme {
        "redis" => (Kind::Standalone, false),
        "rediss" => (Kind::Standalone, true),
        "redis+sentinel" => (Kind::Sentinel, false),
        "rediss+sentinel" => (Kind::Sentinel, true),
        "redis+cluster" => (Kind::Cluster, false),
        "rediss+cluster" => (Kind::Cluster, true),
        _ => return None,
    })
}

impl FromStr for RedisUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scheme = text.split_once("://").and_then(|(scheme, rest)| Some((scheme_of(scheme)?, rest)));
        let ((kind, tls), rest) = scheme.ok_or("a Redis URL begins with redis:// or rediss://")?;
        if rest.contains(['?', '#']) {
            return Err("a Redis URL has no ? and no #; write %3F and %23 in a password".to_owned());
        }
        // A password may hold anything but a slash, so the last @ ends it.
        let (authority, path) =
            rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials_of(credentials)?;
        let (servers, database) = match kind {
            Kind::Standalone => match &addresses(hosts, REDIS_PORT)?[..] {
                [address] => (Servers::Standalone(address.clone()), path),
                _ => {
                    return Err(
                        "redis:// takes one host; see redis+sentinel:// and redis+cluster://".to_owned()
                    );
                }
            },
            Kind::Sentinel => {
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                if master.is_empty() {
                    return Err("redis+sentinel:// needs the primary's name, as in redis+sentinel://host:26379/mymaster"
                        .to_owned());
                }
                let sentinels = addresses(hosts, SENTINEL_PORT)?;
                (Servers::Sentinel { sentinels, master: decoded(master)? }, database)
            }
            Kind::Cluster => (Servers::Cluster(addresses(hosts, REDIS_PORT)?), path),
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

fn credentials_of(text: &str) -> Result<(Option<String>, Option<Secret>), String> {
    let (user, password) =
        text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
    let user = if user.is_empty() { None } else { Some(decoded(user)?) };
    Ok((user, password.map(decoded).transpose()?.map(Secret::new)))
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| "a Redis URL is UTF-8".to_owned())
}

fn addresses(hosts: &str, default_port: u16) -> Result<Vec<Address>, String> {
    hosts.split(',').map(|host| Address::parse(host, default_port)).collect()
}

impl Address {
    /// Reads `host`, `host:port`, or an IPv6 address, which stands in brackets where a port follows.
    fn parse(text: &str, default_port: u16) -> Result<Self, String> {
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
        Ok(Self { host: host.to_owned(), port })
    }

    /// Reads the address of another node in a redirection, `host:port`. IPv6 addresses have no brackets there. The
    /// host may be empty (see [`Self::or_host_of`]); `?` means that the node does not know it.
    #[must_use]
    pub fn of_node(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok()?;
        (host != "?").then(|| Self { host: host.to_owned(), port })
    }

    /// This address; with the host of the node that named it, where it named none.
    #[must_use]
    pub fn or_host_of(self, node: &Self) -> Self {
        if self.host.is_empty() { Self { host: node.host.clone(), ..self } } else { self }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Shows where, never as whom.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list =
            |addresses: &[Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let s = if self.tls { "s" } else { "" };
        match &self.servers {
            Servers::Standalone(address) => write!(f, "redis{s}://{address}/{}", self.database),
            Servers::Sentinel { sentinels, master } => {
                write!(f, "redis{s}+sentinel://{}/{master}/{}", list(sentinels), self.database)
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
