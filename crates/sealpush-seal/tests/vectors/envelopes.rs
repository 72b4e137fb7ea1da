//! The crate opens, refuses and seals the vectors of the envelope.

use std::collections::BTreeSet;

use sealpush_seal::{
    DeliveryId, Envelope, EnvelopeError, IdentityKey, SealError, Sealer, SubscriptionId,
    SubscriptionPrivateKey, SubscriptionPublicKey, seal,
};

use crate::{
    generate::format::{EnvelopeVector, read, un_b64, un_b64_array},
    opener,
    seeded::Seeded,
};

fn vectors() -> Vec<EnvelopeVector> {
    read(include_str!("../../vectors/envelopes.json"))
}

#[test]
fn each_envelope_ends_as_its_vector_says() {
    for vector in vectors() {
        assert_eq!(opener::envelope(&vector), Ok(()));
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
