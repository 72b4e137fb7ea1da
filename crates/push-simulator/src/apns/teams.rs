//! The teams, their signing keys and their topics, as Apple's developer site keeps them.
//!
//! Owns public keys and bundle ids. Connections take a snapshot of a team when they are bound and look here
//! no more. Read next: `provider_token`, `binding`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use rcgen::KeyPair;

use crate::apns::team::{ApnsKeyScope, ApnsTeam};

/// One registered signing key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SigningKey {
    pub(crate) key_id: String,
    pub(crate) team_id: String,
    pub(crate) scope: ApnsKeyScope,
    /// An uncompressed P-256 point.
    pub(crate) public_key: Vec<u8>,
}

/// All teams of one simulator.
#[derive(Debug, Default)]
pub(crate) struct Teams(RwLock<Inner>);

#[derive(Debug, Default)]
struct Inner {
    keys: HashMap<String, Arc<SigningKey>>,
    topics: HashMap<String, Arc<HashSet<String>>>,
}

impl Teams {
    /// A new team with one key that is good for every topic in both environments.
    pub(crate) fn add_team(&self) -> Result<ApnsTeam, rcgen::Error> {
        self.add_key(&crate::random::ten_characters(), ApnsKeyScope::default())
    }

    /// Another key for a team.
    pub(crate) fn add_key(&self, team_id: &str, scope: ApnsKeyScope) -> Result<ApnsTeam, rcgen::Error> {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let key = SigningKey {
            key_id: crate::random::ten_characters(),
            team_id: team_id.to_owned(),
            scope,
            public_key: pair.public_key_raw().to_vec(),
        };
        let team = ApnsTeam {
            team_id: team_id.to_owned(),
            key_id: key.key_id.clone(),
            private_key_p8: pair.serialize_pem(),
        };
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        inner.keys.insert(key.key_id.clone(), Arc::new(key));
        Ok(team)
    }

    /// Forgets a key, as when it is revoked on the developer site.
    pub(crate) fn revoke_key(&self, key_id: &str) -> bool {
        self.0.write().unwrap_or_else(PoisonError::into_inner).keys.remove(key_id).is_some()
    }

    /// Registers a bundle id for a team.
    pub(crate) fn add_topic(&self, team_id: &str, bundle_id: &str) {
        let mut inner = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let topics = inner.topics.entry(team_id.to_owned()).or_default();
        // Copied, not changed in place: bound connections hold the set as it was (see `binding`).
        Arc::make_mut(topics).insert(bundle_id.to_owned());
    }

    /// Whether any team has this bundle id.
    pub(crate) fn has_topic(&self, bundle_id: &str) -> bool {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        inner.topics.values().any(|topics| topics.contains(bundle_id))
    }

    /// The bundle ids of a team as they are now.
    pub(crate) fn topics(&self, team_id: &str) -> Arc<HashSet<String>> {
        let inner = self.0.read().unwrap_or_else(PoisonError::into_inner);
        inner.topics.get(team_id).cloned().unwrap_or_default()
    }

    /// The key of a key id.
    pub(crate) fn key(&self, key_id: &str) -> Option<Arc<SigningKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys.get(key_id).cloned()
    }
}
