//! What a device holds for one subscription, and what it opens with it.
//!
//! Owns the rules of opening: which keys are tried, which provenance is taken, how old is too old, what was seen before.
//! Must not tell why an envelope did not open. Read next: `plaintext.rs`, what is inside.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    DeliveryId, Envelope, IdentityPublicKey, OpenError, Opened, Provenance, SeenDeliveries, SubscriptionId,
    SubscriptionPrivateKey,
    header::Header,
    plaintext::Plaintext,
    signed_message::signed_message,
    suite,
    window::{ENVELOPE_AGE_MS, PREVIOUS_IDENTITY_MS, REMEMBERED_MS, is_within},
};

/// A device's keys for one subscription: its private keys, and its server's identity keys or none.
pub struct DeviceKeys {
    subscription: SubscriptionId,
    current: SubscriptionPrivateKey,
    previous: Vec<Replaced<SubscriptionPrivateKey>>,
    identity: Option<IdentityPublicKey>,
    previous_identities: Vec<Replaced<IdentityPublicKey>>,
}

/// A key that another one took the place of.
struct Replaced<K> {
    key: K,
    replaced_at_ms: u64,
}

impl<K> Replaced<K> {
    fn if_younger(&self, age_ms: u64, now_ms: u64) -> Option<&K> {
        (now_ms.saturating_sub(self.replaced_at_ms) <= age_ms).then_some(&self.key)
    }
}

impl DeviceKeys {
    /// The keys of a new subscription. With an identity key the device takes what its server signed and nothing else;
    /// without one, what the relay sealed and nothing else.
    #[must_use]
    pub fn new(
        subscription: SubscriptionId,
        private: SubscriptionPrivateKey,
        identity: Option<IdentityPublicKey>,
    ) -> Self {
        Self {
            subscription,
            current: private,
            previous: Vec::new(),
            identity,
            previous_identities: Vec::new(),
        }
    }

    /// Adds a private key that was replaced at `replaced_at_ms` (unix milliseconds), as an app does that reads its keys
    /// from its key store.
    #[must_use]
    pub fn with_previous_key(mut self, key: SubscriptionPrivateKey, replaced_at_ms: u64) -> Self {
        self.previous.push(Replaced { key, replaced_at_ms });
        self
    }

    /// Adds an identity key that was replaced at `replaced_at_ms` (unix milliseconds). Without a current one it is never
    /// asked.
    #[must_use]
    pub fn with_previous_identity(mut self, key: IdentityPublicKey, replaced_at_ms: u64) -> Self {
        self.previous_identities.push(Replaced { key, replaced_at_ms });
        self
    }

    /// Takes a new private key and keeps the old one for 30 days, for what is still on its way.
    pub fn rotate(&mut self, private: SubscriptionPrivateKey, now_ms: u64) {
        self.forget(now_ms);
        let key = std::mem::replace(&mut self.current, private);
        self.previous.push(Replaced { key, replaced_at_ms: now_ms });
    }

    /// Takes a new identity key of the server, and the old one for 28 days more. From the first one on, the device
    /// refuses what the relay sealed.
    pub fn change_identity(&mut self, identity: IdentityPublicKey, now_ms: u64) {
        self.forget(now_ms);
        if let Some(key) = self.identity.replace(identity) {
            self.previous_identities.push(Replaced { key, replaced_at_ms: now_ms });
        }
    }

    /// Drops, and wipes, every key that is too old to be tried. An app that stores its keys does the same there.
    pub fn forget(&mut self, now_ms: u64) {
        self.previous.retain(|key| key.if_younger(REMEMBERED_MS, now_ms).is_some());
        self.previous_identities.retain(|key| key.if_younger(PREVIOUS_IDENTITY_MS, now_ms).is_some());
    }

    /// The subscription that these keys belong to.
    #[must_use]
    pub const fn subscription(&self) -> SubscriptionId {
        self.subscription
    }

    /// Opens an envelope that came for this subscription. A device with several subscriptions tries the keys of each:
    /// the one that opens names the account.
    ///
    /// `now_ms` is the device's clock in unix milliseconds. What opened is remembered in `seen`, and never opens again.
    pub fn open(
        &self,
        envelope: &Envelope,
        now_ms: u64,
        seen: &mut impl SeenDeliveries,
    ) -> Result<Opened, OpenError> {
        self.private_keys(now_ms)
            .find_map(|private| self.decrypt(private, envelope).map(|plaintext| (private, plaintext)))
            .and_then(|(private, bytes)| self.accept(private, envelope.delivery_id(), &bytes, now_ms))
            // Last of all, so that an envelope that is refused for another reason is not remembered.
            .filter(|opened| seen.remember(self.subscription, opened.delivery, now_ms))
            .ok_or(OpenError::OpeningFailed)
    }

