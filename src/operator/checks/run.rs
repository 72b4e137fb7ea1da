//! Everything in its order, told as it is found.

use std::sync::Arc;

use futures_util::future::join_all;

use super::clock::Compared;
use super::credential::Asked;
use super::{Area, Finding, RelaySeen};
use super::{
    certificate, clock, config, database, disk, key_files, listeners, registration_keys, relay, way,
};
use crate::base::{Clock, Entropy};
use crate::config::{Config, ConfigError, Destination, Purpose};
use crate::model::{Environment, PushService};
use crate::push_services::{
    AppCredentials, Endpoint, Proof, PushServices, PushSettings, Reached, Speaks, TlsRoots, Unreached,
};

/// What `sealpush check` looks at.
pub struct Checks<'a> {
    /// The config, which could be read.
    pub config: &'a Config,
    /// The relay that runs with it, if one does.
    pub relay: RelaySeen,
    /// Whether other hosts are left alone.
    pub offline: bool,
    /// This machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// What the caller is told while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// This takes a while.
    Begun(String),
    /// This was found.
    Found(Finding),
}

/// A host that was gone to, and what came of it.
struct Gone<'a> {
    destination: &'a Destination,
    way: Result<Reached, Unreached>,
    ours: crate::base::UnixMillis,
}

impl Checks<'_> {
    /// The finding about a config that cannot be used; nothing else can then be looked at.
    #[must_use]
    pub fn refused(error: &ConfigError) -> Finding {
        config::refused(error)
    }

    /// Looks at everything.
    pub async fn run(&self, tell: &mut (dyn FnMut(Step) + Send)) {
        let mut all = |findings: Vec<Finding>| findings.into_iter().for_each(|one| tell(Step::Found(one)));
        let (config, runs) = (self.config, self.relay.may_run());
        all(config::findings(config));
        all(key_files::findings(config));
        all(registration_keys::findings(config, self.clock.now()));
        all(vec![disk::finding(config)]);
        all(relay::findings(&config.operator.socket.display().to_string(), &self.relay));
        if !runs {
            all(listeners::findings(config));
        }
        all(certificate::findings(config, self.clock.now()));
        tell(Step::Begun("reading the database".to_owned()));
        database::findings(config, runs).await.into_iter().for_each(|one| tell(Step::Found(one)));
        if self.offline {
            let text =
                "push services were not asked (--offline): the way to them, the clock, and credentials";
            return tell(Step::Found(Finding::skipped(Area::Network, "other hosts", text)));
        }
        match self.push_services() {
            Ok(push_services) => self.ask(&push_services, tell).await,
            Err(finding) => tell(Step::Found(finding)),
        }
        self.ask_ourselves(tell).await;
    }

    fn push_services(&self) -> Result<PushServices, Finding> {
        let failed = |text: String| Finding::failed(Area::Config, "push services", text);
        let settings =
            PushSettings::try_from(&self.config.push_services).map_err(|error| failed(error.to_string()))?;
        let settings = PushSettings { egress: self.config.egress.clone(), ..settings };
        self.with(settings, self.config.apps.iter().map(AppCredentials::from).collect())
            .map_err(|error| failed(error.to_string()))
    }

    fn with(
        &self,
        settings: PushSettings,
        apps: Vec<AppCredentials>,
    ) -> Result<PushServices, crate::push_services::PushServicesError> {
        PushServices::new(apps, settings, Arc::clone(&self.clock), Arc::clone(&self.entropy))
    }

    /// The way to each push service first, then what it says of each credential.
    async fn ask(&self, push_services: &PushServices, tell: &mut (dyn FnMut(Step) + Send)) {
        let destinations = self.config.push_destinations();
        let names: Vec<_> = destinations.iter().map(way::name).collect();
        if !names.is_empty() {
            tell(Step::Begun(format!("asking {}", names.join(", "))));
        }
        let gone = join_all(destinations.iter().map(|one| self.go(push_services, one, "/"))).await;
        for one in &gone {
            tell(Step::Found(way::to_push_service(one.destination, &one.way)));
        }
        let reached =
            |purpose: Purpose| gone.iter().any(|one| one.destination.purpose == purpose && one.way.is_ok());
        let asked: Vec<_> = self.config.apps.iter().flat_map(Asked::of).collect();
        let is_reached = |asked: &Asked<'_>| match asked.push_service {
            PushService::Apns => reached(Purpose::Apns(asked.environment.unwrap_or(Environment::Production))),
            PushService::Fcm => reached(Purpose::Fcm) && reached(Purpose::FcmToken),
        };
        if asked.iter().any(is_reached) {
            tell(Step::Begun("asking about credentials".to_owned()));
        }
        let proofs = join_all(asked.iter().map(async |one| {
            if is_reached(one) {
                Some(push_services.prove(&one.app.app.id, one.push_service, one.environment).await)
            } else {
                None
            }
        }))
        .await;
        let taken = asked.iter().zip(&proofs);
        let taken = taken
            .filter(|(one, _)| one.push_service == PushService::Apns)
            .any(|(_, proof)| *proof == Some(Proof::Taken));
        if !gone.is_empty() {
            let compared: Vec<_> = gone.iter().filter_map(Gone::compared).collect();
            tell(Step::Found(clock::finding(&compared, taken)));
        }
        for (one, proof) in asked.iter().zip(&proofs) {
            tell(Step::Found(proof.as_ref().map_or_else(|| one.unasked(), |proof| one.finding(proof))));
        }
    }

    /// Whether senders get through, as far as that can be seen from here.
    async fn ask_ourselves(&self, tell: &mut (dyn FnMut(Step) + Send)) {
        let destinations = self.config.destinations();
        let Some(own) = destinations.iter().find(|one| one.purpose == Purpose::OwnAddress) else { return };
        // Public roots: those that a sender has.
        let settings = PushSettings { roots: TlsRoots::WebPki, ..PushSettings::default() };
        let Ok(without_apps) = self.with(settings, Vec::new()) else { return };
        tell(Step::Begun(format!("asking {}", way::name(own))));
        let url = self.config.relay.public_url.as_deref().unwrap_or_default();
        let base = url.parse::<http::Uri>().map(|uri| uri.path().trim_end_matches('/').to_owned());
        let path = format!("{}/v1/relay", base.unwrap_or_default());
        let gone = self.go(&without_apps, own, &path).await;
        tell(Step::Found(way::to_ourselves(own, &gone.way, self.relay.may_run())));
    }

    async fn go<'a>(
        &self,
        push_services: &PushServices,
        destination: &'a Destination,
        path: &str,
    ) -> Gone<'a> {
        let speaks = match destination.purpose {
            Purpose::Apns(_) | Purpose::Fcm => Speaks::Http2,
            Purpose::FcmToken | Purpose::Proxy | Purpose::Acme | Purpose::OwnAddress | Purpose::Resolver => {
                Speaks::Http1
            }
        };
        let way = match destination.url().parse::<Endpoint>() {
            Ok(endpoint) => push_services.reach(&endpoint, speaks, path).await,
            Err(_) => Err(Unreached::Name),
        };
        Gone { destination, way, ours: self.clock.now() }
    }
}

impl Gone<'_> {
    fn compared(&self) -> Option<Compared> {
        let theirs = self.way.as_ref().ok()?.date?;
        Some(Compared { host: way::name(self.destination), theirs, ours: self.ours })
    }
}
