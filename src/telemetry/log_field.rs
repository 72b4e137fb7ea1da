//! The closed list of what a log line may say.

/// A field of a log event. An event with any other field is not written.
///
/// None of them can hold a device token, a credential, content, a client's address, or the id of a sender,
/// registration, subscription or notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogField {
    /// The sentence.
    Message,
    /// A [`super::Route`].
    Route,
    /// An HTTP method.
    Method,
    /// An HTTP status.
    Status,
    /// How long something took.
    Seconds,
    /// A number drawn for this request, that an answer can name too.
    Request,
    /// The operator's own app.
    App,
    /// A push service.
    PushService,
    /// An APNs environment.
    Environment,
    /// A reason; closed by its own type.
    Reason,
    /// How many.
    Count,
    /// One of our own listeners.
    Listener,
    /// A host that the config names.
    Host,
    /// A failure in our own words.
    Error,
    /// A release.
    Version,
    /// A signal from the system.
    Signal,
}

impl LogField {
    /// Every field.
    pub const ALL: [Self; 16] = [
        Self::Message,
        Self::Route,
        Self::Method,
        Self::Status,
        Self::Seconds,
        Self::Request,
        Self::App,
        Self::PushService,
        Self::Environment,
        Self::Reason,
        Self::Count,
        Self::Listener,
        Self::Host,
        Self::Error,
        Self::Version,
        Self::Signal,
    ];

    /// The name in log lines and in the calls of `tracing`'s macros.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Route => "route",
            Self::Method => "method",
            Self::Status => "status",
            Self::Seconds => "seconds",
            Self::Request => "request",
            Self::App => "app",
            Self::PushService => "push_service",
            Self::Environment => "environment",
            Self::Reason => "reason",
            Self::Count => "count",
            Self::Listener => "listener",
            Self::Host => "host",
            Self::Error => "error",
            Self::Version => "version",
            Self::Signal => "signal",
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }
}