    fn private_keys(&self, now_ms: u64) -> impl Iterator<Item = &SubscriptionPrivateKey> {
        let previous =
            self.previous.iter().rev().filter_map(move |key| key.if_younger(REMEMBERED_MS, now_ms));
        std::iter::once(&self.current).chain(previous)
    }

    fn decrypt(&self, private: &SubscriptionPrivateKey, envelope: &Envelope) -> Option<Zeroizing<Vec<u8>>> {
        let info = Header::new(envelope.delivery_id()).info(self.subscription);
        suite::open(private.x25519(), &envelope.enc(), &info, envelope.ciphertext())
    }

    fn accept(
        &self,
        private: &SubscriptionPrivateKey,
        delivery: DeliveryId,
        bytes: &[u8],
        now_ms: u64,
    ) -> Option<Opened> {
        let plaintext = Plaintext::decode(bytes)?;
        let is_genuine = match plaintext.provenance {
            // A relay could otherwise forge by leaving the signature away.
            Provenance::SealedByRelay => self.identity.is_none(),
            Provenance::SignedBySender => self.is_signed(private, delivery, &plaintext, now_ms),
        };
        let is_timely = is_within(plaintext.sealed_at_ms, now_ms, ENVELOPE_AGE_MS);
        (is_genuine && is_timely).then(|| Opened {
            content: Zeroizing::new(plaintext.content.to_vec()),
            provenance: plaintext.provenance,
            sealed_at_ms: plaintext.sealed_at_ms,
            delivery,
        })
    }

    fn is_signed(
        &self,
        private: &SubscriptionPrivateKey,
        delivery: DeliveryId,
        plaintext: &Plaintext<'_>,
        now_ms: u64,
    ) -> bool {
        let Some(current) = &self.identity else { return false };
        let previous =
            self.previous_identities.iter().filter_map(|key| key.if_younger(PREVIOUS_IDENTITY_MS, now_ms));
        let message = signed_message(
            &Header::new(delivery),
            self.subscription,
            &private.public(),
            plaintext.sealed_at_ms,
            plaintext.content,
        );
        std::iter::once(current).chain(previous).any(|key| key.verifies(&message, plaintext.signature))
    }
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKeys({})", self.subscription)
    }
}

#[cfg(test)]
mod tests {
    use getrandom::SysRng;

    use super::DeviceKeys;
    use crate::{
        DeliveryId, Envelope, IdentityKey, OpenError, Opened, Provenance, Sealer, SeenInMemory,
        SubscriptionId, SubscriptionPrivateKey,
        rand_core::UnwrapErr,
        seal,
        window::{ENVELOPE_AGE_MS, PREVIOUS_IDENTITY_MS, REMEMBERED_MS},
    };

    const NOW: u64 = 1_800_000_000_000;
    const SUBSCRIPTION: SubscriptionId = SubscriptionId::from_bytes([5; 16]);

    fn private(seed: u8) -> SubscriptionPrivateKey {
        SubscriptionPrivateKey::from_bytes(&[seed; 32])
    }

    fn identity(seed: u8) -> IdentityKey {
        IdentityKey::from_bytes(&[seed; 32])
    }

    fn sealed(to: u8, sealer: Sealer<'_>, at_ms: u64) -> Envelope {
        let rng = &mut UnwrapErr(SysRng);
        let delivery = DeliveryId::random(rng);
        seal(b"hello", SUBSCRIPTION, &private(to).public(), delivery, sealer, at_ms, rng).unwrap()
    }

    fn signed_device() -> DeviceKeys {
        DeviceKeys::new(SUBSCRIPTION, private(1), Some(identity(1).public()))
    }

    fn open(keys: &DeviceKeys, envelope: &Envelope, now_ms: u64) -> Result<Opened, OpenError> {
        keys.open(envelope, now_ms, &mut SeenInMemory::new())
    }

    #[test]
    fn what_the_server_signed_opens() {
        let opened = open(&signed_device(), &sealed(1, Sealer::Sender(&identity(1)), NOW - 7), NOW).unwrap();
        assert_eq!(opened.content.as_slice(), b"hello");
        assert_eq!((opened.provenance, opened.sealed_at_ms), (Provenance::SignedBySender, NOW - 7));
    }

