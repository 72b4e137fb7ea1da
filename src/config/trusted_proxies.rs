//! `trusted_proxies` of a listener: whose word counts about where a request comes from.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::ConfigError;
use super::source::Source;

/// How the other end of a Unix socket is named.
const UNIX: &str = "unix";

/// The reverse proxies that are believed. By default nobody is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
    header: ClientHeader,
}

/// The one header by which trusted proxies name the client. The other is ignored: a proxy that writes one passes the
/// other on as the client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientHeader {
    /// `X-Forwarded-For`, which nginx and most others write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl TrustedProxies {
    /// Believes who connects from these networks, and, where `unix`, by a Unix socket.
    #[must_use]
    pub fn new(networks: Vec<IpNet>, unix: bool, header: ClientHeader) -> Self {
        Self { networks, unix, header }
    }

    /// Checks each name.
    pub(super) fn check(
        source: &Source<'_>,
        names: Vec<String>,
        header: ClientHeader,
    ) -> Result<Self, ConfigError> {
        let mut proxies = Self { header, ..Self::default() };
        for name in names {
            if name == UNIX {
                proxies.unix = true;
                continue;
            }
            let network = name.parse::<IpNet>().ok().or_else(|| name.parse::<IpAddr>().ok().map(IpNet::from));
            let network = network.ok_or_else(|| {
                let problem =
                    format!("`{name}` is neither an address, nor a network such as 10.0.0.0/8, nor \"unix\"");
                source.refuse("listen.trusted_proxies", problem)
            })?;
            if network.prefix_len() == 0 {
                let problem =
                    format!("`{name}` is everybody, so that anyone could pose as anyone; name your proxies");
                return Err(source.refuse("listen.trusted_proxies", problem));
            }
            proxies.networks.push(network);
        }
        Ok(proxies)
    }

    /// Whether `peer` is believed; `None` is the other end of a Unix socket.
    #[must_use]
    pub fn trusts(&self, peer: Option<IpAddr>) -> bool {
        peer.map_or(self.unix, |peer| {
            let peer = peer.to_canonical();
            self.networks.iter().any(|network| network.contains(&peer))
        })
    }

    /// Who is believed, as in the config.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let unix = self.unix.then(|| UNIX.to_owned());
        self.networks.iter().map(ToString::to_string).chain(unix).collect()
    }

    /// By which header the client is named.
    #[must_use]
    pub fn header(&self) -> ClientHeader {
        self.header
    }
}
