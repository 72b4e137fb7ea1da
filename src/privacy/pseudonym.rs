//! Keyed hashes that stand for what must not be stored or sent as it is.
//!
//! Each purpose has a key of its own, so that two kinds of hashes can never be compared; and who reads the
//! database without the storage key cannot try out guesses.

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};
use zeroize::Zeroizing;

use super::StorageKey;
use crate::model::{
    AppId, CollapseHash, CollapseKey, DeliveryId, DeviceToken, NotificationId, SenderId, SubscriptionId,
};

/// The keys of all pseudonyms. Does not print; zeroised on drop.
pub struct Pseudonyms {
    token_lookup: Zeroizing<[u8; 32]>,
    collapse: Zeroizing<[u8; 32]>,
    body: Zeroizing<[u8; 32]>,
    delivery: Zeroizing<[u8; 32]>,
}

/// By which rows that hold one device token of one app are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl Pseudonyms {
    /// Derives the key of each purpose from `key`.
    #[must_use]
    pub fn new(key: &StorageKey) -> Self {
        Self {
            token_lookup: key.derive("sealpush/1 token lookup"),
            collapse: key.derive("sealpush/1 collapse hash"),
            body: key.derive("sealpush/1 body hash"),
            delivery: key.derive("sealpush/1 delivery id"),
        }
    }

    /// Those that a database keeps; see [`Self::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (keys, []) = bytes.as_chunks::<32>() else { return None };
        let [token_lookup, collapse, body, delivery] = keys else { return None };
        let key = |bytes: &[u8; 32]| Zeroizing::new(*bytes);
        Some(Self {
            token_lookup: key(token_lookup),
            collapse: key(collapse),
            body: key(body),
            delivery: key(delivery),
        })
    }

    /// The keys, for the store alone, which keeps them under the at-rest cipher when the storage key is rotated.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 128]> {
        let mut bytes = Zeroizing::new([0; 128]);
        let keys = [&self.token_lookup, &self.collapse, &self.body, &self.delivery];
        for (place, key) in bytes.as_chunks_mut::<32>().0.iter_mut().zip(keys) {
            place.copy_from_slice(key.as_slice());
        }
        bytes
    }

    /// By which registrations of `app` with `token` are found. One token under two apps has two hashes.
    #[must_use]
    pub fn token_hash(&self, app: &AppId, token: &DeviceToken) -> TokenHash {
        TokenHash(mac(
            &self.token_lookup,
            &[app.as_str().as_bytes(), token.push_service().as_str().as_bytes(), token.expose().as_bytes()],
        ))
    }

    /// What a push service sees of a collapse key: it learns that two are equal at one subscription, and
    /// nothing about two subscriptions.
    #[must_use]
    pub fn collapse_hash(&self, subscription: SubscriptionId, key: &CollapseKey) -> CollapseHash {
        let of_subscription = Zeroizing::new(mac(&self.collapse, &[subscription.as_bytes()]));
        let hash = mac(&of_subscription, &[key.as_bytes()]);
        let mut first = [0; 24];
        first.copy_from_slice(&hash[..24]);
        CollapseHash(first)
    }

    /// What is kept of a request body, so that the same id with another body is told apart: keyed BLAKE3, because a whole
    /// body goes through here with each request, and where a processor has no instructions for SHA-256 it is several times
    /// cheaper (docs/adr/0033).
    #[must_use]
    pub fn body_hash(&self, body: &[u8]) -> [u8; 32] {
        *blake3::keyed_hash(&self.body, body).as_bytes()
    }

    /// The delivery id of a target for which the relay draws it. The same for a repeated request, so that the
    /// device drops what it has seen, and another for another body; to everyone else 16 random bytes.
    #[must_use]
    pub fn delivery_id(
        &self,
        sender: SenderId,
        notification: NotificationId,
        body_hash: &[u8; 32],
        subscription: SubscriptionId,
    ) -> DeliveryId {
        let parts: [&[u8]; 4] =
            [sender.as_bytes(), notification.as_bytes(), body_hash, subscription.as_bytes()];
        let hash = mac(&self.delivery, &parts);
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        DeliveryId::from_bytes(first)
    }
}

