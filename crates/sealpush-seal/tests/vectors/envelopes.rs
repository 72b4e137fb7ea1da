//! The crate opens, refuses and seals the vectors of the envelope.

use std::collections::BTreeSet;

use sealpush_seal::{
    DeliveryId, DeviceKeys, Envelope, EnvelopeError, IdentityKey, IdentityPublicKey, OpenError, Opened,
    Provenance, SealError, Sealer, SeenDeliveries, SeenInMemory, SubscriptionId, SubscriptionPrivateKey,
    SubscriptionPublicKey, seal,
};

use crate::{
    generate::format::{Device, EnvelopeVector, Refused, b64, read, un_b64, un_b64_array},
    seeded::Seeded,
};

fn vectors() -> Vec<EnvelopeVector> {
    read(include_str!("../../vectors/envelopes.json"))
}

fn device_keys(device: &Device) -> DeviceKeys {
    let private = |text: &str| SubscriptionPrivateKey::from_bytes(&un_b64_array(text));
    let identity = |text: &str| IdentityPublicKey::from_base64url(text).unwrap();
    let current = device.identity_key.as_deref().map(identity);
    let mut keys =
        DeviceKeys::new(device.subscription.parse().unwrap(), private(&device.private_key), current);
    for previous in &device.previous_private_keys {
        keys = keys.with_previous_key(private(&previous.key), previous.replaced_at_ms);
    }
    for previous in &device.previous_identity_keys {
        keys = keys.with_previous_identity(identity(&previous.key), previous.replaced_at_ms);
    }
    keys
}

fn open(vector: &EnvelopeVector) -> Result<Opened, OpenError> {
    let mut seen = SeenInMemory::new();
    for delivery in &vector.device.seen {
        let subscription = vector.device.subscription.parse().unwrap();
        seen.remember(subscription, delivery.parse().unwrap(), vector.device.now_ms);
    }
    let envelope = Envelope::from_base64url(&vector.envelope)?;
    device_keys(&vector.device).open(&envelope, vector.device.now_ms, &mut seen)
}

fn named(error: OpenError) -> (&'static str, Option<String>) {
    match error {
        OpenError::UnsupportedVersion(version) => ("unsupported_version", Some(version.to_string())),
        OpenError::UnsupportedSuite(suite) => ("unsupported_suite", Some(suite.to_string())),
        OpenError::OpeningFailed => ("opening_failed", None),
    }
}

#[test]
fn each_envelope_ends_as_its_vector_says() {
    for vector in vectors() {
        match (open(&vector), &vector.opens, &vector.refused) {
            (Ok(opened), Some(expected), None) => {
                assert_eq!(b64(&opened.content), expected.content, "{}", vector.name);
                assert_eq!(opened.sealed_at_ms, expected.sealed_at_ms, "{}", vector.name);
                assert_eq!(opened.delivery.to_string(), expected.delivery, "{}", vector.name);
                let is_signed = opened.provenance == Provenance::SignedBySender;
                assert_eq!(is_signed, expected.provenance == "signed_by_sender", "{}", vector.name);
            }
            (Err(error), None, Some(Refused { error: name, value, .. })) => {
                assert_eq!(named(error), (name.as_str(), value.clone()), "{}", vector.name);
            }
            (result, ..) => panic!("{}: {result:?}", vector.name),
        }
    }
}

#[test]
fn the_outer_form_is_refused_before_anything_is_opened() {
    for vector in vectors() {
        let check = vector.refused.map_or(String::new(), |refused| refused.check);
        let refused = match Envelope::from_base64url(&vector.envelope) {
            Ok(_) => "",
            Err(EnvelopeError::Encoding(_)) => "text",
            Err(EnvelopeError::UnsupportedVersion(_)) => "version",
            Err(EnvelopeError::UnsupportedSuite(_)) => "suite",
            Err(EnvelopeError::Size(_)) => "size",
        };
        let is_outer = ["text", "version", "suite", "size"].contains(&check.as_str());
        assert_eq!(refused, if is_outer { &check } else { "" }, "{}", vector.name);
    }
}

#[test]
fn each_good_envelope_is_sealed_again_to_the_byte() {
    let is_smallest = |vector: &EnvelopeVector| !vector.name.contains("bucket");
    let mut count = 0;
    for vector in vectors().into_iter().filter(is_smallest) {
        let (Some(opens), Some(sealing)) = (&vector.opens, &vector.sealing) else { continue };
        let identity = sealing.identity_private_key.as_deref();
        let identity = identity.map(|seed| IdentityKey::from_bytes(&un_b64_array(seed)));
        // After a rotation the envelope was sealed to the key before.
        let key = match vector.device.previous_private_keys.first() {
            Some(previous) => SubscriptionPrivateKey::from_bytes(&un_b64_array(&previous.key)).public(),
            None => SubscriptionPublicKey::from_base64url(&vector.device.public_key).unwrap(),
        };
        let envelope = seal(
            &un_b64(&opens.content),
            vector.device.subscription.parse().unwrap(),
            &key,
            opens.delivery.parse().unwrap(),
            identity.as_ref().map_or(Sealer::Relay, Sealer::Sender),
            opens.sealed_at_ms,
            &mut Seeded(&un_b64(&sealing.ephemeral_ikm)),
        );
        assert_eq!(envelope.unwrap().to_base64url(), vector.envelope, "{}", vector.name);
        count += 1;
    }
    assert!(count > 35, "only {count}");
}

#[test]
fn content_that_no_bucket_holds_is_refused_and_not_cut() {
    let key = SubscriptionPrivateKey::from_bytes(&[1; 32]).public();
    let (subscription, delivery) = (SubscriptionId::from_bytes([2; 16]), DeliveryId::from_bytes([3; 16]));
    let sealed = seal(&[0; 2614], subscription, &key, delivery, Sealer::Relay, 0, &mut Seeded(&[4; 32]));
    assert_eq!(sealed, Err(SealError::ContentTooLong(2614)));
}

#[test]
fn there_is_a_vector_for_every_check_and_every_bucket() {
    let (vectors, mut checks, mut sizes) = (vectors(), BTreeSet::new(), BTreeSet::new());
    for vector in &vectors {
        checks.extend(vector.refused.as_ref().map(|refused| refused.check.as_str()));
        sizes.extend(vector.opens.as_ref().map(|_| un_b64(&vector.envelope).len() - 66));
    }
    let expected =
        ["hpke", "plaintext", "provenance", "seen", "signature", "size", "suite", "text", "time", "version"];
    assert_eq!(checks, BTreeSet::from(expected));
    assert_eq!(sizes, BTreeSet::from([256, 512, 1024, 2048, 2688]));
}
