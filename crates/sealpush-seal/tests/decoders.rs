//! Every decoder under arbitrary input: it never panics, reads what was written, and takes one spelling of each value.

use getrandom::SysRng;
use proptest::prelude::*;
use sealpush_seal::{
    BUCKETS, DeliveryId, DeviceKeys, Envelope, IdentityKey, IdentityPublicKey, OVERHEAD, OpenError, Sealer,
    SeenInMemory, SenderId, SubscriptionId, SubscriptionPrivateKey, SubscriptionPublicKey, base64url,
    rand_core::UnwrapErr,
    registration::{
        RegistrationError, RegistrationId, RegistrationKeyPair, RegistrationPublicKey, SealedRegistration,
        open_registration,
    },
    seal,
};

const NOW: u64 = 1_800_000_000_000;
const SUBSCRIPTION: SubscriptionId = SubscriptionId::from_bytes([5; 16]);

fn device() -> (DeviceKeys, SubscriptionPublicKey, IdentityKey) {
    let (private, identity) =
        (SubscriptionPrivateKey::from_bytes(&[1; 32]), IdentityKey::from_bytes(&[2; 32]));
    let key = private.public();
    (DeviceKeys::new(SUBSCRIPTION, private, Some(identity.public())), key, identity)
}

fn sealed(content: &[u8]) -> Envelope {
    let ((_, key, identity), rng) = (device(), &mut UnwrapErr(SysRng));
    seal(content, SUBSCRIPTION, &key, DeliveryId::random(rng), Sealer::Sender(&identity), NOW, rng)
        .expect("the content fits")
}

/// Bytes that get as far as the checks behind version, suite and size.
fn with_outer_form(sizes: &'static [usize]) -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(sizes).prop_flat_map(|size| {
        prop::collection::vec(any::<u8>(), size - 2).prop_map(|rest| [vec![1, 1], rest].concat())
    })
}

