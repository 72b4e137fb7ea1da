//! What an APNs connection remembers of the provider tokens it has seen.
//!
//! Owns the rules that hold for a connection and not for a single request: its first push binds it to a team,
//! an environment, a family of keys and the bundle ids of that moment; provider tokens may not change too
//! often; a token that was too old spoils the connection. Read next: `provider_token`, `judge`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::apns::provider_token::ProviderToken;
use crate::apns::reason::Reason;
use crate::apns::teams::{SigningKey, Teams};
use crate::environment::Environment;

/// How many proven tokens a connection remembers: the one in use and the one before.
const REMEMBERED: usize = 2;

/// The memory of one connection.
#[derive(Debug, Default)]
pub(crate) struct Binding {
    /// Newest last. Each was verified once; a signature is not worth checking for every request again.
    proven: Vec<(String, ProviderToken)>,
    last_update_seconds: u64,
    spoiled: bool,
    bound: Option<Bound>,
}

#[derive(Clone, Debug)]
struct Bound {
    key: Arc<SigningKey>,
    topics: Arc<HashSet<String>>,
}

/// Who is pushing, as far as the provider token says.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    key: Arc<SigningKey>,
    topics: Arc<HashSet<String>>,
}

impl Authority {
    /// Whether this key may push to an app with this bundle id.
    pub(crate) fn may_push_to(&self, bundle_id: &str) -> bool {
        let listed = |topics: &Vec<String>| topics.iter().any(|topic| topic == bundle_id);
        self.topics.contains(bundle_id) && self.key.scope.topics.as_ref().is_none_or(listed)
    }
}

/// What the rules of a connection are measured against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) teams: &'a Teams,
    pub(crate) environment: Environment,
    pub(crate) now_seconds: u64,
    pub(crate) token_gap_seconds: u64,
}

impl Binding {
    /// Accepts or refuses the provider token of a request.
    pub(crate) fn admit(&mut self, token: &str, around: Surroundings<'_>) -> Result<Authority, Reason> {
        // Seen in the field: a connection that was once told "expired" answers so for ever, even to a fresh
        // token.
        if self.spoiled {
            return Err(Reason::ExpiredProviderToken);
        }
        let known = self.proven.iter().find(|(text, _)| text == token).map(|(_, proven)| proven.clone());
        let (proven, is_new) = match known {
            Some(proven) => (proven, false),
            None => (ProviderToken::verify(token, around.teams)?, true),
        };
        if proven.is_expired(around.now_seconds) {
            self.spoiled = true;
            return Err(Reason::ExpiredProviderToken);
        }
        if proven.key.scope.environment.is_some_and(|only| only != around.environment) {
            return Err(Reason::BadEnvironmentKeyInToken);
        }
        self.check_bound(&proven)?;
        if is_new {
            self.adopt(token, &proven, around)?;
        }
        let topics = match &self.bound {
            Some(bound) => Arc::clone(&bound.topics),
            None => around.teams.topics(&proven.key.team_id),
        };
        Ok(Authority { key: proven.key, topics })
    }

    /// Binds the connection at its first push that went through; later calls change nothing.
    pub(crate) fn bind(&mut self, authority: &Authority) {
        if self.bound.is_none() {
            self.bound =
                Some(Bound { key: Arc::clone(&authority.key), topics: Arc::clone(&authority.topics) });
        }
    }

    fn check_bound(&self, proven: &ProviderToken) -> Result<(), Reason> {
        let Some(bound) = &self.bound else { return Ok(()) };
        if bound.key.team_id != proven.key.team_id {
            return Err(Reason::InvalidProviderToken);
        }
        // Team-scoped keys of a team are one family; a topic-specific key is a family of its own.
        let other = bound.key.key_id != proven.key.key_id;
        if other && (bound.key.scope.topics.is_some() || proven.key.scope.topics.is_some()) {
            return Err(Reason::UnrelatedKeyIdInToken);
        }
        Ok(())
    }

    /// "Establishing a token-based connection to APNs": at most one new token in 20 minutes, counted from the
    /// last new one.
    fn adopt(&mut self, token: &str, proven: &ProviderToken, around: Surroundings<'_>) -> Result<(), Reason> {
        let since = around.now_seconds.saturating_sub(self.last_update_seconds);
        if !self.proven.is_empty() && since < around.token_gap_seconds {
            return Err(Reason::TooManyProviderTokenUpdates);
        }
        if self.proven.len() == REMEMBERED {
            self.proven.remove(0);
        }
        self.proven.push((token.to_owned(), proven.clone()));
        self.last_update_seconds = around.now_seconds;
        Ok(())
    }
}
