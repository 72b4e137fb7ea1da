//! Ids: UUIDs that cannot be mistaken for one another.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::{Builder, Uuid};

use crate::base::{Entropy, UnixMillis};

/// The id of a `K`. Shown as a lower-case UUID, 8-4-4-4-12.
pub struct Id<K> {
    uuid: Uuid,
    of: PhantomData<fn() -> K>,
}

/// What ids are of; these types have no values.
pub(super) mod kinds {
    /// A sender.
    #[derive(Debug)]
    pub enum Sender {}
    /// A sender's credential.
    #[derive(Debug)]
    pub enum Credential {}
    /// A registration.
    #[derive(Debug)]
    pub enum Registration {}
    /// A subscription.
    #[derive(Debug)]
    pub enum Subscription {}
    /// A notification.
    #[derive(Debug)]
    pub enum Notification {}
    /// A delivery.
    #[derive(Debug)]
    pub enum Delivery {}
    /// An invite.
    #[derive(Debug)]
    pub enum Invite {}
    /// An operator's token.
    #[derive(Debug)]
    pub enum OperatorToken {}
}

/// Names a sender (v4).
pub type SenderId = Id<kinds::Sender>;
/// Names a sender's credential (v4).
pub type CredentialId = Id<kinds::Credential>;
/// Names a registration (v4); known to the app and the relay, never to a sender.
pub type RegistrationId = Id<kinds::Registration>;
/// Names a subscription (v4); known to the app, its server and the relay.
pub type SubscriptionId = Id<kinds::Subscription>;
/// Names a notification (v7); between its sender and the relay.
pub type NotificationId = Id<kinds::Notification>;
/// Names a delivery: 16 random bytes, seen by the push service and the device.
pub type DeliveryId = Id<kinds::Delivery>;
/// Names an invite (v4).
pub type InviteId = Id<kinds::Invite>;
/// Names an operator's token (v4).
pub type OperatorTokenId = Id<kinds::OperatorToken>;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 36 characters of lower-case hexadecimal digits and hyphens.
    #[error("an id is a lower-case UUID such as 0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d")]
    Form,
    /// A UUID of another version than this id needs.
    #[error("this id must be a UUID of version {0}")]
    Version(usize),
}

impl<K> Id<K> {
    /// The id of these 16 bytes, in the order of RFC 9562.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { uuid: Uuid::from_bytes(bytes), of: PhantomData }
    }

    /// A new random id: version 4 of RFC 9562.
    #[must_use]
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self { uuid: Builder::from_random_bytes(entropy.bytes()).into_uuid(), of: PhantomData }
    }

    /// A new id that sorts by time: version 7 of RFC 9562.
    #[must_use]
    pub fn ordered(now: UnixMillis, entropy: &dyn Entropy) -> Self {
        let millis = u64::try_from(now.0).unwrap_or(0);
        Self {
            uuid: Builder::from_unix_timestamp_millis(millis, &entropy.bytes()).into_uuid(),
            of: PhantomData,
        }
    }

    /// Reads an id of a version that matters.
    pub fn parse_version(text: &str, version: usize) -> Result<Self, IdError> {
        let id: Self = text.parse()?;
        if id.uuid.get_version_num() == version { Ok(id) } else { Err(IdError::Version(version)) }
    }

    /// The 16 bytes, in the order of RFC 9562.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.uuid.as_bytes()
    }
}

impl DeliveryId {
    /// A new delivery id. All 16 bytes are random: it is no UUID of any version, only written like one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self::from_bytes(entropy.bytes())
    }
}

impl<K> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        // Exactly one spelling per id, so that equal ids are equal texts everywhere.
        let uuid = Uuid::try_parse(text).map_err(|_| IdError::Form)?;
        if uuid.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()) != text {
            return Err(IdError::Form);
        }
        Ok(Self { uuid, of: PhantomData })
    }
}

impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uuid.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}

impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;

    #[test]
    fn an_id_has_one_spelling() {
        let text = "0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d";
        assert_eq!(text.parse::<SenderId>().map(|id| id.to_string()), Ok(text.to_owned()));
        for other in [
            "0B4A1F6E-58A4-4C1E-9D0E-3F2F6A7B8C9D",
            "0b4a1f6e58a44c1e9d0e3f2f6a7b8c9d",
            "{0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d}",
            "urn:uuid:0b4a1f6e-58a4-4c1e-9d0e-3f2f6a7b8c9d",
            "",
        ] {
            assert_eq!(other.parse::<SenderId>(), Err(IdError::Form), "{other}");
        }
    }

    #[test]
    fn the_version_of_an_id_is_checked_where_it_matters() {
        let ordered = NotificationId::ordered(UnixMillis(1), &OsEntropy).to_string();
        assert!(NotificationId::parse_version(&ordered, 7).is_ok());
        assert_eq!(NotificationId::parse_version(&ordered, 4), Err(IdError::Version(4)));
    }

    #[test]
    fn ids_of_a_later_time_sort_later() {
        let earlier = NotificationId::ordered(UnixMillis(1_000), &OsEntropy);
        let later = NotificationId::ordered(UnixMillis(1_001), &OsEntropy);
        assert!(earlier < later);
    }
}
