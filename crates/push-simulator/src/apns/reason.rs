//! The refusals of APNs.
//!
//! Owns the table of reasons and their statuses ("Handling notification responses from APNs"). Read next:
//! `judge`.

use http::StatusCode;

/// Why APNs refuses a request. `Debug` prints the reason string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    BadCollapseId,
    BadDeviceToken,
    BadEnvironmentKeyInToken,
    BadExpirationDate,
    BadMessageId,
    BadPath,
    BadPriority,
    BadTopic,
    DeviceTokenNotForTopic,
    DuplicateHeaders,
    ExpiredProviderToken,
    /// The token was replaced; since when, in unix milliseconds.
    ExpiredToken(u64),
    InvalidProviderToken,
    InvalidPushType,
    MethodNotAllowed,
    MissingDeviceToken,
    MissingProviderToken,
    MissingTopic,
    PayloadEmpty,
    PayloadTooLarge,
    TooManyProviderTokenUpdates,
    TopicDisallowed,
    /// The app is gone from the device; since when, in unix milliseconds.
    Unregistered(u64),
    UnrelatedKeyIdInToken,
}

impl Reason {
    /// The HTTP status that goes with the reason.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadCollapseId
            | Self::BadDeviceToken
            | Self::BadExpirationDate
            | Self::BadMessageId
            | Self::BadPriority
            | Self::BadTopic
            | Self::DeviceTokenNotForTopic
            | Self::DuplicateHeaders
            | Self::InvalidPushType
            | Self::MissingDeviceToken
            | Self::MissingTopic
            | Self::PayloadEmpty
            | Self::TopicDisallowed => StatusCode::BAD_REQUEST,
            Self::BadEnvironmentKeyInToken
            | Self::ExpiredProviderToken
            | Self::InvalidProviderToken
            | Self::MissingProviderToken
            | Self::UnrelatedKeyIdInToken => StatusCode::FORBIDDEN,
            Self::BadPath => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ExpiredToken(_) | Self::Unregistered(_) => StatusCode::GONE,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooManyProviderTokenUpdates => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    /// The `reason` string.
    pub(crate) fn text(self) -> String {
        match self {
            Self::ExpiredToken(_) => "ExpiredToken".to_owned(),
            Self::Unregistered(_) => "Unregistered".to_owned(),
            plain => format!("{plain:?}"),
        }
    }

    /// Milliseconds for the `timestamp` member, which only a 410 has.
    pub(crate) fn timestamp(self) -> Option<u64> {
        match self {
            Self::ExpiredToken(at) | Self::Unregistered(at) => Some(at),
            _ => None,
        }
    }
}
