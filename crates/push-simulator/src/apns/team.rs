//! What Apple shows a developer once: team id, key id and the private key.
//!
//! Read next: `teams`, which keeps the public halves.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;

/// A team with one of its signing keys. The simulator itself keeps only the public key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApnsTeam {
    /// Ten characters; the `iss` claim of provider tokens.
    pub team_id: String,
    /// Ten characters; the `kid` of provider tokens.
    pub key_id: String,
    /// The `.p8` file: a P-256 key, PKCS#8 in PEM.
    pub private_key_p8: String,
}

// The key signs for nothing but a simulator; still a habit that no log should learn.
impl std::fmt::Debug for ApnsTeam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApnsTeam")
            .field("team_id", &self.team_id)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// What a signing key may be used for ("Establishing a token-based connection to APNs", key kinds since
/// 2025).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApnsKeyScope {
    /// The only environment of the key; `None` is an older key that is good in both.
    pub environment: Option<Environment>,
    /// The only topics of the key; `None` is a team-scoped key, good for every topic of the team.
    pub topics: Option<Vec<String>>,
}
