//! Lets an app's deliveries go to its push services at once.

use super::Operator;
use crate::model::{Actor, AppId};
use crate::storage::StorageError;

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseAppError {
    /// The config has none with this id.
    #[error("there is no app {0}")]
    NoSuchApp(String),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Operator {
    /// Opens the ways of an app that are held, failing or resting, for an operator who has mended what was wrong
    /// and does not want to wait for the next try; how many there were. The first refusal closes a way again.
    pub async fn release_app(&self, by: Actor, id: &str) -> Result<usize, ReleaseAppError> {
        let app = id.parse::<AppId>().ok().filter(|id| self.apps.get().get(id).is_some());
        let Some(app) = app else { return Err(ReleaseAppError::NoSuchApp(id.to_owned())) };
        // First the entry: a change that is not in the log must not be.
        self.audit.append(&self.entry(by, "app.release", &app, String::new())).await?;
        Ok(self.push_services.as_ref().map_or(0, |ways| ways.release(&app)))
    }
}
