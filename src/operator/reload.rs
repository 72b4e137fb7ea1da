//! Has the running relay take a changed config over.

use async_trait::async_trait;

use super::{NotedPolicy, Operator};
use crate::model::Actor;
use crate::storage::StorageError;

/// A running relay that can read its config again.
#[async_trait]
pub trait Reload: Send + Sync {
    /// Reads the config, and takes all of it over, or nothing.
    async fn reload(&self) -> Result<Reloaded, ReloadRefused>;
}

/// What a reload changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// The parts of the config that are other than before (`apps.chat`, `limits`); empty where nothing is.
    pub changed: Vec<String>,
    /// What is allowed and still worth a sentence.
    pub warnings: Vec<String>,
    /// The policies as they are now.
    pub policies: Vec<NotedPolicy>,
}

/// Why a config was not taken over: the relay goes on with the one that it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReloadRefused {
    /// It cannot be used.
    #[error("{0}")]
    Broken(String),
    /// It changes what only a restart can change.
    #[error("{} changed, which only a restart takes over", .0.join(", "))]
    NeedsRestart(Vec<&'static str>),
}

/// Why a config was not taken over, or not to the end.
#[derive(Debug, thiserror::Error)]
pub enum ReloadConfigError {
    /// No relay runs.
    #[error("no relay runs with this config; the next start reads it")]
    NotRunning,
    /// Nothing was changed.
    #[error(transparent)]
    Refused(#[from] ReloadRefused),
    /// The config was taken over, but the audit log does not say so.
    #[error("the config was taken over, but the audit log could not be written: {0}")]
    Storage(#[from] StorageError),
}

impl Operator {
    /// Has the running relay read its config again. What changed is in the audit log, by the names of the parts.
    pub async fn reload_config(&self, by: Actor) -> Result<Reloaded, ReloadConfigError> {
        let relay = self.reload.as_ref().ok_or(ReloadConfigError::NotRunning)?;
        let reloaded = relay.reload().await?;
        if !reloaded.changed.is_empty() {
            let entry = self.entry(by, "config.reload", "config", reloaded.changed.join(" "));
            self.audit.append(&entry).await?;
            self.note_policies(by, reloaded.policies.clone()).await?;
        }
        Ok(reloaded)
    }
}
