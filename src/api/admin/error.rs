//! Every error of the administrative actions, as a problem document. No wildcard arm: a new error must find
//! its words here.

use std::fmt::Display;

use http::StatusCode;

use crate::model::SenderId;
use crate::operator::{
    ActError, AddSenderCredentialError, AddSenderError, AuditError, ChangeSenderError, InviteError,
    KeysError, ListSendersError, OperatorAuthError, OperatorTokenError, OutboxError, ReleaseAppError,
    ReloadConfigError, ReloadRefused, SharedUsageError,
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

/// Why nothing was done in somebody's name.
fn acted(error: ActError) -> Problem {
    match error {
        ActError::ActorEnded => OperatorAuthError::Invalid.into(),
        ActError::Storage(error) => store(error),
    }
}

fn no_such_sender(id: SenderId) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "no_such_sender",
        format!("There is no sender {id}; `sealpush sender list` shows those that exist."),
    )
}

impl From<OperatorAuthError> for Problem {
    fn from(error: OperatorAuthError) -> Self {
        match error {
            OperatorAuthError::Malformed => Self::new(
                StatusCode::UNAUTHORIZED,
                "credential_malformed",
                "Send the header Authorization: Bearer with a whole operator token (sp_o_…); \
                 `sealpush operator token add` makes one.",
            ),
            OperatorAuthError::Invalid => Self::new(
                StatusCode::UNAUTHORIZED,
                "credential_invalid",
                "This operator token is unknown, expired or revoked; `sealpush operator token list` shows those that \
                 count.",
            ),
            OperatorAuthError::OwnerNeeded => Self::new(
                StatusCode::FORBIDDEN,
                "owner_needed",
                "This operator token has the role viewer, which only reads; use one with the role owner.",
            ),
            OperatorAuthError::Storage(error) => store(error),
        }
    }
}

impl From<OutboxError> for Problem {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::Storage(error) => store(error),
        }
    }
}

impl From<InviteError> for Problem {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Count => Self::invalid("invalid_count", "/count", format!("{error}.")),
            InviteError::NoSuchInvite(id) => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_invite",
                format!("There is no unused invite {id}; `sealpush sender invites` shows those that exist."),
            ),
            InviteError::Act(error) => acted(error),
            InviteError::Storage(error) => store(error),
        }
    }
}

impl From<OperatorTokenError> for Problem {
    fn from(error: OperatorTokenError) -> Self {
        match error {
            OperatorTokenError::NoSuchToken(id) => Self::new(
                StatusCode::NOT_FOUND,
                "no_such_token",
                format!(
                    "There is no operator token {id}; `sealpush operator token list` shows those that exist."
                ),
            ),
            OperatorTokenError::Act(error) => acted(error),
            OperatorTokenError::Storage(error) => store(error),
        }
    }
}

impl From<AddSenderCredentialError> for Problem {
    fn from(error: AddSenderCredentialError) -> Self {
        match error {
            AddSenderCredentialError::NoSuchSender(id) => no_such_sender(id),
            AddSenderCredentialError::IdTaken => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "randomness_broken",
                "The system drew an id that is taken, which does not happen by chance; check the machine's randomness.",
            ),
            AddSenderCredentialError::Act(error) => acted(error),
        }
    }
}

impl From<AddSenderError> for Problem {
    fn from(error: AddSenderError) -> Self {
        match error {
            AddSenderError::Act(error) => acted(error),
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

impl From<SharedUsageError> for Problem {
    fn from(error: SharedUsageError) -> Self {
        match error {
            SharedUsageError::NoSuchSender(id) => no_such_sender(id),
            SharedUsageError::Storage(error) => store(error),
        }
    }
}

impl From<ChangeSenderError> for Problem {
    fn from(error: ChangeSenderError) -> Self {
        match error {
            ChangeSenderError::NoSuchSender(id) => no_such_sender(id),
            ChangeSenderError::Act(error) => acted(error),
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

impl From<KeysError> for Problem {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Config(error) => {
                Self::new(StatusCode::CONFLICT, "config_broken", format!("Nothing was changed. {error}"))
            }
            error @ KeysError::NotARotation(_) => Self::new(
                StatusCode::CONFLICT,
                "not_a_rotation",
                format!("Nothing was changed: {error}. `sealpush keys rotate storage` writes it."),
            ),
            KeysError::Storage(error) => store(error),
        }
    }
}
