//! What all apps under one key of a team share.
//!
//! Apple counts provider tokens per team, and a connection is bound to the team, key and environment of its
//! first push ("Establishing a token-based connection to APNs").

use std::sync::Arc;

use aws_lc_rs::signature::EcdsaKeyPair;

use super::authorization::ProviderTokens;
use crate::base::Secret;
use crate::config::ApnsCredentials;
use crate::model::Environment;
use crate::push_services::HOUR;
use crate::push_services::breaker::{Breaker, Guarded};
use crate::push_services::http2::{Pool, Rules};
use crate::push_services::tools::Tools;

/// One key of one team: its provider tokens, and its way to each environment.
pub(super) struct TeamKey {
    /// The key as it was given, so that another under the same id is noticed.
    pub(super) private_key_pem: Secret<String>,
    /// Makes provider tokens.
    pub(super) tokens: ProviderTokens,
    /// Connections and breaker of each environment.
    pub(super) ways: Environments<Way>,
}

/// The way to APNs in one environment.
pub(super) struct Way {
    /// The connections.
    pub(super) pool: Pool,
    /// Stops what the key's refusal would meet.
    pub(super) breaker: Breaker,
}

/// One of something for each environment.
pub(super) struct Environments<T> {
    production: T,
    sandbox: T,
}

impl TeamKey {
    /// A key whose credentials were checked.
    pub(super) fn new(
        pair: EcdsaKeyPair,
        credentials: &ApnsCredentials,
        guarded: impl Fn(Environment) -> Guarded,
        tools: &Tools,
    ) -> Self {
        let (team_id, key_id) = (credentials.team_id.clone(), credentials.key_id.clone());
        let tokens =
            ProviderTokens::new(pair, team_id, key_id, (Arc::clone(&tools.clock), Arc::clone(&tools.tokens)));
        // Apple: a connection may be pinged after an hour without traffic, not sooner.
        let rules = Rules { idle_ping: HOUR, ..Rules::default() };
        let ways = Environments::each(|environment| {
            let endpoint = match environment {
                Environment::Production => &tools.endpoints.apns_production,
                Environment::Sandbox => &tools.endpoints.apns_sandbox,
            };
            let breaker = Breaker::new(guarded(environment), &tools.clock, &tools.entropy);
            Way { pool: tools.pool(endpoint, rules.clone()), breaker }
        });
        Self { private_key_pem: credentials.private_key_pem.clone(), tokens, ways }
    }
}

impl<T> Environments<T> {
    /// One of each.
    pub(super) fn each(make: impl Fn(Environment) -> T) -> Self {
        Self { production: make(Environment::Production), sandbox: make(Environment::Sandbox) }
    }

    /// That of `environment`.
    pub(super) fn of(&self, environment: Environment) -> &T {
        match environment {
            Environment::Production => &self.production,
            Environment::Sandbox => &self.sandbox,
        }
    }

    /// Both.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        [&self.production, &self.sandbox].into_iter()
    }
}
