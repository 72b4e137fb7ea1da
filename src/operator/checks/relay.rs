//! The relay that runs, by what it says of itself.

use super::{Area, Finding};

/// Whether a relay runs with this config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelaySeen {
    /// None answers at the operator's socket.
    None,
    /// One may, and the socket cannot be opened; what the system says.
    Closed(String),
    /// One has the socket open, and does not answer.
    Silent,
    /// One runs, and says this of itself.
    Runs(RunningRelay),
}

impl RelaySeen {
    /// Whether there is one that must not be disturbed.
    pub(super) fn may_run(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// What `/readyz` of a running relay says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningRelay {
    /// Whether its store can be written: `usable`, or what is wrong.
    pub store: String,
    /// The credentials that a push service refuses.
    pub held: Vec<HeldCredential>,
    /// The certificates that it shows.
    pub certificates: Vec<ShownCertificate>,
    /// The hosts to which the operator's proxy opens no way.
    pub closed: Vec<ClosedWay>,
}

/// A certificate that a running relay shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCertificate {
    /// Where.
    pub listener: String,
    /// Until when; `None` where it has none yet.
    pub ends_at: Option<String>,
    /// Why a newer one cannot be used, or could not be had.
    pub problem: Option<String>,
}

/// A host to which the operator's proxy opens no way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedWay {
    /// The host.
    pub host: String,
    /// Why.
    pub reason: String,
}

/// A credential that a push service refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCredential {
    /// The app.
    pub app: String,
    /// The push service.
    pub push_service: String,
    /// Its name for it.
    pub reason: String,
}

pub(super) fn findings(socket: &str, seen: &RelaySeen) -> Vec<Finding> {
    let relay = match seen {
        RelaySeen::Runs(relay) => relay,
        RelaySeen::None => {
            return vec![Finding::skipped(Area::Relay, socket, "no relay runs with this config")];
        }
        RelaySeen::Silent => {
            return vec![
                Finding::failed(Area::Relay, socket, "a relay listens there and does not answer")
                    .mend("look at its log (`journalctl -u sealpush`); if it stays silent, restart it"),
            ];
        }
        RelaySeen::Closed(error) => {
            return vec![
                Finding::warning(
                    Area::Relay,
                    socket,
                    format!("whether a relay runs cannot be told ({error})"),
                )
                .mend("run this as the relay's user, for example with `sudo -u sealpush`"),
            ];
        }
    };
    let mut findings = vec![Finding::fine(Area::Relay, socket, "a relay runs and answers")];
    findings.push(if relay.store == "usable" {
        Finding::fine(Area::Relay, socket, "it can write its database")
    } else {
        Finding::failed(Area::Relay, socket, format!("it cannot use its database: {}", relay.store))
            .mend("free disk space, and see that the database's file and folder belong to the relay's user; it recovers by itself")
    });
    for held in &relay.held {
        let HeldCredential { app, push_service, reason } = held;
        let text =
            format!("is held: {push_service} refuses its credential ({reason}), and its deliveries wait");
        findings.push(
            Finding::failed(Area::Relay, format!("app {app}"), text)
                .mend("mend the credential; below is what the push service says now. It goes on by itself, or after a reload where the config changed"),
        );
    }
    findings.extend(relay.certificates.iter().filter_map(certificate));
    findings.extend(relay.closed.iter().map(|ClosedWay { host, reason }| {
        Finding::failed(Area::Relay, host, format!("the proxy of [egress] opens no way: {reason}"))
            .mend("see to the proxy; what waits goes out as soon as it opens the way")
    }));
    findings
}

/// What is wrong with a certificate that it shows, or shows not yet.
fn certificate(shown: &ShownCertificate) -> Option<Finding> {
    let subject = format!("certificate of {}", shown.listener);
    match (&shown.problem, &shown.ends_at) {
        (None, Some(_)) => None,
        (Some(problem), Some(ends_at)) => Some(
            Finding::warning(
                Area::Relay,
                subject,
                format!("a newer one cannot be used ({problem}); this one ends {ends_at}"),
            )
            .mend("mend the files, or let the authority reach port 443; the relay tries again by itself"),
        ),
        (problem, None) => Some(
            Finding::failed(
                Area::Relay,
                subject,
                format!("there is none yet: {}", problem.as_deref().unwrap_or("it is being ordered")),
            )
            .mend("the authority must reach this name at port 443; the relay asks it again by itself"),
        ),
    }
}