proptest! {
    #[test]
    fn base64url_reads_what_it_writes(bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        prop_assert_eq!(base64url::decode(&base64url::encode(&bytes)), Ok(bytes));
    }

    #[test]
    fn base64url_takes_one_text_for_each_value(text in "[A-Za-z0-9_=+/ \\n-]{0,12}|\\PC{0,12}") {
        if let Ok(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes), text);
        }
    }

    #[test]
    fn ids_read_what_they_write(bytes in any::<[u8; 16]>()) {
        prop_assert_eq!(SubscriptionId::from_bytes(bytes).to_string().parse(), Ok(SubscriptionId::from_bytes(bytes)));
        prop_assert_eq!(SenderId::from_bytes(bytes).to_string().parse(), Ok(SenderId::from_bytes(bytes)));
        prop_assert_eq!(DeliveryId::from_bytes(bytes).to_string().parse(), Ok(DeliveryId::from_bytes(bytes)));
        prop_assert_eq!(RegistrationId::from_bytes(bytes).to_string().parse(), Ok(RegistrationId::from_bytes(bytes)));
    }

    #[test]
    fn ids_take_one_text_for_each_value(
        text in "[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f-]{36}|\\PC{0,40}",
    ) {
        if let Ok(id) = text.parse::<SubscriptionId>() {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn public_keys_are_kept_as_they_came(bytes in any::<[u8; 32]>()) {
        if let Ok(key) = SubscriptionPublicKey::from_bytes(bytes) {
            prop_assert_eq!(key.as_bytes(), &bytes);
            prop_assert_eq!(SubscriptionPublicKey::from_base64url(&key.to_base64url()), Ok(key));
        }
        if let Ok(key) = IdentityPublicKey::from_bytes(bytes) {
            prop_assert_eq!(key.as_bytes(), &bytes);
            prop_assert_eq!(IdentityPublicKey::from_base64url(&key.to_base64url()), Ok(key));
        }
        if let Ok(key) = RegistrationPublicKey::from_bytes(bytes) {
            prop_assert_eq!(RegistrationPublicKey::from_base64url(&key.to_base64url()), Ok(key));
        }
    }

    #[test]
    fn the_public_half_of_every_private_key_is_taken(bytes in any::<[u8; 32]>()) {
        let private = SubscriptionPrivateKey::from_bytes(&bytes);
        prop_assert_eq!(SubscriptionPublicKey::from_bytes(*private.public().as_bytes()), Ok(private.public()));
        prop_assert_eq!(SubscriptionPrivateKey::from_bytes(&private.to_bytes()).public(), private.public());
        let identity = IdentityKey::from_bytes(&bytes);
        prop_assert_eq!(IdentityPublicKey::from_bytes(*identity.public().as_bytes()), Ok(identity.public()));
        prop_assert_eq!(*identity.to_bytes(), bytes);
    }

    #[test]
    fn texts_of_keys_never_panic(text in "[A-Za-z0-9_-]{42,44}|\\PC{0,50}") {
        if let Ok(key) = SubscriptionPublicKey::from_base64url(&text) {
            prop_assert_eq!(key.to_base64url(), text);
        }
    }

    #[test]
    fn arbitrary_bytes_are_an_envelope_or_not_and_kept_as_they_came(
        bytes in prop_oneof![prop::collection::vec(any::<u8>(), 0..400), with_outer_form(&[322, 578])],
    ) {
        if let Ok(envelope) = Envelope::from_bytes(bytes.as_slice()) {
            prop_assert_eq!(envelope.as_bytes(), bytes.as_slice());
            prop_assert_eq!(Envelope::from_base64url(&envelope.to_base64url()), Ok(envelope.clone()));
            prop_assert_eq!(envelope.into_bytes(), bytes);
        }
    }

    #[test]
    fn nothing_that_was_not_sealed_opens(bytes in with_outer_form(&[322, 578])) {
        let envelope = Envelope::from_bytes(bytes).expect("the outer form is right");
        let opened = device().0.open(&envelope, NOW, &mut SeenInMemory::new());
        prop_assert_eq!(opened.err(), Some(OpenError::OpeningFailed));
    }

    #[test]
    fn every_content_comes_out_as_it_went_in(content in prop::collection::vec(any::<u8>(), 0..=2613)) {
        let envelope = sealed(&content);
        prop_assert!(BUCKETS.iter().any(|bucket| bucket + OVERHEAD == envelope.as_bytes().len()));
        let opened = device().0.open(&envelope, NOW, &mut SeenInMemory::new()).expect("it was sealed for this device");
        prop_assert_eq!(opened.content.as_slice(), content);
    }

    #[test]
    fn an_envelope_with_one_bit_changed_does_not_open(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = sealed(b"hello").into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let refused = Envelope::from_bytes(bytes).map_err(OpenError::from).and_then(|envelope| {
            device().0.open(&envelope, NOW, &mut SeenInMemory::new())
        });
        prop_assert!(refused.is_err());
    }

    #[test]
    fn arbitrary_bytes_are_a_sealed_registration_or_not_and_never_open(
        bytes in prop_oneof![prop::collection::vec(any::<u8>(), 0..1200), with_outer_form(&[1082, 2106])],
        names_the_key in any::<bool>(),
    ) {
        let (mut bytes, key) = (bytes, RegistrationKeyPair::from_bytes(&[3; 32]));
        if names_the_key && bytes.len() > 10 {
            bytes[2..10].copy_from_slice(&key.public().key_id().0);
        }
        if let Ok(sealed) = SealedRegistration::from_bytes(bytes.as_slice()) {
            prop_assert_eq!(sealed.as_bytes(), bytes);
            prop_assert_eq!(SealedRegistration::from_base64url(&sealed.to_base64url()), Ok(sealed.clone()));
            let expected = if names_the_key {
                RegistrationError::OpeningFailed
            } else {
                RegistrationError::UnknownKeyId(sealed.key_id())
            };
            let opened = open_registration([&key], SenderId::from_bytes([4; 16]), &sealed, NOW);
            prop_assert_eq!(opened, Err(expected));
        }
    }
}
