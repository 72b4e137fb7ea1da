//! The simulator in the hands of a test.
//!
//! Owns starting, stopping and the handles to everything that runs in between. Read next: `world`,
//! `wire::listener`.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::apns::team::{ApnsKeyScope, ApnsTeam};
use crate::broken_connection::BrokenConnection;
use crate::certificates::Certificates;
use crate::config::SimulatorConfig;
use crate::devices::Death;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::fcm::accounts::Accounts;
use crate::host::Host;
use crate::push::Push;
use crate::record::Record;
use crate::rule::Rule;
use crate::start_error::StartError;
use crate::wire::listener::Listener;
use crate::world::World;

/// Running push services. Everything stops when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    core: Arc<Core>,
    tasks: JoinSet<()>,
}

/// What both the library and the control API work on.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) world: Arc<World>,
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) team: ApnsTeam,
    pub(crate) apns_production: Endpoint,
    pub(crate) apns_sandbox: Endpoint,
    pub(crate) fcm: Endpoint,
    pub(crate) control: Option<Endpoint>,
}

impl Simulator {
    /// Makes keys and certificates, listens everywhere, and starts to serve. Must be called within a tokio
    /// runtime.
    pub async fn start(config: SimulatorConfig) -> Result<Self, StartError> {
        let certificates = Arc::new(Certificates::generate()?);
        let production = Listener::bind(config.apns_production).await?;
        let sandbox = Listener::bind(config.apns_sandbox).await?;
        let fcm = Listener::bind(config.fcm).await?;
        let token = Listener::bind(config.token).await?;
        let control = if config.control { Some(Listener::bind(config.control_address).await?) } else { None };
        let token_url = format!("{}/token", Endpoint::new("https", token.address).url());
        let accounts = Accounts::new(token_url, config.service_account_key.as_deref())?;
        let world = Arc::new(World::new(config, accounts));
        let core = Arc::new(Core {
            team: world.teams.add_team()?,
            apns_production: Endpoint::new("https", production.address),
            apns_sandbox: Endpoint::new("https", sandbox.address),
            fcm: Endpoint::new("https", fcm.address),
            control: control.as_ref().map(|listener| Endpoint::new("http", listener.address)),
            world: Arc::clone(&world),
            certificates: Arc::clone(&certificates),
        });
        let mut tasks = JoinSet::new();
        let hosts = [
            (production, Host::ApnsProduction),
            (sandbox, Host::ApnsSandbox),
            (fcm, Host::Fcm),
            (token, Host::Token),
        ];
        for (listener, host) in hosts {
            tasks.spawn(listener.serve(Arc::clone(&world), host, Arc::clone(&certificates)));
        }
        if let Some(listener) = control {
            tasks.spawn(crate::control::serve(listener, Arc::clone(&core)));
        }
        Ok(Self { core, tasks })
    }

    /// Closes every listener and every connection, and waits until that is done.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }

