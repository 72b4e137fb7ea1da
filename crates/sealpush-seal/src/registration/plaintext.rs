//! What an app tells the relay in a registration.
//!
//! Owns the typed members and the padding of their text; must not seal. Read next: `json.rs`, the text.

use std::fmt;

use zeroize::Zeroizing;

use super::{CreatedAt, DeviceToken, RegistrationId, SealRegistrationError, json};
use crate::{SubscriptionId, SubscriptionPublicKey};

/// The lengths that a plaintext may have, in bytes, so that its length does not name the push service.
pub(crate) const LENGTHS: [usize; 2] = [1024, 2048];

/// The members of a sealed registration.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationPlaintext {
    /// The operator's app, by its name in the relay's configuration.
    pub app: String,
    /// The push service and the device's address there.
    pub device_token: DeviceToken,
    /// The subscription, a random UUID drawn by the device, so that its server knows it at once.
    pub subscription: SubscriptionId,
    /// The registration, a random UUID drawn by the device and never shown to the sender.
    pub registration: RegistrationId,
    /// SHA-256 of the 32 raw bytes of a secret that the app keeps.
    pub secret_hash: [u8; 32],
    /// The subscription's public key: only where the relay may seal, for a server that cannot.
    pub subscription_key: Option<SubscriptionPublicKey>,
    /// When the app made this, by its own clock.
    pub created_at: CreatedAt,
}

impl RegistrationPlaintext {
    /// The JSON object, and then spaces up to the smaller of 1,024 and 2,048 bytes that holds it: what is sealed.
    pub fn to_padded_json(&self) -> Result<Zeroizing<Vec<u8>>, SealRegistrationError> {
        if !self.subscription.is_version_4() || !self.registration.is_version_4() {
            return Err(SealRegistrationError::NotVersion4);
        }
        let json = json::write(self);
        let length = LENGTHS.into_iter().find(|&length| length >= json.len());
        let mut padded = Zeroizing::new(Vec::with_capacity(LENGTHS[1]));
        padded.extend_from_slice(&json);
        padded.resize(length.ok_or(SealRegistrationError::TooLong(json.len()))?, b' ');
        Ok(padded)
    }

    /// Reads what was sealed; nothing where a rule of the protocol is broken, and not a word on which.
    #[must_use]
    pub fn from_padded_json(padded: &[u8]) -> Option<Self> {
        if !LENGTHS.contains(&padded.len()) {
            return None;
        }
        // The object begins at the first byte, and only spaces follow its last: JSON would take other white space too.
        let end = padded.iter().rposition(|&byte| byte != b' ')?;
        let json = &padded[..=end];
        if json.first() != Some(&b'{') || json.last() != Some(&b'}') {
            return None;
        }
        json::read(json)
    }
}

impl fmt::Debug for RegistrationPlaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationPlaintext({}, {:?}, {})", self.app, self.device_token, self.created_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::RegistrationPlaintext;
    use crate::{
        SubscriptionId, SubscriptionPrivateKey,
        registration::{
            ApnsEnvironment, CreatedAt, DeviceToken, RegistrationId, SealRegistrationError, TokenKind,
        },
    };

    fn version_4(mut bytes: [u8; 16]) -> [u8; 16] {
        (bytes[6], bytes[8]) = (0x40 | bytes[6] & 0x0f, 0x80 | bytes[8] & 0x3f);
        bytes
    }

    fn device_tokens() -> impl Strategy<Value = DeviceToken> {
        let text = || any::<String>().prop_map(Zeroizing::new);
        let apns =
            (text(), any::<[bool; 2]>()).prop_map(|(token, [is_sandbox, is_voip])| DeviceToken::Apns {
                token,
                environment: if is_sandbox { ApnsEnvironment::Sandbox } else { ApnsEnvironment::Production },
                kind: if is_voip { TokenKind::Voip } else { TokenKind::Standard },
            });
        let fcm = text().prop_map(|token| DeviceToken::Fcm { token });
        let web_push = (text(), any::<([u8; 32], [u8; 32], u8)>(), any::<[u8; 16]>()).prop_map(
            |(endpoint, (x, y, form), auth)| DeviceToken::WebPush {
                endpoint,
                p256dh: Box::new([[form].as_slice(), &x, &y].concat().try_into().unwrap()),
                auth: Zeroizing::new(auth),
            },
        );
        prop_oneof![apns, fcm, web_push]
    }

    prop_compose! {
        fn plaintexts()(
            app in any::<String>(),
            device_token in device_tokens(),
            ids in any::<[[u8; 16]; 2]>(),
            secret_hash in any::<[u8; 32]>(),
            private in any::<Option<[u8; 32]>>(),
            created_at_ms in 0..253_402_300_799_999_u64,
        ) -> RegistrationPlaintext {
            RegistrationPlaintext {
                app,
                device_token,
                subscription: SubscriptionId::from_bytes(version_4(ids[0])),
                registration: RegistrationId::from_bytes(version_4(ids[1])),
                secret_hash,
                subscription_key: private.map(|bytes| SubscriptionPrivateKey::from_bytes(&bytes).public()),
                created_at: CreatedAt::from_unix_ms(created_at_ms).unwrap(),
            }
        }
    }

    proptest! {
        #[test]
        fn every_registration_is_read_as_it_was_written(plaintext in plaintexts()) {
            match plaintext.to_padded_json() {
                Ok(padded) => {
                    prop_assert!([1024, 2048].contains(&padded.len()));
                    prop_assert_eq!(RegistrationPlaintext::from_padded_json(&padded), Some(plaintext));
                }
                Err(error) => prop_assert!(matches!(error, SealRegistrationError::TooLong(2049..))),
            }
        }

        #[test]
        fn one_changed_byte_gives_another_registration_or_none(
            plaintext in plaintexts(), at in any::<prop::sample::Index>(), to in any::<u8>(),
        ) {
            let Ok(mut padded) = plaintext.to_padded_json() else { return Ok(()) };
            let at = at.index(padded.len());
            prop_assume!(padded[at] != to);
            padded[at] = to;
            prop_assert_ne!(RegistrationPlaintext::from_padded_json(&padded), Some(plaintext));
        }

        #[test]
        fn arbitrary_text_is_refused_or_read_and_written_again(text in r#"\{("[a-z_]{1,14}":("[^"]{0,9}"|null|\{\}|[0-9]),?){0,11}\}"#) {
            let mut padded = text.into_bytes();
            padded.resize(1024, b' ');
            if let Some(plaintext) = RegistrationPlaintext::from_padded_json(&padded) {
                let again = plaintext.to_padded_json().unwrap();
                prop_assert_eq!(RegistrationPlaintext::from_padded_json(&again), Some(plaintext));
            }
        }
    }

    #[test]
    fn ids_that_are_not_random_are_not_written() {
        let plaintext = RegistrationPlaintext {
            app: String::new(),
            device_token: DeviceToken::Fcm { token: Zeroizing::default() },
            subscription: SubscriptionId::from_bytes([0; 16]),
            registration: RegistrationId::from_bytes(version_4([0; 16])),
            secret_hash: [0; 32],
            subscription_key: None,
            created_at: CreatedAt::from_unix_ms(0).unwrap(),
        };
        assert_eq!(plaintext.to_padded_json().err(), Some(SealRegistrationError::NotVersion4));
    }
}
