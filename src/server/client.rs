//! Where a request comes from: the other end of the connection, or the client that a trusted proxy names.
//!
//! Addresses stay in memory, as a [`ClientNetwork`] that does not print. Must not believe anybody whom the config
//! does not name.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, header};

use crate::config::{ClientHeader, TrustedProxies};
use crate::model::ClientNetwork;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection.
pub(super) struct Peer {
    /// `None`: at a Unix socket.
    pub(super) address: Option<IpAddr>,
    /// Whose word counts.
    pub(super) trusted: Arc<TrustedProxies>,
}

impl Peer {
    /// The network whose connection this is; `None` where it is a proxy's, this machine's or a Unix socket's, over which
    /// many clients may come.
    pub(super) fn network(&self) -> Option<ClientNetwork> {
        let address = self.address.filter(|address| !address.to_canonical().is_loopback())?;
        (!self.trusted.trusts(Some(address))).then(|| ClientNetwork::of(address))
    }

    /// The client behind a request with these headers, where it can be told from others.
    ///
    /// The hops are read from the right, where each was written by the one before: the first that is no trusted proxy
    /// is the client, and whatever is left of it is the client's own claim.
    pub(super) fn client(&self, headers: &HeaderMap) -> Option<ClientNetwork> {
        let mut client = self.address;
        if self.trusted.trusts(self.address) {
            for hop in hops(headers, self.trusted.header()).into_iter().rev() {
                // A proxy that says `unknown`, or what no one can read, says that it does not know.
                client = Some(hop?);
                if !self.trusted.trusts(client) {
                    break;
                }
            }
        }
        // Who connects from this machine is a reverse proxy, or the operator: that address tells no two clients
        // apart, and a limit on it would be one for everybody.
        client.filter(|client| !client.to_canonical().is_loopback()).map(ClientNetwork::of)
    }
}

/// The hops that `headers` name, the client first.
fn hops(headers: &HeaderMap, named_by: ClientHeader) -> Vec<Option<IpAddr>> {
    let name = match named_by {
        ClientHeader::XForwardedFor => X_FORWARDED_FOR,
        ClientHeader::Forwarded => header::FORWARDED,
    };
    // Several lines of one header are one list (RFC 9110, section 5.3). A field value may hold bytes that are no text
    // (section 5.5), so each element is read on its own: a client's must not spoil what a proxy wrote after it.
    let elements = headers.get_all(name).iter().flat_map(|line| split(line.as_bytes(), b','));
    elements
        .map(|element| str::from_utf8(element).ok())
        .map(|element| match named_by {
            ClientHeader::XForwardedFor => address(element?),
            ClientHeader::Forwarded => forwarded_for(element?),
        })
        .collect()
}

/// The parameter `for` of one element (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let parameters = split(element.as_bytes(), b';').filter_map(|parameter| str::from_utf8(parameter).ok());
    let mut parameters = parameters.filter_map(|parameter| parameter.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let value = value.trim();
    address(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port).or_else(bare)
}