/// HMAC-SHA256 (RFC 2104) over `parts`, each after its length, so that no two lists of parts read alike.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Context::with_key(&Key::new(HMAC_SHA256, key));
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.sign().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PushService;

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(&StorageKey::from_bytes([7; 32]))
    }

    #[test]
    fn a_token_is_found_under_its_app_and_push_service_only() {
        let hash = |app: &str, push_service, token| {
            let token = DeviceToken::parse(push_service, token).unwrap();
            pseudonyms().token_hash(&app.parse().unwrap(), &token)
        };
        let known = hash("app", PushService::Apns, "ab01");
        assert_eq!(known, hash("app", PushService::Apns, "AB01"));
        assert_ne!(known, hash("app2", PushService::Apns, "ab01"));
        assert_ne!(known, hash("app", PushService::Fcm, "ab01"));
        assert_ne!(known, hash("app", PushService::Apns, "ab02"));
    }

    #[test]
    fn keys_that_were_kept_give_the_same_pseudonyms() {
        let kept = Pseudonyms::from_bytes(&pseudonyms().to_bytes()[..]).unwrap();
        assert_eq!(kept.body_hash(b"{}"), pseudonyms().body_hash(b"{}"));
        assert_eq!(kept.to_bytes(), pseudonyms().to_bytes());
    }

    proptest::proptest! {
        #[test]
        fn four_keys_are_read_and_nothing_else(bytes: Vec<u8>, whole: [u8; 128]) {
            proptest::prop_assert_eq!(Pseudonyms::from_bytes(&bytes).is_some(), bytes.len() == 128);
            let kept = Pseudonyms::from_bytes(&whole).unwrap();
            let written = kept.to_bytes();
            proptest::prop_assert_eq!(written.as_slice(), whole.as_slice());
        }
    }

    #[test]
    fn what_a_database_has_does_not_change_with_the_library() {
        // By another implementation of HMAC (Python's hmac and hashlib).
        let expected = "6073d5bcf26efd7ddc06c90652db47666a35e5fce22c4a3632375cb436a2611d";
        assert_eq!(hex::encode(mac(&[7; 32], &[b"ab", b"c"])), expected);
        // By PyPI's blake3.
        let expected = "b1495225f01fa8cd09e410d288d09b68c1cc9fb2414686c0d3ac13fc905497d9";
        let mut keys = [0; 128];
        keys[64..96].fill(7);
        assert_eq!(hex::encode(Pseudonyms::from_bytes(&keys).unwrap().body_hash(b"abc")), expected);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(mac(&[0; 32], &[b"ab", b"c"]), mac(&[0; 32], &[b"a", b"bc"]));
    }

    #[test]
    fn equal_collapse_keys_of_two_subscriptions_look_different() {
        let key: CollapseKey = "room-42".parse().unwrap();
        let other: CollapseKey = "room-43".parse().unwrap();
        let (one, two) = (SubscriptionId::from_bytes([1; 16]), SubscriptionId::from_bytes([2; 16]));
        let pseudonyms = pseudonyms();
        assert_eq!(pseudonyms.collapse_hash(one, &key), pseudonyms.collapse_hash(one, &key));
        assert_ne!(pseudonyms.collapse_hash(one, &key), pseudonyms.collapse_hash(two, &key));
        assert_ne!(pseudonyms.collapse_hash(one, &key), pseudonyms.collapse_hash(one, &other));
    }

    #[test]
    fn a_repeated_request_has_the_same_delivery_ids_and_another_body_has_others() {
        let (sender, notification) = (SenderId::from_bytes([1; 16]), NotificationId::from_bytes([2; 16]));
        let id = |body: u8, subscription: u8| {
            let subscription = SubscriptionId::from_bytes([subscription; 16]);
            pseudonyms().delivery_id(sender, notification, &[body; 32], subscription)
        };
        assert_eq!(id(3, 4), id(3, 4));
        assert_ne!(id(3, 4), id(5, 4));
        assert_ne!(id(3, 4), id(3, 5));
    }

    #[test]
    fn another_storage_key_gives_other_pseudonyms() {
        let other = Pseudonyms::new(&StorageKey::from_bytes([8; 32]));
        assert_ne!(pseudonyms().body_hash(b"{}"), other.body_hash(b"{}"));
    }

    #[test]
    fn the_purposes_do_not_share_a_key() {
        let p = pseudonyms();
        let keys = [&p.token_lookup, &p.collapse, &p.body, &p.delivery];
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[..i].contains(key));
        }
    }
}