    /// PEM of the CA that signed the certificates of all hosts (`localhost`, `127.0.0.1`, `::1`).
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.core.certificates.ca_pem
    }

    /// The APNs host of an environment.
    #[must_use]
    pub fn apns(&self, environment: Environment) -> &Endpoint {
        self.core.apns(environment)
    }

    /// Scheme, name and port of the FCM API; requests go to `/v1/projects/<project>/messages:send`.
    #[must_use]
    pub fn fcm_url(&self) -> &str {
        self.core.fcm.url()
    }

    /// The OAuth token endpoint, path included; also the audience of assertions.
    #[must_use]
    pub fn token_url(&self) -> &str {
        self.core.world.accounts.token_url()
    }

    /// Scheme, name and port of the control API, where it is served.
    #[must_use]
    pub fn control_url(&self) -> Option<&str> {
        self.core.control.as_ref().map(Endpoint::url)
    }

    /// The team that was made at the start, with a key that is good for all its topics in both environments.
    #[must_use]
    pub fn apns_team(&self) -> &ApnsTeam {
        &self.core.team
    }

    /// Another team with a key of its own.
    pub fn add_team(&self) -> Result<ApnsTeam, StartError> {
        Ok(self.core.world.teams.add_team()?)
    }

    /// Another key of a team, good for what its scope says.
    pub fn add_key(&self, team_id: &str, scope: ApnsKeyScope) -> Result<ApnsTeam, StartError> {
        Ok(self.core.world.teams.add_key(team_id, scope)?)
    }

    /// Revokes a signing key: no connection learns to trust it any more.
    ///
    /// # Panics
    /// For a key that this simulator does not have: the test is wrong then.
    pub fn revoke_key(&self, key_id: &str) {
        assert!(self.core.world.teams.revoke_key(key_id), "no team has this key");
    }

    /// Registers a bundle id for a team. Connections that are bound to the team already do not see it, as at
    /// Apple.
    pub fn add_topic(&self, team_id: &str, bundle_id: &str) {
        self.core.world.teams.add_topic(team_id, bundle_id);
    }

    /// The key file of a project's service account, whose `token_uri` is the simulator's. Makes the project
    /// known.
    #[must_use]
    pub fn service_account_json(&self, project: &str) -> String {
        self.core.world.accounts.key_file(project)
    }

    /// Makes every access token invalid, as when the account's key was deleted.
    pub fn revoke_access_tokens(&self) {
        self.core.world.accounts.revoke_all();
    }

    /// A new phone with an APNs token for a topic: a bundle id, with a suffix where the app's token is one of
    /// `PushKit` or the like. A bundle id that no team has yet is registered for the first team, and so is seen
    /// by connections that are bound later: make the devices of an app before the first push.
    #[must_use]
    pub fn apns_device(&self, topic: &str, environment: Environment) -> String {
        self.core.apns_device(topic, environment)
    }

    /// A new phone with a `PushKit` token of an app: its topic is the bundle id with `.voip`.
    #[must_use]
    pub fn voip_device(&self, bundle_id: &str, environment: Environment) -> String {
        self.core.apns_device(&format!("{bundle_id}.voip"), environment)
    }

    /// A new phone with a registration token of a Firebase project. Makes the project known.
    #[must_use]
    pub fn fcm_device(&self, project: &str) -> String {
        self.core.fcm_device(project)
    }

    /// What the phone got and is still kept, oldest first. Empty for an unknown token.
    #[must_use]
    pub fn inbox(&self, token: &str) -> Vec<Push> {
        self.core.world.devices.find(token).map(|device| device.pushes(0)).unwrap_or_default()
    }

    /// The first push numbered above `after`, waiting for it up to `timeout`. `None` at the end of that time,
    /// and at once for an unknown token.
    pub async fn next_push(&self, token: &str, after: usize, timeout: Duration) -> Option<Push> {
        let device = self.core.world.devices.find(token)?;
        tokio::time::timeout(timeout, device.next_push(after)).await.ok()
    }

    /// How many messages were accepted for a token, also where none are recorded.
    #[must_use]
    pub fn accepted(&self, token: &str) -> usize {
        self.core.world.devices.find(token).map_or(0, |device| device.accepted())
    }

    /// The app leaves the phone: APNs answers 410 `Unregistered` with this time (unix milliseconds), FCM
    /// `UNREGISTERED`.
    ///
    /// # Panics
    /// For a token that no device of this simulator has: the test is wrong then.
    pub fn unregister(&self, token: &str, at_ms: u64) {
        assert!(self.core.world.devices.kill(token, Death::Unregistered, at_ms), "no device has this token");
    }

    /// The phone gets another token: APNs answers 410 `ExpiredToken` with this time (unix milliseconds), FCM
    /// `UNREGISTERED`.
    ///
    /// # Panics
    /// For a token that no device of this simulator has: the test is wrong then.
    pub fn expire_token(&self, token: &str, at_ms: u64) {
        assert!(self.core.world.devices.kill(token, Death::Expired, at_ms), "no device has this token");
    }

    /// All recorded requests, oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.core.world.journal.records()
    }

    /// All recorded requests, oldest first, which are forgotten: for who runs for longer than can be kept. No request is
    /// in two such takings, and none in neither.
    #[must_use]
    pub fn take_records(&self) -> Vec<Record> {
        self.core.world.journal.take()
    }

    /// The connections that rules broke, in their order.
    #[must_use]
    pub fn broken_connections(&self) -> Vec<BrokenConnection> {
        self.core.world.journal.broken()
    }

    /// Forgets the recorded requests; inboxes stay.
    pub fn clear_records(&self) {
        self.core.world.journal.clear();
    }

    /// Adds a rule behind those in force.
    pub fn script(&self, rule: Rule) {
        self.core.world.script.add(rule);
    }

    /// The rules in force, with what is left of their counts.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.core.world.script.rules()
    }

    /// Forgets all rules.
    pub fn clear_script(&self) {
        self.core.world.script.clear();
    }

    /// Every open connection finishes what it has and closes: over HTTP/2 with GOAWAY and reason `Shutdown`.
    pub fn goaway_all(&self) {
        self.core.goaway_all("Shutdown");
    }
}

impl Core {
    pub(crate) fn apns(&self, environment: Environment) -> &Endpoint {
        match environment {
            Environment::Production => &self.apns_production,
            Environment::Sandbox => &self.apns_sandbox,
        }
    }

    pub(crate) fn apns_device(&self, topic: &str, environment: Environment) -> String {
        let bundle_id = crate::apns::bundle_id(topic);
        if !self.world.teams.has_topic(bundle_id) {
            self.world.teams.add_topic(&self.team.team_id, bundle_id);
        }
        self.world.devices.add_apns(topic, environment)
    }

    pub(crate) fn fcm_device(&self, project: &str) -> String {
        self.world.accounts.add_project(project);
        self.world.devices.add_fcm(project)
    }

    pub(crate) fn goaway_all(&self, reason: &str) {
        // An error says that no connection is open.
        let _nobody = self.world.farewells.send(reason.to_owned());
    }
}
