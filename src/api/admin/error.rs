//! Every error of the administrative actions, as a problem document. No wildcard arm: a new error must find
//! its words here.

use std::fmt::Display;

use http::StatusCode;

use crate::operator::{
    AddSenderError, AuditError, ChangeSenderError, ListSendersError, ReleaseAppError, ReloadConfigError,
    ReloadRefused,
};
use crate::web::Problem;

/// The operator sees what the store says, which a sender does not: it names no values, and is what must be
/// mended.
fn store(error: impl Display) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "store_unavailable",
        format!("Nothing was changed: {error}."),
    )
    .retry_after(5)
    .caused_by(error)
}

impl From<AddSenderError> for Problem {
    fn from(error: AddSenderError) -> Self {
        match error {
            AddSenderError::Storage(error) => store(error),
        }
    }
}

impl From<ListSendersError> for Problem {
    fn from(error: ListSendersError) -> Self {
        match error {
            ListSendersError::Storage(error) => store(error),
        }
    }
}

impl From<ChangeSenderError> for Problem {
    fn from(error: ChangeSenderError) -> Self {
        match error {
            ChangeSenderError::NoSuchSender(id) => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_sender",
                format!("There is no sender {id}; `sealpush sender list` shows those that exist."),
            ),
            ChangeSenderError::Storage(error) => store(error),
        }
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::Storage(error) => store(error),
        }
    }
}

impl From<ReloadConfigError> for Problem {
    fn from(error: ReloadConfigError) -> Self {
        match error {
            ReloadConfigError::NotRunning => Self::new(
                StatusCode::CONFLICT,
                "relay_not_running",
                "No relay runs with this config, so there is nothing to reload; `sealpush serve` reads it when it starts.",
            ),
            ReloadConfigError::Refused(ReloadRefused::Broken(problem)) => Self::new(
                StatusCode::CONFLICT,
                "config_broken",
                format!("Nothing was changed; the relay goes on with the config that it has. {problem}"),
            ),
            ReloadConfigError::Refused(refused @ ReloadRefused::NeedsRestart(_)) => Self::new(
                StatusCode::CONFLICT,
                "restart_needed",
                format!(
                    "Nothing was changed: {refused}. Restart the relay (nothing that was accepted is lost), or undo that part and reload."
                ),
            ),
            ReloadConfigError::Storage(error) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                format!("The config was taken over, but the audit log could not be written: {error}."),
            ),
        }
    }
}

impl From<ReleaseAppError> for Problem {
    fn from(error: ReleaseAppError) -> Self {
        match error {
            ReleaseAppError::NoSuchApp(_) => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_app",
                "The relay serves no app of this id; `sealpush app list` shows those that it serves.",
            ),
            ReleaseAppError::Storage(error) => store(error),
        }
    }
}
