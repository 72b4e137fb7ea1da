//! The push service's address of a device, as an app states it.
//!
//! Owns which members go with which push service: the type has no place for a combination that the protocol refuses.
//! Must not print an address, and must not judge its form beyond lengths. Read next: `json.rs`, its text form.

use std::fmt;

use zeroize::Zeroizing;

/// Where a device is reached: always secret, wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum DeviceToken {
    /// Apple Push Notification service.
    Apns {
        /// The device token, as the app got it from the system and wrote it in hexadecimal.
        token: Zeroizing<String>,
        /// Which of Apple's two environments gave the token.
        environment: ApnsEnvironment,
        /// What the token takes.
        kind: TokenKind,
    },
    /// Firebase Cloud Messaging.
    Fcm {
        /// The registration token.
        token: Zeroizing<String>,
    },
    /// A Web Push endpoint: a browser's, or a `UnifiedPush` distributor's.
    WebPush {
        /// The capability URL (RFC 8030, section 4).
        endpoint: Zeroizing<String>,
        /// The receiver's P-256 key, uncompressed (RFC 8291, section 3.1).
        p256dh: Box<[u8; 65]>,
        /// The authentication secret (RFC 8291, section 3.2).
        auth: Zeroizing<[u8; 16]>,
    },
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Apns { .. } => "Apns(..)",
            Self::Fcm { .. } => "Fcm(..)",
            Self::WebPush { .. } => "WebPush(..)",
        })
    }
}

/// Apple's environment: a token of one is unknown in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApnsEnvironment {
    /// Builds from the App Store and `TestFlight`.
    Production,
    /// Builds run from Xcode.
    Sandbox,
}

/// What a token of APNs takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Alerts and background notifications.
    #[default]
    Standard,
    /// Calls, by `PushKit`, whose tokens are tokens of their own.
    Voip,
}
