//! The routes, as the metrics and the log name them.

/// A route of the relay's own API. A path that is none of them counts as [`Route::Other`], so that a
/// stranger's paths make no labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// `/healthz`
    Healthz,
    /// `/openapi.json` and `/docs`
    Docs,
    /// `/v1/relay`
    Relay,
    /// `/v1/privacy`
    Privacy,
    /// `/v1/senders`
    Senders,
    /// `/v1/senders/self`
    OwnSender,
    /// `/v1/senders/self/export`
    SenderExport,
    /// `/v1/senders/self/credentials`
    SenderCredentials,
    /// `/v1/senders/self/credentials/{id}`
    SenderCredential,
    /// `/v1/senders/self/sharing`
    Sharing,
    /// `/v1/senders/self/sharing/preview`
    SharingPreview,
    /// `/v1/senders/self/usage`
    Usage,
    /// `/v1/registrations`
    Registrations,
    /// `/v1/registrations/{id}`
    Registration,
    /// `/v1/registrations/{id}/export`
    RegistrationExport,
    /// `/v1/registrations/{id}/subscriptions`
    RegistrationSubscriptions,
    /// `/v1/registrations/{id}/code`
    RegistrationCode,
    /// `/v1/registrations/{id}/confirm`
    RegistrationConfirm,
    /// `/v1/subscriptions`
    Subscriptions,
    /// `/v1/subscriptions/{id}`
    Subscription,
    /// `/v1/feedback`
    Feedback,
    /// `/v1/notifications`
    Notifications,
    /// `/v1/notifications/{id}`
    Notification,
    /// Everything else.
    Other,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 24] = [
        Self::Healthz,
        Self::Docs,
        Self::Relay,
        Self::Privacy,
        Self::Senders,
        Self::OwnSender,
        Self::SenderExport,
        Self::SenderCredentials,
        Self::SenderCredential,
        Self::Sharing,
        Self::SharingPreview,
        Self::Usage,
        Self::Registrations,
        Self::Registration,
        Self::RegistrationExport,
        Self::RegistrationSubscriptions,
        Self::RegistrationCode,
        Self::RegistrationConfirm,
        Self::Subscriptions,
        Self::Subscription,
        Self::Feedback,
        Self::Notifications,
        Self::Notification,
        Self::Other,
    ];

    /// The name in labels and log lines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthz => "healthz",
            Self::Docs => "docs",
            Self::Relay => "relay",
            Self::Privacy => "privacy",
            Self::Senders => "senders",
            Self::OwnSender => "own_sender",
            Self::SenderExport => "sender_export",
            Self::SenderCredentials => "sender_credentials",
            Self::SenderCredential => "sender_credential",
            Self::Sharing => "sharing",
            Self::SharingPreview => "sharing_preview",
            Self::Usage => "usage",
            Self::Registrations => "registrations",
            Self::Registration => "registration",
            Self::RegistrationExport => "registration_export",
            Self::RegistrationSubscriptions => "registration_subscriptions",
            Self::RegistrationCode => "registration_code",
            Self::RegistrationConfirm => "registration_confirm",
            Self::Subscriptions => "subscriptions",
            Self::Subscription => "subscription",
            Self::Feedback => "feedback",
            Self::Notifications => "notifications",
            Self::Notification => "notification",
            Self::Other => "other",
        }
    }
}
