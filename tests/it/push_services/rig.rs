//! Push services of the relay, wired to a simulator; both go by one clock that the test sets.

use std::sync::Arc;
use std::time::Duration;

use push_simulator::{Clock, Environment as SimulatedEnvironment, Host, Rule, Simulator, SimulatorConfig};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sealpush::base::{Clock as _, ManualClock, OsEntropy, Secret, UnixMillis};
use sealpush::config::{ApnsCredentials, FcmCredentials};
use sealpush::model::{AttemptOutcome, Environment, Placeholder, PushService};
use sealpush::push_services::{
    AppCredentials, CredentialStanding, Endpoints, PushServices, PushSettings, TlsRoots,
};

use super::outbound::Outbound;

pub(crate) const TOPIC: &str = "org.example.chat";
pub(crate) const PROJECT: &str = "chat-example";
/// 2025-11-21T00:00:00Z.
pub(crate) const START: UnixMillis = UnixMillis(1_763_683_200_000);

pub(super) struct Rig {
    pub(super) simulator: Simulator,
    pub(super) services: Arc<PushServices>,
    pub(super) clock: Arc<ManualClock>,
}

impl Rig {
    pub(super) async fn start() -> Self {
        Self::with(SimulatorConfig::default(), Duration::from_secs(20)).await
    }

    /// A simulator of `config`'s kind, and pushes that end within `limit`.
    pub(super) async fn with(config: SimulatorConfig, limit: Duration) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let shared = Arc::clone(&clock);
        let simulated = Clock::from_fn(move || u64::try_from(shared.now().0).unwrap());
        let simulator = Simulator::start(SimulatorConfig { clock: simulated, ..config }).await.unwrap();
        let settings = PushSettings { request_limit: limit, ..settings_for(&simulator) };
        let services = services_with(&simulator, settings, &clock);
        Self { simulator, services, clock }
    }

    /// An alert to a new phone.
    pub(super) fn outbound(&self, push_service: PushService) -> Outbound {
        let token = match push_service {
            PushService::Apns => self.simulator.apns_device(TOPIC, SimulatedEnvironment::Production),
            PushService::Fcm => self.simulator.fcm_device(PROJECT),
        };
        Outbound::alert(push_service, &token, self.clock.now())
    }

    pub(super) fn voip(&self) -> Outbound {
        let token = self.simulator.voip_device(TOPIC, SimulatedEnvironment::Production);
        Outbound::alert(PushService::Apns, &token, self.clock.now()).voip()
    }

    pub(super) async fn push(&self, outbound: &Outbound) -> AttemptOutcome {
        self.services.push(outbound.as_push()).await
    }

    /// Pushes an alert to a new phone of `push_service` after `rule` was added.
    pub(super) async fn push_under(&self, push_service: PushService, rule: Rule) -> AttemptOutcome {
        self.simulator.script(rule);
        self.push(&self.outbound(push_service)).await
    }

    /// The different values of the header `authorization` that push services saw, in the order of arrival.
    pub(super) fn authorizations(&self) -> Vec<String> {
        let mut seen = Vec::new();
        for record in self.simulator.records() {
            if let Some(value) = record.header("authorization").map(str::to_owned)
                && !seen.contains(&value)
            {
                seen.push(value);
            }
        }
        seen
    }

    /// The different connections on which requests came to APNs or FCM.
    pub(super) fn connections(&self) -> usize {
        let records = self.simulator.records();
        let pushes = records.iter().filter(|record| record.host != Host::Token);
        pushes.map(|record| record.connection).collect::<std::collections::HashSet<_>>().len()
    }

    pub(super) fn token_exchanges(&self) -> usize {
        self.simulator.records().iter().filter(|record| record.host == Host::Token).count()
    }

    pub(super) fn standing(&self, push_service: PushService) -> CredentialStanding {
        let states = self.services.credential_states();
        states.into_iter().find(|state| state.push_service == push_service).unwrap().standing
    }
}

pub(crate) fn settings_for(simulator: &Simulator) -> PushSettings {
    let roots = CertificateDer::pem_slice_iter(simulator.ca_pem().as_bytes()).map(Result::unwrap);
    PushSettings {
        endpoints: Endpoints {
            apns_production: simulator.apns(SimulatedEnvironment::Production).url().parse().unwrap(),
            apns_sandbox: simulator.apns(SimulatedEnvironment::Sandbox).url().parse().unwrap(),
            fcm: simulator.fcm_url().parse().unwrap(),
        },
        roots: TlsRoots::Only(roots.collect()),
        ..PushSettings::default()
    }
}

pub(super) fn services_with(
    simulator: &Simulator,
    settings: PushSettings,
    clock: &Arc<ManualClock>,
) -> Arc<PushServices> {
    let app = AppCredentials {
        app: "chat".parse().unwrap(),
        placeholder: Placeholder::default(),
        apns: Some(apns_credentials(simulator)),
        fcm: Some(fcm_credentials(simulator)),
    };
    Arc::new(PushServices::new(vec![app], settings, clock.clone(), Arc::new(OsEntropy)).unwrap())
}

pub(crate) fn apns_credentials(simulator: &Simulator) -> ApnsCredentials {
    let team = simulator.apns_team();
    ApnsCredentials {
        team_id: team.team_id.clone(),
        key_id: team.key_id.clone(),
        private_key_pem: Secret::new(team.private_key_p8.clone()),
        topic: TOPIC.to_owned(),
        environments: Environment::ALL.to_vec(),
    }
}

pub(crate) fn fcm_credentials(simulator: &Simulator) -> FcmCredentials {
    let account: serde_json::Value = serde_json::from_str(&simulator.service_account_json(PROJECT)).unwrap();
    let member = |name: &str| account[name].as_str().unwrap().to_owned();
    FcmCredentials {
        project_id: member("project_id"),
        client_email: member("client_email"),
        private_key_id: member("private_key_id"),
        private_key_pem: Secret::new(member("private_key")),
        token_uri: member("token_uri"),
    }
}
