//! The vectors of the envelope: what opens, and one for every check that refuses.
//!
//! Owns the list. Read next: `recipe.rs`, how each is made.

use super::{
    format::{Device, EnvelopeVector, Previous, b64},
    keys::{SEALED_AT_MS, ed25519_public, seed, uuid, uuid_text, x25519_public},
    recipe::{Enc, Recipe},
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const CONTENT: &[u8] = br#"{"title":"Anna","body":"See you at eight?"}"#;

/// Lengths of content around the edges of every bucket, which hold 181, 437, 949, 1,973 and 2,613 bytes.
const EDGES: [usize; 15] = [0, 1, 180, 181, 182, 436, 437, 438, 948, 949, 950, 1972, 1973, 1974, 2612];
const MOST: usize = 2613;

/// Every vector of the envelope.
pub fn all() -> Vec<EnvelopeVector> {
    [
        edges(),
        odd_but_good(),
        text_and_outer_form(),
        binding(),
        inside(),
        provenance_and_signature(),
        times(),
        keys(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn content(length: usize) -> Vec<u8> {
    // Every byte value, so that nobody takes content for text.
    (0..length).map(|at| u8::try_from(at * 7 % 256).unwrap()).collect()
}

fn edges() -> Vec<EnvelopeVector> {
    let lengths = EDGES.into_iter().chain([MOST]);
    lengths
        .flat_map(|length| {
            let signed = Recipe::signed(&format!("signed by the sender, {length} bytes"), &content(length));
            let by_relay =
                Recipe::by_relay(&format!("sealed by the relay, {length} bytes"), &content(length));
            [signed.opens(), by_relay.opens()]
        })
        .collect()
}

fn odd_but_good() -> Vec<EnvelopeVector> {
    vec![
        Recipe { bucket: 1024, ..Recipe::signed("a larger bucket than needed", CONTENT) }.opens(),
        Recipe { bucket: 2688, ..Recipe::by_relay("the largest bucket with nothing in it", b"") }.opens(),
        Recipe { delivery: [0; 16], ..Recipe::signed("a delivery id of zeros", CONTENT) }.opens(),
        Recipe { delivery: [0xff; 16], ..Recipe::signed("a delivery id of ones", CONTENT) }.opens(),
        Recipe { enc: Enc::TopBitSet, ..Recipe::signed("enc with its top bit set", CONTENT) }.opens(),
        Recipe { enc: Enc::AbovePrime, ..Recipe::signed("enc not below the prime", CONTENT) }.opens(),
    ]
}

fn text_and_outer_form() -> Vec<EnvelopeVector> {
    let good = |name: &str| Recipe::signed(name, CONTENT);
    let text = |name, change_text| Recipe { change_text, ..good(name) }.fails("text");
    let size = |name, change_envelope| Recipe { change_envelope, ..good(name) }.fails("size");
    let mut vectors = vec![
        text("padded base64url", |text| text.push_str("==")),
        text("white space after the text", |text| text.push('\n')),
        text("white space within the text", |text| text.insert(100, ' ')),
        text("a character of the other alphabet", |text| text.replace_range(50..51, "+")),
        text("trailing bits that are not zero", |text| {
            let last = text.pop().unwrap();
            text.push(if last == 'A' { 'B' } else { char::from(last as u8 + 1) });
        }),
        text("a length that no bytes have", |text| text.truncate(text.len() - 1)),
        Recipe { version: 0, ..good("version 0") }.unsupported("version", 0),
        Recipe { version: 2, ..good("version 2") }.unsupported("version", 2),
        Recipe { version: 2, suite: 2, ..good("version and suite 2") }.unsupported("version", 2),
        Recipe { suite: 0, ..good("suite 0") }.unsupported("suite", 0),
        Recipe { suite: 2, ..good("suite 2, which is reserved") }.unsupported("suite", 2),
        Recipe { change_envelope: |bytes| bytes.truncate(1), version: 9, ..good("nothing but version 9") }
            .unsupported("version", 9),
        size("nothing at all", Vec::clear),
        size("nothing but the version", |bytes| bytes.truncate(1)),
        size("nothing but the header", |bytes| bytes.truncate(18)),
        size("one byte short", |bytes| bytes.truncate(bytes.len() - 1)),
        size("one byte more", |bytes| bytes.push(0)),
    ];
    for bucket in [75 + CONTENT.len(), 255, 257, 2687, 2689, 4096] {
        let recipe = Recipe { bucket, ..good(&format!("a plaintext of {bucket} bytes")) };
        vectors.push(recipe.fails("size"));
    }
    vectors
}

fn binding() -> Vec<EnvelopeVector> {
    let good = |name: &str| Recipe::signed(name, CONTENT);
    let changed = |name, change_envelope| Recipe { change_envelope, ..good(name) }.fails("hpke");
    vec![
        Recipe { sealed_for: uuid("another subscription"), ..good("sealed for another subscription") }
            .fails("hpke"),
        Recipe { sealed_to: x25519_public(&seed("another device")), ..good("sealed to another key") }
            .fails("hpke"),
        Recipe { info_label: b"sealpush/1 registration\0", ..good("sealed for another use") }.fails("hpke"),
        Recipe { info_label: b"sealpush/1 content", ..good("info without its zero byte") }.fails("hpke"),
        changed("another delivery id", |bytes| bytes[17] ^= 1),
        changed("enc changed by one bit", |bytes| bytes[18] ^= 1),
        changed("the top bit of enc set on the way", |bytes| bytes[49] |= 0x80),
        changed("the first byte of the ciphertext changed", |bytes| bytes[50] ^= 1),
        changed("the last byte of the tag changed", |bytes| *bytes.last_mut().unwrap() ^= 1),
        Recipe { enc: Enc::LowOrder, ..good("enc of low order") }.fails("hpke"),
        Recipe {
            change_envelope: |bytes| bytes[1] = 1,
            suite: 2,
            ..good("sealed for suite 2, then marked as suite 1")
        }
        .fails("hpke"),
    ]
}

fn inside() -> Vec<EnvelopeVector> {
    let by_relay = |name, change_plaintext| {
        Recipe { change_plaintext, ..Recipe::by_relay(name, CONTENT) }.fails("plaintext")
    };
    vec![
        by_relay("provenance 2", |bytes| bytes[0] = 2),
        by_relay("provenance 255", |bytes| bytes[0] = 255),
        by_relay("the first padding byte is not zero", |bytes| bytes[75 + CONTENT.len()] = 1),
        by_relay("the last padding byte is not zero", |bytes| bytes[255] = 1),
        by_relay("content that is longer than the plaintext", |bytes| bytes[74] = 182),
        by_relay("a content length of 65,535", |bytes| bytes[73..75].fill(0xff)),
        by_relay("a length that leaves content in the padding", |bytes| bytes[74] -= 1),
        by_relay("provenance 0 with the first byte of a signature", |bytes| bytes[1] = 1),
        by_relay("provenance 0 with the last byte of a signature", |bytes| bytes[64] = 1),
        Recipe {
            change_plaintext: |bytes| bytes[255] = 1,
            ..Recipe::signed("signed, and padded with something else than zeros", CONTENT)
        }
        .fails("plaintext"),
    ]
}

fn provenance_and_signature() -> Vec<EnvelopeVector> {
    let good = |name: &str| Recipe::signed(name, CONTENT);
    let with_identity = good("").device;
    let without_identity = Device { identity_key: None, ..with_identity.clone() };
    let signature = |name, change_plaintext| Recipe { change_plaintext, ..good(name) }.fails("signature");
    let signed = |name, change_signed| Recipe { change_signed, ..good(name) }.fails("signature");
    vec![
        Recipe {
            device: with_identity,
            ..Recipe::by_relay("provenance 0 where an identity key is held", CONTENT)
        }
        .fails("provenance"),
        Recipe { device: without_identity, ..good("provenance 1 where no identity key is held") }
            .fails("provenance"),
        Recipe { signer: seed("another sender"), ..good("signed by another sender") }.fails("signature"),
        signature("the first bit of the signature changed", |bytes| bytes[1] ^= 1),
        signature("the last bit of the signature changed", |bytes| bytes[64] ^= 0x80),
        signature("a signature of zeros", |bytes| bytes[1..65].fill(0)),
        // RFC 8032, section 5.1.7: S must be below the order of the group, or a signature has two spellings.
        signature("S with the order of the group added", |bytes| {
            let order =
                hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
            let mut carry = 0;
            for (byte, add) in bytes[33..65].iter_mut().zip(order) {
                let sum = u16::from(*byte) + u16::from(add) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
        }),
        signature("the time changed after signing", |bytes| bytes[72] ^= 1),
        signature("the content changed after signing", |bytes| bytes[80] ^= 1),
        signature("the content cut after signing", |bytes| {
            bytes[74] -= 1;
            bytes[75 + CONTENT.len() - 1] = 0;
        }),
        signed("signed for another delivery", |signed| signed.header[17] ^= 1),
        signed("signed for another suite", |signed| signed.header[1] = 2),
        signed("signed for another subscription", |signed| {
            signed.subscription = uuid("another subscription");
        }),
        signed("signed for another public key", |signed| signed.key = x25519_public(&seed("another device"))),
        signed("signed with another time", |signed| signed.sealed_at_ms += 1),
    ]
}

fn times() -> Vec<EnvelopeVector> {
    let at = |name, now_ms| {
        let recipe = Recipe::signed(name, CONTENT);
        Recipe { device: Device { now_ms, ..recipe.device.clone() }, ..recipe }
    };
    let (oldest, newest) = (SEALED_AT_MS + 28 * DAY_MS, SEALED_AT_MS - 5 * 60 * 1000);
    let seen = Recipe::signed("seen before", CONTENT);
    let other_seen = Recipe::signed("another delivery seen before", CONTENT);
    vec![
        at("exactly 28 days old", oldest).opens(),
        at("a millisecond more than 28 days old", oldest + 1).fails("time"),
        at("exactly 5 minutes ahead", newest).opens(),
        at("a millisecond more than 5 minutes ahead", newest - 1).fails("time"),
        Recipe { sealed_at_ms: 0, ..at("sealed in 1970", SEALED_AT_MS) }.fails("time"),
        Recipe { sealed_at_ms: u64::MAX, ..at("sealed at the end of time", SEALED_AT_MS) }.fails("time"),
        Recipe { device: Device { seen: vec![uuid_text(&seen.delivery)], ..seen.device.clone() }, ..seen }
            .fails("seen"),
        Recipe {
            device: Device { seen: vec![uuid_text(&[7; 16])], ..other_seen.device.clone() },
            ..other_seen
        }
        .opens(),
    ]
}

/// After a rotation, and after a change of the identity key.
fn keys() -> Vec<EnvelopeVector> {
    let aged = |name, previous: Previous, age_ms, is_identity| {
        let recipe = Recipe::signed(name, CONTENT);
        let mut device = Device { now_ms: previous.replaced_at_ms + age_ms, ..recipe.device.clone() };
        if is_identity {
            device.identity_key = Some(b64(&ed25519_public(&seed("next identity key"))));
            device.previous_identity_keys.push(previous);
        } else {
            device.private_key = b64(&seed("next device private key"));
            device.public_key = b64(&x25519_public(&seed("next device private key")));
            device.previous_private_keys.push(previous);
        }
        Recipe { device, sealed_at_ms: SEALED_AT_MS + 10 * DAY_MS, ..recipe }
    };
    let private = || Previous { key: b64(&seed("device private key")), replaced_at_ms: SEALED_AT_MS };
    let identity =
        || Previous { key: b64(&ed25519_public(&seed("sender identity key"))), replaced_at_ms: SEALED_AT_MS };
    vec![
        aged("to a key rotated exactly 30 days ago", private(), 30 * DAY_MS, false).opens(),
        aged("to a key rotated more than 30 days ago", private(), 30 * DAY_MS + 1, false).fails("hpke"),
        aged("by an identity key replaced exactly 28 days ago", identity(), 28 * DAY_MS, true).opens(),
        aged("by an identity key replaced more than 28 days ago", identity(), 28 * DAY_MS + 1, true)
            .fails("signature"),
    ]
}
