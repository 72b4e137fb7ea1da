//! Where a request comes from, as coarsely as limits need it.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use crate::base::Secret;

const V4: u8 = 4;
const V6: u8 = 6;

/// A client's network: its IPv4 address, or the /64 of its IPv6 address, which is what one customer of a
/// network is given (RFC 6177) and so the least that counts as somebody else.
///
/// Travels with a request, in memory, and ends with it. Does not print, and nothing that stores or logs takes
/// it: limits keep a hash of it under a key that changes daily.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientNetwork(Secret<[u8; 9]>);

impl ClientNetwork {
    /// The network of `address`. An IPv4 address that is written as an IPv6 one (RFC 4291, section 2.5.5.2) is
    /// the IPv4 address that it is: else all of IPv4 would be one network.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let mut network = [0; 9];
        match address.to_canonical() {
            IpAddr::V4(address) => {
                network[0] = V4;
                network[1..5].copy_from_slice(&address.octets());
            }
            IpAddr::V6(address) => {
                network[0] = V6;
                network[1..].copy_from_slice(&address.octets()[..8]);
            }
        }
        Self(Secret::new(network))
    }

    /// What a keyed hash is made of. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

impl Hash for ClientNetwork {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        ClientNetwork::of(one.parse().unwrap()) == ClientNetwork::of(other.parse().unwrap())
    }

    #[test]
    fn each_ipv4_address_is_a_network_of_its_own() {
        assert!(same("192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn an_ipv6_64_is_one_network() {
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_the_ipv4_address() {
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
    }

    #[test]
    fn the_families_do_not_meet() {
        assert!(!same("32.1.13.184", "2001:db8::1"));
    }
}