/// The parts of `text` between separators that stand outside of quotes.
///
/// A client that opens a quote and does not close it would swallow what the proxy wrote after it: where the quotes do
/// not pair, none of them counts.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let pairs = text.iter().fold(true, |even, byte| even ^ (*byte == b'"'));
    let mut quoted = false;
    text.split(move |byte| {
        quoted ^= pairs && *byte == b'"';
        *byte == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const XFF: &str = "x-forwarded-for";

    fn trusted(networks: &[&str], named_by: ClientHeader) -> Arc<TrustedProxies> {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        Arc::new(TrustedProxies::new(networks, true, named_by))
    }

    fn client(peer: Option<&str>, header: &'static str, lines: &[&str]) -> Option<ClientNetwork> {
        let lines: Vec<_> = lines.iter().map(|line| HeaderValue::from_str(line).unwrap()).collect();
        client_by(peer, header, lines)
    }

    fn client_by(peer: Option<&str>, header: &'static str, lines: Vec<HeaderValue>) -> Option<ClientNetwork> {
        let named_by = if header == XFF { ClientHeader::XForwardedFor } else { ClientHeader::Forwarded };
        let trusted = trusted(&["10.0.0.0/8", "2001:db8::/32"], named_by);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header, line);
        }
        Peer { address: peer.map(|peer| peer.parse().unwrap()), trusted }.client(&headers)
    }

    fn is(client: Option<&ClientNetwork>, address: &str) -> bool {
        client == Some(&ClientNetwork::of(address.parse().unwrap()))
    }

    #[test]
    fn who_comes_by_a_proxy_or_from_this_machine_is_of_no_network() {
        let trusted = trusted(&["192.0.2.0/24"], ClientHeader::XForwardedFor);
        for (address, is_counted) in [
            (Some("198.51.100.1"), true),
            (Some("2001:db8::1"), true),
            (Some("::ffff:198.51.100.1"), true),
            (Some("192.0.2.9"), false),
            (Some("127.0.0.1"), false),
            (Some("::ffff:127.0.0.1"), false),
            (None, false),
        ] {
            let address = address.map(|address| address.parse().unwrap());
            let peer = Peer { address, trusted: Arc::clone(&trusted) };
            assert_eq!(peer.network().is_some(), is_counted, "{address:?}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert!(is(client(Some("192.0.2.1"), XFF, &["198.51.100.7"]).as_ref(), "192.0.2.1"));
    }

    #[test]
    fn the_first_hop_from_the_right_that_is_no_trusted_proxy_is_the_client() {
        for lines in [&["203.0.113.9, 198.51.100.7, 10.1.1.1"][..], &["203.0.113.9", "198.51.100.7,10.1.1.1"]]
        {
            assert!(is(client(Some("10.0.0.1"), XFF, lines).as_ref(), "198.51.100.7"));
            assert!(is(client(None, XFF, lines).as_ref(), "198.51.100.7"));
        }
    }

    #[test]
    fn addresses_are_read_with_ports_brackets_and_quotes() {
        for line in ["198.51.100.7:4711", "[2001:db9::1]:4711", "2001:db9::1", "::ffff:198.51.100.7"] {
            let expected = if line.contains("db9") { "2001:db9::1" } else { "198.51.100.7" };
            assert!(is(client(Some("10.0.0.1"), XFF, &[line]).as_ref(), expected), "{line}");
        }
        let line = "for=203.0.113.9;proto=https, For=\"[2001:db9::1]:4711\";by=\"a,b;for=10.0.0.2\"";
        assert!(is(client(Some("::ffff:10.0.0.1"), "forwarded", &[line]).as_ref(), "2001:db9::1"));
    }

    #[test]
    fn only_the_one_header_counts() {
        assert!(client(Some("10.0.0.1"), "forwarded", &["198.51.100.7"]).is_none());
        let trusted = trusted(&["10.0.0.0/8"], ClientHeader::XForwardedFor);
        let mut headers = HeaderMap::new();
        headers.append("forwarded", HeaderValue::from_static("for=198.51.100.7"));
        let peer = Peer { address: Some("10.0.0.1".parse().unwrap()), trusted };
        assert!(is(peer.client(&headers).as_ref(), "10.0.0.1"));
    }

    #[test]
    fn a_proxy_that_does_not_know_tells_nobody_apart() {
        for line in ["unknown", "_hidden", "", "198.51.100.7, unknown"] {
            assert!(client(Some("10.0.0.1"), XFF, &[line]).is_none(), "{line}");
        }
    }

    #[test]
    fn who_connects_from_this_machine_is_no_client_that_could_be_told_apart() {
        for (peer, told_apart) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("192.0.2.1", true),
            ("2001:db8::1", true),
        ] {
            assert_eq!(client(Some(peer), XFF, &[]).is_some(), told_apart, "{peer}");
        }
        assert!(client(None, XFF, &[]).is_none());
    }

    /// What a header line may hold (RFC 9110, section 5.5), and rather what means something.
    fn legal_byte() -> impl Strategy<Value = u8> {
        prop_oneof![Just(b'"'), Just(b','), Just(b';'), Just(b'\t'), b' '..=b'~', 0x80..=0xff_u8]
    }

    proptest! {
        #[test]
        fn no_header_panics_and_a_stranger_never_chooses(line in vec(legal_byte(), 0..80)) {
            for header in [XFF, "forwarded"] {
                let lines = |suffix: &str| {
                    let bytes = [line.as_slice(), suffix.as_bytes()].concat();
                    vec![HeaderValue::from_bytes(&bytes).unwrap()]
                };
                let _ = client_by(Some("10.0.0.1"), header, lines(""));
                prop_assert!(is(client_by(Some("192.0.2.1"), header, lines("")).as_ref(), "192.0.2.1"));
                let written_by_the_proxy = if header == XFF { ", 198.51.100.7" } else { ", for=198.51.100.7" };
                let found = client_by(Some("10.0.0.1"), header, lines(written_by_the_proxy));
                prop_assert!(is(found.as_ref(), "198.51.100.7"));
            }
        }
    }
}
