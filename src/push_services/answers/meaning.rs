//! What an answer is about, and what may mend it.

/// Whose fault an answer is, and with that what follows from it. The protocol's page "Dead tokens, and whose
/// fault it is" has these rules; no other place in the program has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The push service took it.
    Accepted,
    /// The device token is dead.
    TokenDead,
    /// The device token is dead since the time that the answer names. Without a time nobody can tell whether
    /// the app registered it again since, and only this delivery ends.
    TokenDeadSince,
    /// This device token is not this app's. Nothing is retired.
    TokenNotForApp,
    /// The same, unless the token belongs to APNs' other environment, which is tried once.
    OtherEnvironment,
    /// About the token where the answer names the token, else about this one notification.
    TokenOrRequest,
    /// This one notification can never be accepted as it is.
    Rejected,
    /// About us: the credential. Everything under it waits.
    CredentialHeld,
    /// About us: the app's settings. Everything of the app's at this push service waits.
    AppHeld,
    /// The device gets too much. This one delivery waits.
    TokenBusy,
    /// All that comes under this credential is too much. Everything under it waits.
    CredentialBusy,
    /// About the credential where the answer names the project's quota, else about the token.
    Quota,
    /// The push service failed. This delivery is tried later; where all fail for some time, all wait.
    Fault,
    /// It was not looked at, and is repeated at once.
    NotProcessed,
    /// No documented success: it may have been taken.
    Unclear,
}

impl Meaning {
    /// Every meaning.
    pub const ALL: [Self; 15] = [
        Self::Accepted,
        Self::TokenDead,
        Self::TokenDeadSince,
        Self::TokenNotForApp,
        Self::OtherEnvironment,
        Self::TokenOrRequest,
        Self::Rejected,
        Self::CredentialHeld,
        Self::AppHeld,
        Self::TokenBusy,
        Self::CredentialBusy,
        Self::Quota,
        Self::Fault,
        Self::NotProcessed,
        Self::Unclear,
    ];

    /// The name in `docs/PUSH_SERVICES.md`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::TokenDead => "token dead",
            Self::TokenDeadSince => "token dead since",
            Self::TokenNotForApp => "token not for app",
            Self::OtherEnvironment => "other environment",
            Self::TokenOrRequest => "token or request",
            Self::Rejected => "rejected",
            Self::CredentialHeld => "credential held",
            Self::AppHeld => "app held",
            Self::TokenBusy => "token busy",
            Self::CredentialBusy => "credential busy",
            Self::Quota => "quota",
            Self::Fault => "fault",
            Self::NotProcessed => "not processed",
            Self::Unclear => "unclear",
        }
    }
}

/// What may turn a refusal into acceptance, tried once and at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing.
    None,
    /// A new token of ours; at APNs on a new connection, because one that heard of an expired token stays
    /// refused.
    NewToken,
    /// A new connection.
    NewConnection,
    /// A new connection, but not again and again: others use the old one with success.
    NewConnectionRarely,
}

impl Remedy {
    /// The name in `docs/PUSH_SERVICES.md`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::NewToken => "a new token",
            Self::NewConnection => "a new connection",
            Self::NewConnectionRarely => "a new connection, once a minute",
        }
    }
}
