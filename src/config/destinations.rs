//! Every host and port that a relay with this config can reach: one list, for firewall rules, for `check`, and
//! for the test that compares it with what a relay really opens.

use std::fmt;
use std::fs;
use std::net::IpAddr;

use http::Uri;

use super::{Config, Tls, TlsCertificate};
use crate::model::{AppId, Environment};

/// Where resolver(3) finds name servers.
const RESOLVERS: &str = "/etc/resolv.conf";
const HTTPS: u16 = 443;
const DNS: u16 = 53;

/// A host and port that a relay can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The host: a name, or an address (IPv6 without brackets).
    pub host: String,
    /// The port.
    pub port: u16,
    /// What for.
    pub purpose: Purpose,
    /// The apps that need it.
    pub apps: Vec<AppId>,
}

/// What a destination is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Pushes to APNs.
    Apns(Environment),
    /// Pushes to FCM.
    Fcm,
    /// Access tokens for FCM.
    FcmToken,
    /// The operator's proxy, by which every push service is reached.
    Proxy,
    /// The authority of which the relay orders its certificate.
    Acme,
    /// The relay's own address, which `sealpush check` alone asks, to see whether senders get through.
    OwnAddress,
    /// The system's name server (UDP and TCP).
    Resolver,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apns(Environment::Production) => "APNs",
            Self::Apns(Environment::Sandbox) => "APNs sandbox",
            Self::Fcm => "FCM",
            Self::FcmToken => "FCM access tokens",
            Self::Proxy => "the proxy to all push services",
            Self::Acme => "the relay's certificate (ACME)",
            Self::OwnAddress => "this relay's public address (sealpush check alone)",
            Self::Resolver => "names",
        })
    }
}

impl Destination {
    /// Whether its host is a name, which has to be resolved.
    #[must_use]
    pub fn has_name(&self) -> bool {
        self.host.parse::<IpAddr>().is_err()
    }

    /// `https://host:port`.
    #[must_use]
    pub fn url(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("https://{host}:{}", self.port)
    }
}

impl Config {
    /// Every host and port that the relay, and `sealpush check`, can reach under this config. There is no other
    /// place from which one could come.
    #[must_use]
    pub fn destinations(&self) -> Vec<Destination> {
        // Through a proxy, the proxy is all that is reached: it resolves the names, too.
        let mut list = match &self.egress.proxy {
            None => self.push_destinations(),
            Some(proxy) => {
                let apps = self.apps.iter().map(|one| one.app.id.clone()).collect();
                let (host, port) = (proxy.host.clone(), proxy.port);
                vec![Destination { host, port, purpose: Purpose::Proxy, apps }]
            }
        };
        for listen in &self.listen {
            if let Some(Tls { certificate: TlsCertificate::Acme(acme), .. }) = &listen.tls {
                add(&mut list, &acme.directory, Purpose::Acme, None);
            }
        }
        if let Some(url) = &self.relay.public_url {
            add(&mut list, url, Purpose::OwnAddress, None);
        }
        if list.iter().any(Destination::has_name) {
            list.extend(resolvers(&fs::read_to_string(RESOLVERS).unwrap_or_default()));
        }
        list
    }

    /// Those of the push services: the way of every push.
    #[must_use]
    pub fn push_destinations(&self) -> Vec<Destination> {
        let mut list = Vec::new();
        let addresses = &self.push_services;
        for one in &self.apps {
            let app = Some(&one.app.id);
            for environment in one.apns.iter().flat_map(|apns| &apns.environments) {
                let url = match environment {
                    Environment::Production => &addresses.apns_production,
                    Environment::Sandbox => &addresses.apns_sandbox,
                };
                add(&mut list, url, Purpose::Apns(*environment), app);
            }
            if let Some(fcm) = &one.fcm {
                add(&mut list, &fcm.token_uri, Purpose::FcmToken, app);
                add(&mut list, &addresses.fcm, Purpose::Fcm, app);
            }
        }
        list
    }
}

/// Adds the host of a URL, or the app to what is there already. Every URL of a config was checked when it was
/// read.
fn add(list: &mut Vec<Destination>, url: &str, purpose: Purpose, app: Option<&AppId>) {
    let Ok(uri) = url.parse::<Uri>() else { return };
    let Some(authority) = uri.authority() else { return };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = authority.port_u16().unwrap_or(HTTPS);
    let known = list.iter_mut().find(|one| one.host == host && one.port == port && one.purpose == purpose);
    match known {
        Some(known) => known.apps.extend(app.cloned()),
        None => list.push(Destination { host, port, purpose, apps: app.cloned().into_iter().collect() }),
    }
}

/// resolv.conf(5). Without a name server there, the one on this machine is asked.
fn resolvers(text: &str) -> Vec<Destination> {
    let named = text.lines().filter_map(|line| line.strip_prefix("nameserver")?.split_whitespace().next());
    let mut hosts: Vec<String> =
        named.map(|host| host.split('%').next().unwrap_or(host).to_owned()).collect();
    if hosts.is_empty() {
        hosts.push("127.0.0.1".to_owned());
    }
    let of = |host| Destination { host, port: DNS, purpose: Purpose::Resolver, apps: Vec::new() };
    hosts.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_name_servers_are_read() {
        let text =
            "# nameserver 9.9.9.9\nsearch example.org\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\n";
        let hosts: Vec<_> = resolvers(text).into_iter().map(|one| (one.host, one.port)).collect();
        assert_eq!(hosts, [("192.0.2.1".to_owned(), 53), ("fe80::1".to_owned(), 53)]);
        assert_eq!(resolvers("")[0].host, "127.0.0.1");
    }
}
