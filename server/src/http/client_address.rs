//! The address of a client: the other end of the connection, or the address that a trusted proxy forwards.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use hyper::HeaderMap;
use hyper::header::HeaderName;
use ipnet::IpNet;

use super::listener::Peer;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of a client.
#[derive(Debug, Clone)]
pub enum ClientAddress {
    /// The client is the other end of the connection.
    Direct(Peer),
    /// A trusted proxy is the other end, and forwarded this address of its client.
    Forwarded(IpAddr),
}

impl ClientAddress {
    /// Finds the address of the client that sent these headers. `proxies` are the trusted networks.
    ///
    /// Every proxy appends its client's address to `X-Forwarded-For`. The header is read from its end, up to the
    /// first address outside `proxies`. The client itself may have written everything before that address.
    pub fn from_request(peer: &Peer, headers: &HeaderMap, proxies: &[IpNet]) -> Self {
        let is_proxy = |ip: IpAddr| proxies.iter().any(|net| net.contains(&ip.to_canonical()));
        let mut client = Self::Direct(peer.clone());
        if !is_proxy(peer.address().ip()) {
            return client;
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        let named = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for ip in named.map_while(|name| parse_address(name.trim())) {
            client = Self::Forwarded(ip);
            if !is_proxy(ip) {
                break;
            }
        }
        client
    }

    /// The address as text, with a port if the client is the other end of the connection.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Direct(peer) => Cow::Borrowed(peer.text()),
            Self::Forwarded(ip) => Cow::Owned(ip.to_string()),
        }
    }
}

/// Parses an address in the forms that proxies write: alone, with a port, or in brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok();
    text.parse()
        .ok()
        .or_else(|| with_port().map(|address| address.ip()))
        .or_else(|| bracketed().map(IpAddr::V6))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&'static str]) -> String {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"].map(|net| net.parse().unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        ClientAddress::from_request(&Peer::new(peer.parse().unwrap()), &headers, &proxies).text().into_owned()
    }

    #[test]
    fn trusted_proxy_is_believed() {
        assert_eq!(client("10.0.0.1:1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(client("[2001:db8::1]:1", &["2001:db9::7"]), "2001:db9::7");
        assert_eq!(client("[::ffff:10.0.0.1]:1", &["192.0.2.7"]), "192.0.2.7");
    }

    #[test]
    fn port_of_a_forwarded_address_is_left_out() {
        for (line, expected) in [
            ("192.0.2.7:51234", "192.0.2.7"),
            ("[2001:db9::7]:51234", "2001:db9::7"),
            ("[2001:db9::7]", "2001:db9::7"),
            ("192.0.2.7:51234, 10.0.0.2:443", "192.0.2.7"),
            ("[192.0.2.7]", "10.0.0.1:1"),
            ("192.0.2.7:", "10.0.0.1:1"),
            ("192.0.2.7:99999", "10.0.0.1:1"),
            ("[2001:db9::7", "10.0.0.1:1"),
        ] {
            assert_eq!(client("10.0.0.1:1", &[line]), expected, "{line}");
        }
    }

    #[test]
    fn untrusted_proxy_is_not_believed() {
        assert_eq!(client("192.0.2.1:1", &["192.0.2.7"]), "192.0.2.1:1");
    }

    #[test]
    fn client_supplied_address_is_not_believed() {
        assert_eq!(client("10.0.0.1:1", &["203.0.113.9, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(client("10.0.0.1:1", &["203.0.113.9", "192.0.2.7, 10.0.0.2"]), "192.0.2.7");
        assert_eq!(client("10.0.0.1:1", &["203.0.113.9, nonsense, 10.0.0.2"]), "10.0.0.2");
    }

    #[test]
    fn trusted_proxy_can_be_the_client() {
        assert_eq!(client("10.0.0.1:1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(client("10.0.0.1:1", &[]), "10.0.0.1:1");
        assert_eq!(client("10.0.0.1:1", &["nonsense"]), "10.0.0.1:1");
    }
}
