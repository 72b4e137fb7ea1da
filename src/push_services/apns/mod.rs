//! Apple Push Notification service: one adapter for all apps that have credentials for it.
//!
//! Owns Apple's words. `request.rs` and `response.rs` are pure; this file joins them with provider tokens
//! and connections. Must not decide about repeating, but for the one remedy that Apple names.

mod authorization;
mod credentials;
mod request;
mod response;
mod team_key;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use bytes::Bytes;
pub use credentials::ApnsCredentialsError;
use request::Topics;
pub(super) use response::ANSWERS;
use team_key::{Environments, TeamKey, Way};

use super::answers::{Remedy, Signal};
use super::app_guard::AppGuard;
use super::breaker::{Guarded, Passage};
use super::http2::{Failure, Pool};
use super::tools::Tools;
use super::{CredentialStanding, CredentialState, Passing};
use crate::config::ApnsCredentials;
use crate::model::{AppId, AttemptOutcome, Environment, OutboundPush, Placeholder, PushService, Reason};

/// Every app's way to APNs.
#[derive(Default)]
pub(super) struct Apns {
    apps: HashMap<AppId, Arc<ApnsApp>>,
    keys: HashMap<KeyName, Arc<TeamKey>>,
}

/// Team id and key id.
type KeyName = (String, String);

struct ApnsApp {
    credentials: ApnsCredentials,
    placeholder: Placeholder,
    topics: Topics,
    environments: Vec<Environment>,
    key: Arc<TeamKey>,
    guards: Environments<AppGuard>,
}

impl Apns {
    /// Adds `app`. What `earlier` knows of the same app or the same key goes on.
    pub(super) fn add(
        &mut self,
        app: AppId,
        placeholder: Placeholder,
        credentials: &ApnsCredentials,
        tools: &Tools,
        earlier: Option<&Self>,
    ) -> Result<(), ApnsCredentialsError> {
        let pair = credentials::check(credentials)?;
        request::check_room(&placeholder)?;
        let guarded = |environment| Guarded {
            app: app.clone(),
            push_service: PushService::Apns,
            environment: Some(environment),
        };
        let name = (credentials.team_id.clone(), credentials.key_id.clone());
        let key = match self.keys.entry(name) {
            Entry::Occupied(known) if known.get().private_key_pem == credentials.private_key_pem => {
                Arc::clone(known.get())
            }
            Entry::Occupied(_) => return Err(ApnsCredentialsError::TwoKeysOfOneId),
            Entry::Vacant(unknown) => {
                // Apple counts provider tokens: a key that stays must not sign a new one for each reload.
                let known = earlier.and_then(|earlier| earlier.keys.get(unknown.key()));
                let known = known.filter(|known| known.private_key_pem == credentials.private_key_pem);
                let key = known
                    .cloned()
                    .unwrap_or_else(|| Arc::new(TeamKey::new(pair, credentials, guarded, tools)));
                Arc::clone(unknown.insert(key))
            }
        };
        let same = earlier.and_then(|earlier| earlier.apps.get(&app)).filter(|same| {
            same.credentials == *credentials
                && same.placeholder == placeholder
                && Arc::ptr_eq(&same.key, &key)
        });
        let here = same.cloned().unwrap_or_else(|| {
            let guards = Environments::each(|environment| AppGuard::new(guarded(environment), tools));
            Arc::new(ApnsApp::new(credentials, placeholder, key, guards))
        });
        self.apps.insert(app, here);
        Ok(())
    }

    /// One attempt.
    pub(super) async fn push(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        match self.apps.get(push.app) {
            Some(app) => app.push(push, tools).await,
            None => AttemptOutcome::Rejected { reason: Reason::ours("push_service_not_configured") },
        }
    }

    /// What stands before APNs for an app.
    pub(super) fn guard(&self, app: &AppId, environment: Option<Environment>) -> Option<&AppGuard> {
        Some(self.apps.get(app)?.guards.of(environment?))
    }

    /// Who of an app may go to this environment now. Of an app that APNs is not configured for, every delivery ends at
    /// once.
    pub(super) fn passing(&self, app: &AppId, environment: Option<Environment>) -> Passing {
        let Some((apns, environment)) = self.apps.get(app).zip(environment) else { return Passing::Free };
        apns.key.ways.of(environment).breaker.passing().min(apns.guards.of(environment).passing())
    }

    /// Each app's credential, in each environment that it is configured for.
    pub(super) fn states(&self) -> impl Iterator<Item = CredentialState> {
        self.apps.iter().flat_map(|(app, apns)| {
            apns.environments.iter().map(|environment| CredentialState {
                app: app.clone(),
                push_service: PushService::Apns,
                environment: Some(*environment),
                standing: apns.standing(*environment),
            })
        })
    }

