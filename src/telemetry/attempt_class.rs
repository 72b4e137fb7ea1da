//! What an attempt came to, without the push service's own words.

use crate::model::AttemptOutcome;

/// The kind of an [`AttemptOutcome`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptClass {
    /// The push service took it.
    Accepted,
    /// The device token is dead.
    TokenDead,
    /// The device token does not fit the app.
    TokenNotForApp,
    /// The answer is about us.
    AppHeld,
    /// It can never be accepted as it is.
    Rejected,
    /// The push service asks for patience.
    TryLater,
    /// Nothing was sent, because the way was closed for all.
    NotAttempted,
    /// The push service certainly did not take it.
    NotProcessed,
    /// The push service may have taken it.
    AnswerLost,
}

impl AttemptClass {
    /// Every class.
    pub const ALL: [Self; 9] = [
        Self::Accepted,
        Self::TokenDead,
        Self::TokenNotForApp,
        Self::AppHeld,
        Self::Rejected,
        Self::TryLater,
        Self::NotAttempted,
        Self::NotProcessed,
        Self::AnswerLost,
    ];

    /// The name in labels and log lines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::TokenDead => "token_dead",
            Self::TokenNotForApp => "token_not_for_app",
            Self::AppHeld => "app_held",
            Self::Rejected => "rejected",
            Self::TryLater => "try_later",
            Self::NotAttempted => "not_attempted",
            Self::NotProcessed => "not_processed",
            Self::AnswerLost => "answer_lost",
        }
    }
}

impl From<&AttemptOutcome> for AttemptClass {
    fn from(outcome: &AttemptOutcome) -> Self {
        match outcome {
            AttemptOutcome::Accepted => Self::Accepted,
            AttemptOutcome::TokenDead { .. } => Self::TokenDead,
            AttemptOutcome::TokenNotForApp { .. } => Self::TokenNotForApp,
            AttemptOutcome::AppHeld { .. } => Self::AppHeld,
            AttemptOutcome::Rejected { .. } => Self::Rejected,
            AttemptOutcome::TryLater { .. } => Self::TryLater,
            AttemptOutcome::NotAttempted { .. } => Self::NotAttempted,
            AttemptOutcome::NotProcessed { .. } => Self::NotProcessed,
            AttemptOutcome::AnswerLost { .. } => Self::AnswerLost,
        }
    }
}
