//! The way to a host, hop by hop.

use super::{Area, Finding};
use crate::config::{Destination, Purpose};
use crate::push_services::{CertificateFault, Hop, Reached, Unreached};

/// The host and port of a destination, as findings name it.
pub(super) fn name(destination: &Destination) -> String {
    format!("{}:{}", destination.host, destination.port)
}

/// What became of the way to a push service.
pub(super) fn to_push_service(destination: &Destination, way: &Result<Reached, Unreached>) -> Finding {
    let (subject, purpose) = (name(destination), destination.purpose);
    match way {
        Ok(_) => Finding::fine(Area::Network, subject, format!("answers ({purpose})")),
        Err(why) => Finding::failed(Area::Network, subject, format!("{why} ({purpose})"))
            .at(why.hop())
            .mend(mend(why, destination)),
    }
}

/// What became of the way to the relay's own public address. From inside, it need not be open.
pub(super) fn to_ourselves(
    destination: &Destination,
    way: &Result<Reached, Unreached>,
    runs: bool,
) -> Finding {
    let (subject, purpose) = (name(destination), destination.purpose);
    match way {
        Ok(Reached { status: 200, .. }) => {
            Finding::fine(Area::Network, subject, format!("the relay answers ({purpose})"))
        }
        Ok(Reached { status, .. }) => {
            let text = format!("answers {status} in place of the relay ({purpose})");
            let found = if runs { Finding::failed } else { Finding::warning };
            found(Area::Network, subject, text).at(Hop::Http).mend(
                "let the reverse proxy pass every path to an address of [listen]; 502 and 504 say that it does not reach the relay",
            )
        }
        Err(why) => {
            let firm = matches!(
                why,
                Unreached::Certificate(
                    CertificateFault::Expired | CertificateFault::NotYetValid | CertificateFault::WrongName
                )
            );
            let found = if firm { Finding::failed } else { Finding::warning };
            let text = format!("{why}, asked from here ({purpose})");
            found(Area::Network, subject, text).at(why.hop()).mend(
                "ask from another network before you worry: `curl -v https://…/v1/relay`. A name needs a record, a firewall an opening, a proxy a certificate for this name",
            )
        }
    }
}

fn mend(why: &Unreached, destination: &Destination) -> String {
    let Destination { host, port, purpose, .. } = destination;
    match why {
        Unreached::Name if matches!(purpose, Purpose::Resolver) => "see /etc/resolv.conf".to_owned(),
        Unreached::Name => format!("`getent ahosts {host}` must give an address: see /etc/resolv.conf, the name, and a firewall that stops DNS"),
        Unreached::Connect(_) => {
            format!("let this machine open TCP connections to {host}, port {port}; `sealpush check --network` prints all rules")
        }
        Unreached::Slow => {
            format!("a firewall drops what goes to {host}, port {port}; `sealpush check --network` prints all rules")
        }
        Unreached::ProxyUnreachable => "see egress.proxy, and whether this machine may open connections to it".to_owned(),
        Unreached::ProxyCredentials => "egress.proxy_credentials_file must hold the `user:password` that the proxy knows".to_owned(),
        Unreached::ProxyRefused(_) => format!("let the proxy open tunnels (CONNECT) to {host}, port {port}"),
        Unreached::ProxyBroken => "egress.proxy must be a proxy that opens tunnels by HTTP CONNECT, on its plain HTTP port".to_owned(),
        Unreached::Certificate(CertificateFault::Expired | CertificateFault::NotYetValid) => {
            "set this machine's clock; if it is right, somebody stands in the way and shows a certificate of another time".to_owned()
        }
        Unreached::Certificate(CertificateFault::WrongName) => {
            "somebody else answers there: correct the address in [push_services], or the DNS or firewall that sends you elsewhere".to_owned()
        }
        Unreached::Certificate(CertificateFault::UnknownAuthority) => {
            "a firewall that inspects TLS? Let push services pass, or name its authority in push_services.ca_file; without one, take ca_file out".to_owned()
        }
        Unreached::Certificate(CertificateFault::Other) | Unreached::Tls(_) => {
            format!("`openssl s_client -connect {host}:{port}` shows more; something between here and there speaks no TLS")
        }
        Unreached::Protocol => "something between here and there takes HTTP/2 away: let push services pass unchanged".to_owned(),
        Unreached::NoAnswer => "try again; if it stays so, something between here and there swallows requests".to_owned(),
    }
}
