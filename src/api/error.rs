//! Every error of a use case, as a problem document. No wildcard arm: a new error must find its words here.

use std::fmt::Display;

use http::StatusCode;

use super::rate_limiting::rate_limited;
use crate::intake::{AuthenticateError, OutcomesError, RegisterError, SubmitError, SubscribeError};
use crate::web::Problem;

/// Seconds after which a sender may try again when the store could not be written.
const STORE_RETRY: u32 = 5;

fn unavailable(error: impl Display) -> Problem {
    let detail = "The relay cannot reach its store now; nothing was done. Send the same request again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", detail)
        .retry_after(STORE_RETRY)
        .caused_by(error)
}

fn not_found(code: &'static str, detail: &'static str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, code, detail)
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Malformed => Self::new(
                StatusCode::UNAUTHORIZED,
                "credential_malformed",
                "Send the header Authorization: Bearer with a whole credential: sp_s_… of a sender, or sp_r_… of \
                 a registration, as this call asks for.",
            ),
            AuthenticateError::Invalid => Self::new(
                StatusCode::UNAUTHORIZED,
                "credential_invalid",
                "This credential is not valid here: it is unknown, expired, erased, or for something else.",
            ),
            AuthenticateError::ScopeMissing(scope) => Self::new(
                StatusCode::FORBIDDEN,
                "scope_missing",
                format!("This credential lacks the scope {}; use one that has it.", scope.as_str()),
            ),
            AuthenticateError::SenderSuspended => Self::new(
                StatusCode::FORBIDDEN,
                "sender_suspended",
                "The relay's operator suspended this sender; ask the contact that GET /v1/relay names.",
            ),
            AuthenticateError::RateLimited(limited) => rate_limited(limited),
            AuthenticateError::Storage(error) => unavailable(error),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::UnknownApp => Self::invalid(
                "unknown_app",
                "/app",
                "This relay does not serve this app. Only an app's publisher can run a relay for it.",
            ),
            RegisterError::PushServiceNotConfigured => Self::invalid(
                "push_service_not_configured",
                "/push_service",
                "The app has no credentials for this push service on this relay.",
            ),
            RegisterError::Environment => Self::invalid(
                "environment_mismatch",
                "/environment",
                "environment is required with push_service apns, and not allowed with any other.",
            ),
            RegisterError::TokenKind => Self::invalid(
                "token_kind_mismatch",
                "/token_kind",
                "The token kind voip exists only with push_service apns.",
            ),
            RegisterError::CreatedAt(now) => Self::invalid(
                "created_at_out_of_window",
                "/created_at",
                "created_at is more than 24 hours old or more than 5 minutes ahead of the relay's clock.",
            )
            .relay_time(now),
            RegisterError::IdTaken => Self::new(
                StatusCode::CONFLICT,
                "registration_id_taken",
                "Another registration has this id; draw a new random UUID.",
            )
            .at("/registration"),
            RegisterError::Missing => {
                not_found("no_such_registration", "The registration was removed; register again.")
            }
            RegisterError::RateLimited(limited) => rate_limited(limited),
            RegisterError::Storage(error) => unavailable(error),
        }
    }
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::UnknownSender => Self::invalid(
                "unknown_sender",
                "/sender",
                "This relay has no such sender, or it is suspended. The app gets the id from its own server.",
            ),
            SubscribeError::IdTaken => Self::new(
                StatusCode::CONFLICT,
                "subscription_id_taken",
                "Another subscription has this id; draw a new random UUID.",
            )
            .at("/subscription"),
            SubscribeError::Missing => not_found(
                "no_such_subscription",
                "There is no such subscription, or it belongs to somebody else.",
            ),
            SubscribeError::RegistrationMissing => {
                not_found("no_such_registration", "The registration was removed; register again.")
            }
            SubscribeError::Storage(error) => unavailable(error),
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::IdReused => Self::new(
                StatusCode::CONFLICT,
                "id_reused",
                "This notification id was used for another body; draw a new UUIDv7 for each notification.",
            )
            .at("/id"),
            SubmitError::ContentNotSealed => Self::invalid(
                "content_not_sealed",
                "/content",
                "The content policy is sealed_only: send an envelope for each target, or no content.",
            ),
            SubmitError::NotAllowedByApp { target, option } => Self::invalid(
                "not_allowed_by_app",
                format!("/targets/{target}/{option}"),
                format!("The app of this target does not let the push service see a {option}; leave it out."),
            ),
            SubmitError::NotKept => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "outcomes_not_kept",
                "The relay could not keep what it had not decided in time; some targets may have gone out. Send the \
                 same request again: devices drop what they have seen.",
            )
            .retry_after(STORE_RETRY),
            SubmitError::RateLimited(limited) => rate_limited(limited),
            SubmitError::Storage(error) => unavailable(error),
        }
    }
}

impl From<OutcomesError> for Problem {
    fn from(error: OutcomesError) -> Self {
        match error {
            OutcomesError::Missing => not_found(
                "no_such_notification",
                "This sender has no such notification, or its outcomes are no longer kept.",
            ),
            OutcomesError::Storage(error) => unavailable(error),
        }
    }
}
