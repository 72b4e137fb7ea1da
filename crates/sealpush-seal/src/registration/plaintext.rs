//! What an app tells the relay in a registration.
//!
//! Owns the typed members and the padding of their text; must not seal. Read next: `json.rs`, the text.

use std::fmt;

use zeroize::Zeroizing;

use super::{CreatedAt, DeviceToken, RegistrationId, json};
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
    /// The JSON object and then spaces up to the smallest length that holds it; none where none does, or where an id is
    /// no random UUID.
    pub(crate) fn encode(&self) -> Result<Zeroizing<Vec<u8>>, NotEncodable> {
        if !self.subscription.is_version_4() || !self.registration.is_version_4() {
            return Err(NotEncodable::NotVersion4);
        }
        let json = json::write(self);
        let length = LENGTHS.into_iter().find(|&length| length >= json.len());
        let mut padded = Zeroizing::new(Vec::with_capacity(LENGTHS[1]));
        padded.extend_from_slice(&json);
        padded.resize(length.ok_or(NotEncodable::TooLong(json.len()))?, b' ');
        Ok(padded)
    }

    /// Reads the members, or not.
    pub(crate) fn decode(padded: &[u8]) -> Option<Self> {
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

/// Why members make no plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotEncodable {
    TooLong(usize),
    NotVersion4,
}

impl fmt::Debug for RegistrationPlaintext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationPlaintext({}, {:?}, {})", self.app, self.device_token, self.created_at)
    }
}
