//! The refusals of APNs.
//!
//! Owns the reasons that the simulator comes to by itself, and their statuses ("Handling notification responses
//! from APNs"). Read next: `judge`; `refusals` has all that Apple documents.

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
    TooManyRequests,
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
            Self::TooManyProviderTokenUpdates | Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
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

#[cfg(test)]
mod tests {
    use super::Reason;
    use crate::apns::refusals::APNS_REFUSALS;

    #[test]
    fn every_reason_is_a_documented_one_with_its_status() {
        for reason in [
            Reason::BadCollapseId,
            Reason::BadDeviceToken,
            Reason::BadEnvironmentKeyInToken,
            Reason::BadExpirationDate,
            Reason::BadMessageId,
            Reason::BadPath,
            Reason::BadPriority,
            Reason::BadTopic,
            Reason::DeviceTokenNotForTopic,
            Reason::DuplicateHeaders,
            Reason::ExpiredProviderToken,
            Reason::ExpiredToken(0),
            Reason::InvalidProviderToken,
            Reason::InvalidPushType,
            Reason::MethodNotAllowed,
            Reason::MissingDeviceToken,
            Reason::MissingProviderToken,
            Reason::MissingTopic,
            Reason::PayloadEmpty,
            Reason::PayloadTooLarge,
            Reason::TooManyProviderTokenUpdates,
            Reason::TooManyRequests,
            Reason::TopicDisallowed,
            Reason::Unregistered(0),
            Reason::UnrelatedKeyIdInToken,
        ] {
            let entry = (reason.status().as_u16(), reason.text());
            assert!(
                APNS_REFUSALS.iter().any(|(status, text)| (*status, *text) == (entry.0, &entry.1)),
                "{entry:?}"
            );
        }
    }
}
