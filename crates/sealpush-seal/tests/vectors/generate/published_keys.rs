//! The vectors of the registration keys that the relay publishes.

use super::{
    format::{PublishedKeyVector, b64},
    keys::{SEALED_AT_MS, ed25519_public, ed25519_sign, seed, x25519_public},
};

const VALID_MS: u64 = 90 * 24 * 60 * 60 * 1000;

/// One published key, with what is signed apart from what is shown.
struct Published {
    key: [u8; 32],
    valid_from_ms: u64,
    valid_until_ms: u64,
    label: &'static [u8],
    signer: [u8; 32],
    now_ms: u64,
}

impl Published {
    fn good() -> Self {
        Self {
            key: x25519_public(&seed("registration private key")),
            valid_from_ms: SEALED_AT_MS,
            valid_until_ms: SEALED_AT_MS + VALID_MS,
            label: b"sealpush/1 registration key\0",
            signer: seed("long-term key"),
            now_ms: SEALED_AT_MS + 1_500,
        }
    }

    fn vector(&self, name: &str, result: &str) -> PublishedKeyVector {
        let times = [self.valid_from_ms.to_be_bytes(), self.valid_until_ms.to_be_bytes()].concat();
        let signature = ed25519_sign(&self.signer, &[self.label, &self.key, &times].concat());
        PublishedKeyVector {
            name: name.to_owned(),
            now_ms: self.now_ms,
            long_term_key: b64(&ed25519_public(&seed("long-term key"))),
            key: b64(&self.key),
            valid_from_ms: self.valid_from_ms,
            valid_until_ms: self.valid_until_ms,
            signature: b64(&signature),
            result: result.to_owned(),
        }
    }
}

/// Every vector of published keys.
pub fn all() -> Vec<PublishedKeyVector> {
    let good = Published::good;
    let until = SEALED_AT_MS + VALID_MS;
    let signed = |name| good().vector(name, "signature");
    vec![
        good().vector("good", "taken"),
        Published { now_ms: SEALED_AT_MS, ..good() }.vector("in its first millisecond", "taken"),
        Published { now_ms: until, ..good() }.vector("in its last millisecond", "taken"),
        Published { now_ms: SEALED_AT_MS - 1, ..good() }.vector("a millisecond too early", "time"),
        Published { now_ms: until + 1, ..good() }.vector("a millisecond too late", "time"),
        Published { valid_from_ms: until, valid_until_ms: SEALED_AT_MS, ..good() }
            .vector("an end before its beginning", "time"),
        Published { signer: seed("another relay"), ..good() }.vector("signed by another relay", "signature"),
        Published { label: b"sealpush/1 signature\0", ..good() }
            .vector("signed for another use", "signature"),
        Published { key: [0; 32], ..good() }.vector("a key of low order, signed all the same", "key"),
        PublishedKeyVector {
            key: b64(&x25519_public(&seed("another registration key"))),
            ..signed("another key than the signed one")
        },
        PublishedKeyVector { valid_from_ms: 0, ..signed("another beginning than the signed one") },
        PublishedKeyVector { valid_until_ms: until + 1, ..signed("another end than the signed one") },
        PublishedKeyVector { signature: b64(&[0; 64]), ..signed("a signature of zeros") },
    ]
}
