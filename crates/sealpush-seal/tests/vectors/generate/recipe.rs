//! How one envelope of the vectors is made, and what becomes of it.
//!
//! Owns the layout of the protocol, written a second time; each vector changes the one field that it is about. Must not
//! use the crate. Read next: `envelopes.rs`, the list.

use super::{
    by_hand,
    format::{Device, EnvelopeVector, Opens, Refused, Sealing, b64},
    keys::{SEALED_AT_MS, ed25519_public, ed25519_sign, seed, uuid, uuid_text, x25519_public},
};

/// What a sender signs, before it is joined.
pub struct Signed {
    pub header: Vec<u8>,
    pub subscription: [u8; 16],
    pub key: [u8; 32],
    pub sealed_at_ms: u64,
    pub content: Vec<u8>,
}

/// The encapsulated key: honest, or one that no honest sealer makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Enc {
    Honest,
    /// The honest key with its top bit set, in the KEM context too: X25519 does not look at that bit.
    TopBitSet,
    /// The base point, written above the prime. The agreement on it is the receiver's own public key.
    AbovePrime,
    /// A point of low order: everybody agrees on zero.
    LowOrder,
}

#[derive(Clone)]
pub struct Recipe {
    pub name: String,
    pub content: Vec<u8>,
    pub provenance: u8,
    pub signer: [u8; 32],
    pub version: u8,
    pub suite: u8,
    pub delivery: [u8; 16],
    pub info_label: &'static [u8],
    pub sealed_for: [u8; 16],
    pub sealed_to: [u8; 32],
    pub sealed_at_ms: u64,
    pub bucket: usize,
    pub enc: Enc,
    pub change_signed: fn(&mut Signed),
    pub change_plaintext: fn(&mut Vec<u8>),
    pub change_envelope: fn(&mut Vec<u8>),
    pub change_text: fn(&mut String),
    pub device: Device,
}

/// The smallest plaintext that holds so much content (protocol: 75 bytes of fields before it).
pub fn bucket_for(content_length: usize) -> usize {
    [256, 512, 1024, 2048, 2688].into_iter().find(|bucket| bucket - 75 >= content_length).unwrap()
}

impl Recipe {
    /// An envelope that the device's own server signed, and that opens.
    pub fn signed(name: &str, content: &[u8]) -> Self {
        let private = seed("device private key");
        Self {
            name: name.to_owned(),
            content: content.to_vec(),
            provenance: 1,
            signer: seed("sender identity key"),
            version: 1,
            suite: 1,
            delivery: seed(name)[16..].try_into().unwrap(),
            info_label: b"sealpush/1 content\0",
            sealed_for: uuid("subscription"),
            sealed_to: x25519_public(&private),
            sealed_at_ms: SEALED_AT_MS,
            bucket: bucket_for(content.len()),
            enc: Enc::Honest,
            change_signed: |_| {},
            change_plaintext: |_| {},
            change_envelope: |_| {},
            change_text: |_| {},
            device: Device {
                now_ms: SEALED_AT_MS + 1_500,
                subscription: uuid_text(&uuid("subscription")),
                private_key: b64(&private),
                public_key: b64(&x25519_public(&private)),
                previous_private_keys: Vec::new(),
                identity_key: Some(b64(&ed25519_public(&seed("sender identity key")))),
                previous_identity_keys: Vec::new(),
                seen: Vec::new(),
            },
        }
    }

    /// An envelope that the relay sealed, for a device without an identity key; it opens.
    pub fn by_relay(name: &str, content: &[u8]) -> Self {
        let recipe = Self::signed(name, content);
        let device = Device { identity_key: None, ..recipe.device.clone() };
        Self { provenance: 0, device, ..recipe }
    }

    fn header(&self) -> Vec<u8> {
        [&[self.version, self.suite], self.delivery.as_slice()].concat()
    }

    fn info(&self) -> Vec<u8> {
        [self.info_label, &self.header(), &self.sealed_for].concat()
    }