    #[test]
    fn a_device_with_an_identity_key_refuses_what_the_relay_sealed_and_one_without_takes_nothing_else() {
        let (by_relay, by_sender) =
            (sealed(1, Sealer::Relay, NOW), sealed(1, Sealer::Sender(&identity(1)), NOW));
        let unsigned_device = DeviceKeys::new(SUBSCRIPTION, private(1), None);
        assert_eq!(open(&signed_device(), &by_relay, NOW).err(), Some(OpenError::OpeningFailed));
        assert_eq!(open(&unsigned_device, &by_sender, NOW).err(), Some(OpenError::OpeningFailed));
        assert_eq!(open(&unsigned_device, &by_relay, NOW).unwrap().provenance, Provenance::SealedByRelay);
    }

    #[test]
    fn an_envelope_opens_once_and_a_refused_one_is_not_remembered() {
        let (envelope, mut seen) = (sealed(1, Sealer::Sender(&identity(1)), NOW), SeenInMemory::new());
        let too_late = NOW + ENVELOPE_AGE_MS + 1;
        assert!(signed_device().open(&envelope, too_late, &mut seen).is_err());
        assert!(signed_device().open(&envelope, NOW, &mut seen).is_ok());
        assert_eq!(signed_device().open(&envelope, NOW, &mut seen).err(), Some(OpenError::OpeningFailed));
    }

    #[test]
    fn a_rotated_key_opens_for_thirty_days_more() {
        let mut keys = signed_device();
        keys.rotate(private(2), NOW);
        let last = NOW + REMEMBERED_MS;
        let old = sealed(1, Sealer::Sender(&identity(1)), last);
        assert!(open(&keys, &old, last).is_ok());
        assert!(open(&keys, &old, last + 1).is_err());
        assert!(open(&keys, &sealed(2, Sealer::Sender(&identity(1)), last), last).is_ok());
    }

    #[test]
    fn a_replaced_identity_key_is_taken_for_28_days_more() {
        let mut keys = signed_device();
        keys.change_identity(identity(2).public(), NOW);
        let last = NOW + PREVIOUS_IDENTITY_MS;
        let old = sealed(1, Sealer::Sender(&identity(1)), last);
        assert!(open(&keys, &old, last).is_ok());
        assert!(open(&keys, &old, last + 1).is_err());
        assert!(open(&keys, &sealed(1, Sealer::Sender(&identity(2)), NOW), NOW).is_ok());
        assert!(open(&keys, &sealed(1, Sealer::Sender(&identity(3)), NOW), NOW).is_err());
    }

    #[test]
    fn the_first_identity_key_ends_what_the_relay_sealed_and_an_old_one_alone_counts_for_nothing() {
        let mut keys =
            DeviceKeys::new(SUBSCRIPTION, private(1), None).with_previous_identity(identity(1).public(), NOW);
        let by_sender = sealed(1, Sealer::Sender(&identity(1)), NOW);
        assert!(open(&keys, &sealed(1, Sealer::Relay, NOW), NOW).is_ok());
        assert!(open(&keys, &by_sender, NOW).is_err());
        keys.change_identity(identity(2).public(), NOW);
        assert!(open(&keys, &sealed(1, Sealer::Relay, NOW), NOW).is_err());
    }

    #[test]
    fn forgotten_keys_do_not_come_back_with_the_clock() {
        let mut keys = signed_device();
        keys.rotate(private(2), NOW);
        keys.change_identity(identity(2).public(), NOW);
        keys.forget(NOW + REMEMBERED_MS + 1);
        assert!(open(&keys, &sealed(1, Sealer::Sender(&identity(2)), NOW), NOW).is_err());
        assert!(open(&keys, &sealed(2, Sealer::Sender(&identity(1)), NOW), NOW).is_err());
        assert!(open(&keys, &sealed(2, Sealer::Sender(&identity(2)), NOW), NOW).is_ok());
    }

    #[test]
    fn a_stranger_to_the_subscription_opens_nothing() {
        let envelope = sealed(1, Sealer::Sender(&identity(1)), NOW);
        let other = SubscriptionId::from_bytes([6; 16]);
        assert!(
            open(&DeviceKeys::new(other, private(1), Some(identity(1).public())), &envelope, NOW).is_err()
        );
        assert!(
            open(&DeviceKeys::new(SUBSCRIPTION, private(9), Some(identity(1).public())), &envelope, NOW)
                .is_err()
        );
    }

    #[test]
    fn what_is_secret_does_not_print() {
        let envelope = sealed(1, Sealer::Sender(&identity(1)), NOW);
        let shown = format!("{:?}{:?}", signed_device(), open(&signed_device(), &envelope, NOW).unwrap());
        let expected = format!("{}, SignedBySender, 5 bytes)", envelope.delivery_id());
        assert_eq!(shown, format!("DeviceKeys({SUBSCRIPTION})Opened({expected}"));
    }
}
