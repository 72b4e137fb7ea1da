//! The push types of APNs and what each asks of a request.
//!
//! Owns the table of suffixes, priorities and sizes ("Sending notification requests to APNs", "Generating a
//! remote notification"). Read next: `request_headers`, `payload`.

/// The value of `apns-push-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushType {
    Alert,
    Background,
    Voip,
    PushToTalk,
    Complication,
    FileProvider,
    Location,
    LiveActivity,
    Controls,
    Widgets,
    Mdm,
}

impl PushType {
    const ALL: [Self; 11] = [
        Self::Alert,
        Self::Background,
        Self::Voip,
        Self::PushToTalk,
        Self::Complication,
        Self::FileProvider,
        Self::Location,
        Self::LiveActivity,
        Self::Controls,
        Self::Widgets,
        Self::Mdm,
    ];

    /// Reads the header's value.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == value)
    }

    /// The type that a topic's suffix belongs to; a bare bundle id is an alert's.
    pub(crate) fn of_topic(topic: &str) -> Self {
        let has_suffix = |kind: &Self| !kind.suffix().is_empty() && topic.ends_with(kind.suffix());
        Self::ALL.into_iter().find(has_suffix).unwrap_or(Self::Alert)
    }

    /// The bundle id within a topic; `None` where the topic lacks this type's suffix or carries another one.
    pub(crate) fn bundle_id(self, topic: &str) -> Option<&str> {
        if Self::of_topic(topic).suffix() != self.suffix() {
            return None;
        }
        topic.strip_suffix(self.suffix())
    }

    /// What follows the bundle id in the topic.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Alert | Self::Background | Self::Mdm => "",
            Self::Voip => ".voip",
            Self::PushToTalk => ".voip-ptt",
            Self::Complication => ".complication",
            Self::FileProvider => ".pushkit.fileprovider",
            Self::Location => ".location-query",
            Self::LiveActivity => ".push-type.liveactivity",
            Self::Controls => ".push-type.controls",
            Self::Widgets => ".push-type.widgets",
        }
    }

    /// Whether a priority is allowed. Apple's default where the header is absent is 10.
    pub(crate) fn allows_priority(self, priority: u8) -> bool {
        match self {
            Self::Background => priority == 5,
            Self::Voip | Self::PushToTalk => priority == 10,
            Self::Location | Self::LiveActivity => matches!(priority, 5 | 10),
            _ => matches!(priority, 1 | 5 | 10),
        }
    }

    /// The largest payload in bytes.
    pub(crate) fn max_payload(self) -> usize {
        if self == Self::Voip { 5120 } else { 4096 }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Background => "background",
            Self::Voip => "voip",
            Self::PushToTalk => "pushtotalk",
            Self::Complication => "complication",
            Self::FileProvider => "fileprovider",
            Self::Location => "location",
            Self::LiveActivity => "liveactivity",
            Self::Controls => "controls",
            Self::Widgets => "widgets",
            Self::Mdm => "mdm",
        }
    }
}
