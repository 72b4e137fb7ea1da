//! Device tokens: the push service's address of a device. Always secret.

use super::PushService;
use crate::base::Secret;

/// The longest FCM registration token that is taken, in bytes. Google documents no limit; those seen are
/// under 200 characters.
const FCM_MAX: usize = 1024;
/// Apple documents no length and warns not to assume one.
const APNS_HEX: std::ops::RangeInclusive<usize> = 2..=512;

/// A device token whose form fits its push service. Does not print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceToken {
    push_service: PushService,
    text: Secret<String>,
}

/// Why a text cannot be a device token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceTokenError {
    /// APNs.
    #[error("an APNs device token is an even number of hexadecimal digits, 2 to 512")]
    Apns,
    /// FCM.
    #[error("an FCM registration token is 1 to 1024 printable ASCII characters without spaces")]
    Fcm,
}

impl DeviceToken {
    /// Checks the form of `text`. An APNs token is kept in lower case, so that one device has one text.
    pub fn parse(push_service: PushService, text: &str) -> Result<Self, DeviceTokenError> {
        let text = match push_service {
            PushService::Apns => {
                // The token becomes part of a request path: nothing but hexadecimal digits may get there.
                let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
                if !APNS_HEX.contains(&text.len()) || !text.len().is_multiple_of(2) || !is_hex {
                    return Err(DeviceTokenError::Apns);
                }
                text.to_ascii_lowercase()
            }
            PushService::Fcm => {
                let printable = text.bytes().all(|b| b.is_ascii_graphic());
                if text.is_empty() || text.len() > FCM_MAX || !printable {
                    return Err(DeviceTokenError::Fcm);
                }
                text.to_owned()
            }
        };
        Ok(Self { push_service, text: Secret::new(text) })
    }

    /// The push service that understands it.
    #[must_use]
    pub fn push_service(&self) -> PushService {
        self.push_service
    }

    /// The token, for the request to its push service and for the at-rest cipher.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apns_token_is_hexadecimal_and_kept_in_lower_case() {
        let token = DeviceToken::parse(PushService::Apns, "AB01").map(|token| token.expose().to_owned());
        assert_eq!(token, Ok("ab01".to_owned()));
        for bad in ["", "a", "abc", "zz", "../x", "ab%2", &"ab".repeat(257)] {
            assert_eq!(DeviceToken::parse(PushService::Apns, bad), Err(DeviceTokenError::Apns), "{bad}");
        }
    }

    #[test]
    fn an_fcm_token_is_printable() {
        assert!(DeviceToken::parse(PushService::Fcm, "dV9:APA91b-x_y").is_ok());
        for bad in ["", "a b", "a\n", "ü", &"a".repeat(1025)] {
            assert_eq!(DeviceToken::parse(PushService::Fcm, bad), Err(DeviceTokenError::Fcm), "{bad}");
        }
    }

    #[test]
    fn a_device_token_does_not_print() -> Result<(), DeviceTokenError> {
        let token = DeviceToken::parse(PushService::Apns, "740f4707")?;
        assert!(!format!("{token:?}").contains("740f"));
        Ok(())
    }
}