    /// Lets an app's deliveries go again; how many ways were closed.
    pub(super) fn release(&self, app: &AppId) -> usize {
        let Some(app) = self.apps.get(app) else { return 0 };
        let ways = Environment::ALL.into_iter().filter(|environment| {
            let credential = app.key.ways.of(*environment).breaker.release();
            app.guards.of(*environment).breaker.release() || credential
        });
        ways.count()
    }

    /// All connections.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.keys.values().flat_map(|key| key.ways.all().map(|way| &way.pool))
    }
}

impl ApnsApp {
    fn new(
        credentials: &ApnsCredentials,
        placeholder: Placeholder,
        key: Arc<TeamKey>,
        guards: Environments<AppGuard>,
    ) -> Self {
        let credentials = credentials.clone();
        let (topics, environments) = (Topics::of(&credentials.topic), credentials.environments.clone());
        Self { credentials, placeholder, topics, environments, key, guards }
    }

    async fn push(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        let rejected = |reason| AttemptOutcome::Rejected { reason };
        let environment = match push.environment {
            Some(environment) if self.environments.contains(&environment) => environment,
            Some(_) => return rejected(Reason::ours("environment_not_configured")),
            None => return rejected(Reason::ours("environment_missing")),
        };
        let body = match request::body(push, &self.placeholder) {
            Ok(body) => body,
            Err(reason) => return rejected(reason),
        };
        let way = self.key.ways.of(environment);
        let guard = self.guards.of(environment);
        let passage = Passage::through_both(&way.breaker, &guard.breaker);
        let (passage, _place) = match passage.and_then(|passage| Ok((passage, guard.share.take()?))) {
            Ok(inside) => inside,
            Err(outcome) => return outcome,
        };
        let (outcome, signal) = self.exchange(push, &body, way, &passage, tools).await;
        match signal {
            // The key may well be for one environment only, and the other one was but a guess.
            Signal::CredentialRefused(_) | Signal::AppRefused(_) if push.on_trial => {}
            signal => passage.note(&signal),
        }
        self.only_configured(outcome, environment)
    }

    /// Sends until there is an answer for which nothing else is worth trying.
    async fn exchange(
        &self,
        push: &OutboundPush<'_>,
        body: &Bytes,
        way: &Way,
        passage: &Passage<'_>,
        tools: &Tools,
    ) -> (AttemptOutcome, Signal) {
        let pool = &way.pool;
        let failed = |failure: Failure| {
            let signal = Signal::from(&failure);
            (failure.into(), signal)
        };
        let (send_by, deadline) = tools.limits(push);
        let (mut repeated, mut remedied) = (false, false);
        loop {
            let slot = match pool.slot(send_by).await {
                Ok(slot) => slot,
                Err(failure) => return failed(failure),
            };
            // Whoever waited for the first answer on a connection need not hear the same refusal again, and who
            // was refused with many others need not try the remedy that was in vain for one of them.
            if let Some(outcome) = passage.closed_meanwhile() {
                return (outcome, Signal::Nothing);
            }
            if let Some(outcome) = tools.too_late(push) {
                return (outcome, Signal::Nothing);
            }
            let token = self.key.tokens.current();
            let head = request::head(push, pool.endpoint().authority(), &self.topics, token.header.clone());
            let answer = match slot.exchange(head, body.clone(), deadline).await {
                Ok(answer) => answer,
                // A connection that ends while a request is on its way to it is daily business.
                Err(Failure::NotProcessed(_)) if !repeated => {
                    repeated = true;
                    continue;
                }
                Err(failure) => return failed(failure),
            };
            let reading = response::read(answer.status, &answer.headers, &answer.body, tools.clock.now());
            if matches!(reading.signal, Signal::Accepted | Signal::Answered) {
                slot.prove();
            }
            let worth_while = !remedied
                && match reading.remedy {
                    Remedy::None => false,
                    Remedy::NewConnection => pool.replace(&slot),
                    Remedy::NewConnectionRarely => pool.replace_rarely(&slot),
                    Remedy::NewToken => {
                        let renewed = self.key.tokens.renew(&token);
                        pool.replace(&slot) || renewed
                    }
                };
            if !worth_while {
                return (reading.outcome, reading.signal);
            }
            remedied = true;
        }
    }

    /// Whether the app's notifications get through in `environment`.
    fn standing(&self, environment: Environment) -> CredentialStanding {
        let app = self.guards.of(environment).breaker.standing();
        match self.key.ways.of(environment).breaker.standing() {
            // Another app's use of the same key proves nothing about this one.
            CredentialStanding::Unused | CredentialStanding::Usable => app,
            credential => credential.and(app),
        }
    }

    /// The other environment is worth an attempt only where the key is for it.
    fn only_configured(&self, outcome: AttemptOutcome, environment: Environment) -> AttemptOutcome {
        match outcome {
            AttemptOutcome::TokenNotForApp { reason, try_other_environment } => {
                let is_configured = self.environments.contains(&environment.other());
                let try_other_environment = try_other_environment && is_configured;
                AttemptOutcome::TokenNotForApp { reason, try_other_environment }
            }
            other => other,
        }
    }
}
