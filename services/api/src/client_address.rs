//! Who is calling, behind proxies too.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

/// An address range in CIDR form, `10.0.0.0/8`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

/// A text that is no [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an address or a range like 10.0.0.0/8")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| NetworkError)?;
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).map_err(|_| NetworkError)?;
        if prefix > bits { Err(NetworkError) } else { Ok(Self { base, prefix }) }
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.prefix);
                let part = |address: Ipv4Addr| u64::from(u32::from(address)) >> shift;
                part(base) == part(other)
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.prefix);
                let part = |bits: u128| bits.checked_shr(shift).unwrap_or(0);
                part(base.into()) == part(other.into())
            }
            _ => false,
        }
    }
}

/// The client's address: the peer's, unless the peer is a trusted proxy; then the last address in
/// `X-Forwarded-For` that no trusted proxy has. Without connection info (a test) 0.0.0.0.
pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    if !is_trusted(&peer) {
        return peer.to_canonical();
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .collect();
    let mut client = peer;
    for entry in forwarded.into_iter().rev() {
        let Ok(address) = entry.trim().parse() else { break };
        client = address;
        if !is_trusted(&client) {
            break;
        }
    }
    client.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_str(forwarded).unwrap());
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        of(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_peers_are_believed() {
        assert_eq!(client("192.0.2.1", "198.51.100.7", &[]), "192.0.2.1");
        let proxies = ["10.0.0.0/8", "fd00::/8", "0.0.0.0/32"];
        assert_eq!(client("10.1.2.3", "198.51.100.7", &proxies), "198.51.100.7");
        assert_eq!(client("::ffff:10.1.2.3", "198.51.100.7", &proxies), "198.51.100.7");
        // what the client itself wrote stands further left
        assert_eq!(
            client("10.1.2.3", "203.0.113.9, 198.51.100.7, 10.9.9.9", &proxies),
            "198.51.100.7"
        );
        assert_eq!(client("fd00::1", "2001:db8::5", &proxies), "2001:db8::5");
        assert_eq!(client("10.1.2.3", "unknown", &proxies), "10.1.2.3");
        assert_eq!(client("192.0.2.1", "198.51.100.7", &["0.0.0.0/0"]), "198.51.100.7");
    }

    #[test]
    fn ranges_are_read_strictly() {
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "host/8"] {
            assert_eq!(wrong.parse::<Network>(), Err(NetworkError), "{wrong}");
        }
    }
}