    fn signed_message(&self) -> Vec<u8> {
        let mut signed = Signed {
            header: self.header(),
            subscription: self.sealed_for,
            key: self.sealed_to,
            sealed_at_ms: self.sealed_at_ms,
            content: self.content.clone(),
        };
        (self.change_signed)(&mut signed);
        let time = signed.sealed_at_ms.to_be_bytes();
        [
            b"sealpush/1 signature\0".as_slice(),
            &signed.header,
            &signed.subscription,
            &signed.key,
            &time,
            &signed.content,
        ]
        .concat()
    }

    fn plaintext(&self) -> Vec<u8> {
        let signature = match self.provenance {
            1 => ed25519_sign(&self.signer, &self.signed_message()),
            _ => [0; 64],
        };
        let length = u16::try_from(self.content.len()).unwrap().to_be_bytes();
        let time = self.sealed_at_ms.to_be_bytes();
        let mut plaintext =
            [&[self.provenance], signature.as_slice(), &time, &length, &self.content].concat();
        plaintext.resize(self.bucket, 0);
        (self.change_plaintext)(&mut plaintext);
        plaintext
    }

    fn ephemeral_ikm(&self) -> [u8; 32] {
        seed(&format!("ephemeral {}", self.name))
    }

    fn text(&self) -> String {
        let (info, plaintext) = (self.info(), self.plaintext());
        let (honest, ciphertext) = by_hand::seal(&self.sealed_to, &info, &plaintext, &self.ephemeral_ikm());
        let mut odd = honest;
        let (enc, ciphertext) = match self.enc {
            Enc::Honest => (honest, ciphertext),
            Enc::TopBitSet => {
                odd[31] |= 0x80;
                let ephemeral = by_hand::derive_key_pair(&self.ephemeral_ikm());
                let dh = ephemeral.diffie_hellman(&self.sealed_to.into()).to_bytes();
                (odd, by_hand::seal_under(&dh, &odd, &self.sealed_to, &info, &plaintext))
            }
            Enc::AbovePrime => {
                // 2^255 - 19 + 9, little endian.
                odd = [0xff; 32];
                (odd[0], odd[31]) = (0xf6, 0x7f);
                (odd, by_hand::seal_under(&self.sealed_to, &odd, &self.sealed_to, &info, &plaintext))
            }
            Enc::LowOrder => {
                ([0; 32], by_hand::seal_under(&[0; 32], &[0; 32], &self.sealed_to, &info, &plaintext))
            }
        };
        let mut envelope = [self.header().as_slice(), &enc, &ciphertext].concat();
        (self.change_envelope)(&mut envelope);
        let mut text = b64(&envelope);
        (self.change_text)(&mut text);
        text
    }

    /// The vector, where the envelope opens.
    pub fn opens(self) -> EnvelopeVector {
        let provenance = if self.provenance == 1 { "signed_by_sender" } else { "sealed_by_relay" };
        let is_signed = self.provenance == 1;
        EnvelopeVector {
            envelope: self.text(),
            opens: Some(Opens {
                content: b64(&self.content),
                provenance: provenance.to_owned(),
                sealed_at_ms: self.sealed_at_ms,
                delivery: uuid_text(&self.delivery),
            }),
            refused: None,
            sealing: (self.enc == Enc::Honest).then(|| Sealing {
                ephemeral_ikm: b64(&self.ephemeral_ikm()),
                identity_private_key: is_signed.then(|| b64(&self.signer)),
                info: b64(&self.info()),
                signed_message: is_signed.then(|| b64(&self.signed_message())),
                plaintext: b64(&self.plaintext()),
            }),
            name: self.name,
            device: self.device,
        }
    }

    /// The vector, where a check that nobody is told about refuses the envelope.
    pub fn fails(self, check: &str) -> EnvelopeVector {
        self.refused("opening_failed", None, check)
    }

    /// The vector, where the version or the suite is refused by name.
    pub fn unsupported(self, check: &str, value: u8) -> EnvelopeVector {
        self.refused(&format!("unsupported_{check}"), Some(value.to_string()), check)
    }

    fn refused(self, error: &str, value: Option<String>, check: &str) -> EnvelopeVector {
        EnvelopeVector {
            envelope: self.text(),
            opens: None,
            refused: Some(Refused { error: error.to_owned(), value, check: check.to_owned() }),
            sealing: None,
            name: self.name,
            device: self.device,
        }
    }
}
