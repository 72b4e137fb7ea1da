//! Apple Push Notification service: one adapter for all apps that have credentials for it.
//!
//! Owns Apple's words. `request.rs` and `response.rs` are pure; this file joins them with provider tokens
//! and connections. Must not decide about repeating, but for the one remedy that Apple names.

mod authorization;
mod credentials;
mod request;
mod response;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use authorization::ProviderTokens;
use aws_lc_rs::signature::EcdsaKeyPair;
pub use credentials::ApnsCredentialsError;
use request::Topics;
use response::Remedy;

use super::credential_state::{CredentialStanding, StandingBook, proves_credential};
use super::http2::{Failure, Pool, Rules};
use super::tools::Tools;
use crate::base::Secret;
use crate::config::ApnsCredentials;
use crate::model::{AppId, AttemptOutcome, Environment, OutboundPush, Placeholder, Reason};

/// Every app's way to APNs.
#[derive(Default)]
pub(super) struct Apns {
    apps: HashMap<AppId, Arc<ApnsApp>>,
    keys: HashMap<KeyName, Arc<TeamKey>>,
}

/// Team id and key id.
type KeyName = (String, String);

/// What all apps under one key share: Apple counts provider tokens per team, and a connection is bound to
/// the team, key and environment of its first push.
struct TeamKey {
    private_key_pem: Secret<String>,
    tokens: ProviderTokens,
    production: Pool,
    sandbox: Pool,
}

struct ApnsApp {
    credentials: ApnsCredentials,
    placeholder: Placeholder,
    topics: Topics,
    environments: Vec<Environment>,
    key: Arc<TeamKey>,
    standing: StandingBook,
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
                let key = known.cloned().unwrap_or_else(|| Arc::new(TeamKey::new(credentials, pair, tools)));
                Arc::clone(unknown.insert(key))
            }
        };
        let same = earlier.and_then(|earlier| earlier.apps.get(&app)).filter(|same| {
            same.credentials == *credentials
                && same.placeholder == placeholder
                && Arc::ptr_eq(&same.key, &key)
        });
        let here = same.cloned().unwrap_or_else(|| Arc::new(ApnsApp::new(credentials, placeholder, key)));
        self.apps.insert(app, here);
        Ok(())
    }

    /// One attempt.
    pub(super) async fn push(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        let Some(app) = self.apps.get(push.app) else {
            return AttemptOutcome::Rejected { reason: Reason::ours("push_service_not_configured") };
        };
        let outcome = app.push(push, tools).await;
        app.standing.note(&outcome, tools.clock.as_ref());
        outcome
    }

    /// Each app's credential.
    pub(super) fn standings(&self) -> impl Iterator<Item = (&AppId, CredentialStanding)> {
        self.apps.iter().map(|(app, apns)| (app, apns.standing.read()))
    }

    /// All connections.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.keys.values().flat_map(|key| [&key.production, &key.sandbox])
    }
}

impl ApnsApp {
    fn new(credentials: &ApnsCredentials, placeholder: Placeholder, key: Arc<TeamKey>) -> Self {
        let credentials = credentials.clone();
        let (topics, environments) = (Topics::of(&credentials.topic), credentials.environments.clone());
        Self { credentials, placeholder, topics, environments, key, standing: StandingBook::unused() }
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
        let pool = self.key.pool(environment);
        let (send_by, deadline) = tools.limits(push);
        let known = self.standing.read();
        let (mut repeated, mut remedied) = (false, false);
        loop {
            let slot = match pool.slot(send_by).await {
                Ok(slot) => slot,
                Err(failure) => return failure.into(),
            };
            // Whoever waited for the first answer on a connection need not hear the same refusal again.
            if let Some(reason) = self.standing.held_since_then(&known).filter(|_| !remedied) {
                return AttemptOutcome::AppHeld { reason };
            }
            if let Some(outcome) = tools.too_late(push) {
                return outcome;
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
                Err(failure) => return failure.into(),
            };
            let reading = response::read(answer.status, &answer.body);
            if proves_credential(&reading.outcome) {
                slot.prove();
            }
            let worth_while = !remedied
                && match reading.remedy {
                    Remedy::None => false,
                    Remedy::Reconnect => pool.replace(&slot),
                    Remedy::ReconnectRarely => pool.replace_rarely(&slot),
                    Remedy::RenewToken => {
                        let renewed = self.key.tokens.renew(&token);
                        pool.replace(&slot) || renewed
                    }
                };
            if !worth_while {
                return self.only_configured(reading.outcome, environment);
            }
            remedied = true;
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

impl TeamKey {
    fn new(credentials: &ApnsCredentials, pair: EcdsaKeyPair, tools: &Tools) -> Self {
        let (team, key) = (credentials.team_id.clone(), credentials.key_id.clone());
        let tokens = ProviderTokens::new(pair, team, key, Arc::clone(&tools.clock));
        // Apple: a connection may be pinged after an hour without traffic, not sooner.
        let rules = Rules { idle_ping: super::HOUR, ..Rules::default() };
        let pool = |endpoint: &super::Endpoint| tools.pool(endpoint, rules.clone());
        let endpoints = &tools.endpoints;
        let (production, sandbox) = (pool(&endpoints.apns_production), pool(&endpoints.apns_sandbox));
        Self { private_key_pem: credentials.private_key_pem.clone(), tokens, production, sandbox }
    }

    fn pool(&self, environment: Environment) -> &Pool {
        match environment {
            Environment::Production => &self.production,
            Environment::Sandbox => &self.sandbox,
        }
    }
}
