//! Why nothing was shared, as a problem document.

use http::StatusCode;

use super::error::unavailable;
use crate::intake::{ActError, AuthenticateError, SharingError};
use crate::model::Wording;
use crate::web::Problem;

impl From<SharingError> for Problem {
    fn from(error: SharingError) -> Self {
        match error {
            SharingError::LockedOff => Self::new(
                StatusCode::FORBIDDEN,
                "sharing_locked_off",
                "The relay's operator locked sharing off for everybody; nothing of it can be switched on.",
            ),
            SharingError::OtherWording(category) => {
                let Wording { version, text } = category.wording();
                let detail = format!(
                    "The wording of {category} has the version {version}; read it, and agree to that one: {text}"
                );
                Self::new(StatusCode::CONFLICT, "wording_changed", detail).at(format!("/{category}/wording"))
            }
            SharingError::Missing | SharingError::Act(ActError::ActorEnded) => {
                AuthenticateError::Invalid.into()
            }
            SharingError::Act(ActError::Storage(error)) | SharingError::Storage(error) => unavailable(error),
        }
    }
}
