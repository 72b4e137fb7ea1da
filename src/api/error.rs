//! Every error of a use case, as a problem document. No wildcard arm: a new error must find its words here.

use std::fmt::Display;

use http::StatusCode;
use sealpush_seal::registration::RegistrationError;

use super::rate_limiting::rate_limited;
use crate::base::UnixMillis;
use crate::intake::{
    ActError, AuthenticateError, FeedbackError, Full, HeldError, JoinError, OutcomesError, OwnSenderError,
    ProveError, RegisterError, RegisterSealedError, SenderCredentialsError, SubmitError, SubscribeError,
    WithdrawError,
};
use crate::web::Problem;

/// Seconds after which a sender may try again when the store could not be written.
const STORE_RETRY: u32 = 5;

/// Seconds after which there may be room in the outbox.
const FULL_RETRY: u32 = 15;
/// Until a question that may wait is asked again where too many do, in seconds.
const POLL_RETRY: u32 = 30;

/// The store failed: nothing was done.
pub(super) fn unavailable(error: impl Display) -> Problem {
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
            AuthenticateError::Storage(error) => unavailable(error),
        }
    }
}

fn policy_not_offered() -> Problem {
    let detail =
        "The relay's operator allows no content policy as loose as this; GET /v1/relay lists those on offer.";
    Problem::invalid("content_policy_not_offered", "/content_policy", detail)
}

fn credential_id_taken(pointer: &'static str) -> Problem {
    let detail = "Another credential has this id; draw a new random UUID, and a new secret with it.";
    Problem::new(StatusCode::CONFLICT, "credential_id_taken", detail).at(pointer)
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::InviteNeeded => Self::new(
                StatusCode::FORBIDDEN,
                "invite_needed",
                "This relay takes invited servers only; ask the contact that GET /v1/relay names for an invite.",
            )
            .at("/invite"),
            JoinError::InviteMalformed => Self::invalid(
                "invite_malformed",
                "/invite",
                "This is no whole invite: one begins with sp_i_, and its check digits fit. Copy it again.",
            ),
            JoinError::InviteInvalid => Self::new(
                StatusCode::FORBIDDEN,
                "invite_invalid",
                "This invite has expired, was revoked, or was never made here; ask the relay's operator for another.",
            )
            .at("/invite"),
            JoinError::InviteUsed => Self::new(
                StatusCode::CONFLICT,
                "invite_used",
                "This invite was used. If that was not you, tell the relay's operator; in any case ask for another.",
            )
            .at("/invite"),
            JoinError::PolicyNotOffered => policy_not_offered(),
            JoinError::CredentialIdTaken => credential_id_taken("/credential_id"),
            JoinError::Storage(error) => unavailable(error),
        }
    }
}

impl From<OwnSenderError> for Problem {
    fn from(error: OwnSenderError) -> Self {
        match error {
            OwnSenderError::PolicyNotOffered => policy_not_offered(),
            // Its credentials ended with it.
            OwnSenderError::Missing | OwnSenderError::Act(ActError::ActorEnded) => {
                AuthenticateError::Invalid.into()
            }
            OwnSenderError::Act(ActError::Storage(error)) | OwnSenderError::Storage(error) => {
                unavailable(error)
            }
        }
    }
}

impl From<SenderCredentialsError> for Problem {
    fn from(error: SenderCredentialsError) -> Self {
        match error {
            SenderCredentialsError::TooMany(most) => Self::new(
                StatusCode::CONFLICT,
                "too_many_credentials",
                format!("A sender has {most} credentials at most; remove one that is not used any more."),
            ),
            SenderCredentialsError::IdTaken => credential_id_taken("/id"),
            SenderCredentialsError::NoSuchCredential => not_found(
                "no_such_credential",
                "This sender has no such credential; it may be removed already.",
            ),
            SenderCredentialsError::LastAdmin => Self::new(
                StatusCode::CONFLICT,
                "last_admin_credential",
                "No other credential with the scope admin would be left; add one first, and remove this one with it.",
            ),
            SenderCredentialsError::Missing | SenderCredentialsError::Act(ActError::ActorEnded) => {
                AuthenticateError::Invalid.into()
            }
            SenderCredentialsError::Act(ActError::Storage(error))
            | SenderCredentialsError::Storage(error) => unavailable(error),
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

impl From<ProveError> for Problem {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::WrongCode(0) => Self::invalid(
                "wrong_code",
                "/code",
                "This is not the code that was sent, and no try is left: ask for a new one, an hour after the last.",
            ),
            ProveError::WrongCode(left) => Self::invalid(
                "wrong_code",
                "/code",
                format!("This is not the code that was sent to this device token; tries left: {left}."),
            ),
            ProveError::NoCode => Self::new(
                StatusCode::CONFLICT,
                "no_code",
                "No code is waited for: none was sent, it is older than 15 minutes, or all tries are used. POST to \
                 …/code sends another.",
            ),
            ProveError::Missing => {
                not_found("no_such_registration", "The registration was removed; register again.")
            }
            ProveError::Storage(error) => unavailable(error),
        }
    }
}

impl From<RegisterSealedError> for Problem {
    fn from(error: RegisterSealedError) -> Self {
        const AT: &str = "/sealed_registration";
        match error {
            RegisterSealedError::Sealed(RegistrationError::UnsupportedVersion(version)) => Self::invalid(
                "unsupported_version",
                AT,
                format!("This sealed registration has version {version}; this relay takes version 1."),
            ),
            RegisterSealedError::Sealed(RegistrationError::UnsupportedSuite(suite)) => Self::invalid(
                "unsupported_suite",
                AT,
                format!("This sealed registration has suite {suite}; this relay takes suite 1."),
            ),
            RegisterSealedError::Sealed(RegistrationError::UnknownKeyId(key)) => Self::invalid(
                "unknown_key",
                AT,
                format!("This relay has no registration key {key}: the app takes a current one from GET /v1/relay."),
            ),
            RegisterSealedError::Sealed(RegistrationError::Time { relay_time_ms }) => Self::invalid(
                "created_at_out_of_window",
                AT,
                "The app made this registration more than 24 hours ago, or more than 5 minutes ahead of the relay's \
                 clock: it makes a new one.",
            )
            .relay_time(UnixMillis(i64::try_from(relay_time_ms).unwrap_or(i64::MAX))),
            RegisterSealedError::Sealed(RegistrationError::OpeningFailed) => Self::invalid(
                "opening_failed",
                AT,
                "opening failed: it was made for another sender, changed on its way, or holds what this relay cannot \
                 register. The app makes a new one.",
            ),
            RegisterSealedError::SubscriptionTaken => Self::new(
                StatusCode::CONFLICT,
                "subscription_id_taken",
                "Another subscription has the id that the device drew; the app makes a new sealed registration.",
            )
            .at(AT),
            RegisterSealedError::RateLimited(limited) => rate_limited(limited),
            RegisterSealedError::SenderEnded => AuthenticateError::Invalid.into(),
            RegisterSealedError::Storage(error) => unavailable(error),
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
            SubmitError::OutboxFull(full) => {
                let detail = match full {
                    Full::Sender => {
                        "This sender has as much waiting as it may have; this request did nothing. Send the same \
                         request again when some of it has gone out, or withdraw what is not needed any more."
                    }
                    Full::Relay => {
                        "The relay has as much waiting as it can keep; this request did nothing. Send it again."
                    }
                };
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "outbox_full", detail).retry_after(FULL_RETRY)
            }
            SubmitError::RateLimited(limited) => rate_limited(limited),
            SubmitError::Storage(error) => unavailable(error),
        }
    }
}

fn no_such_notification() -> Problem {
    not_found(
        "no_such_notification",
        "This sender has no such notification, or its outcomes are no longer kept.",
    )
}

impl From<WithdrawError> for Problem {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::Missing => no_such_notification(),
            WithdrawError::Storage(error) => unavailable(error),
        }
    }
}

impl From<FeedbackError> for Problem {
    fn from(error: FeedbackError) -> Self {
        match error {
            FeedbackError::TooMany => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_polls",
                "As many questions wait for an answer as may, of this sender or of all; ask again without `wait`, or \
                 later.",
            )
            .retry_after(POLL_RETRY),
            FeedbackError::Storage(error) => unavailable(error),
        }
    }
}

impl From<OutcomesError> for Problem {
    fn from(error: OutcomesError) -> Self {
        match error {
            OutcomesError::Missing => no_such_notification(),
            OutcomesError::Storage(error) => unavailable(error),
        }
    }
}

impl From<HeldError> for Problem {
    fn from(error: HeldError) -> Self {
        match error {
            HeldError::Storage(error) => unavailable(error),
        }
    }
}
