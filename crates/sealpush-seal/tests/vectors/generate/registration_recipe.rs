//! How one sealed registration of the vectors is made, and what becomes of it.
//!
//! Owns the wire form, written a second time. The plaintext is text, so that every wrong one can be written. Must not use
//! the crate. Read next: `registrations.rs`, the list.

use sha2::{Digest as _, Sha256};

use super::{
    by_hand,
    format::{Refused, RegistrationVector, Sealing, b64},
    keys::{SEALED_AT_MS, seed, uuid, uuid_text, x25519_public},
};

#[derive(Clone)]
pub struct Recipe {
    pub name: String,
    pub json: Vec<u8>,
    pub length: usize,
    pub version: u8,
    pub suite: u8,
    pub key_id: [u8; 8],
    pub sealed_to: [u8; 32],
    pub sealed_for: [u8; 16],
    pub info_label: &'static [u8],
    pub change_sealed: fn(&mut Vec<u8>),
    pub change_text: fn(&mut String),
    pub now_ms: u64,
}

/// The relay's current registration key and the one before, both of which open.
fn relay_keys() -> [[u8; 32]; 2] {
    [seed("registration private key"), seed("previous registration private key")]
}

/// The name of a registration key: the first 8 bytes of its SHA-256.
pub fn key_id(public: &[u8; 32]) -> [u8; 8] {
    Sha256::digest(public)[..8].try_into().unwrap()
}

impl Recipe {
    /// A registration that opens, with this JSON inside.
    pub fn good(name: &str, json: &str) -> Self {
        let public = x25519_public(&relay_keys()[0]);
        Self {
            name: name.to_owned(),
            json: json.as_bytes().to_vec(),
            length: if json.len() <= 1024 { 1024 } else { 2048 },
            version: 1,
            suite: 1,
            key_id: key_id(&public),
            sealed_to: public,
            sealed_for: uuid("sender"),
            info_label: b"sealpush/1 registration\0",
            change_sealed: |_| {},
            change_text: |_| {},
            now_ms: SEALED_AT_MS + 2_000,
        }
    }

    fn prefix(&self) -> Vec<u8> {
        [&[self.version, self.suite], self.key_id.as_slice()].concat()
    }

    fn info(&self) -> Vec<u8> {
        [self.info_label, &self.prefix(), &self.sealed_for].concat()
    }

    fn plaintext(&self) -> Vec<u8> {
        let mut plaintext = self.json.clone();
        plaintext.resize(self.length.max(plaintext.len()), b' ');
        plaintext
    }

    fn ephemeral_ikm(&self) -> [u8; 32] {
        seed(&format!("ephemeral {}", self.name))
    }

    fn text(&self) -> String {
        let (enc, ciphertext) =
            by_hand::seal(&self.sealed_to, &self.info(), &self.plaintext(), &self.ephemeral_ikm());
        let mut sealed = [self.prefix().as_slice(), &enc, &ciphertext].concat();
        (self.change_sealed)(&mut sealed);
        let mut text = b64(&sealed);
        (self.change_text)(&mut text);
        text
    }

    fn vector(self, opens: Option<serde_json::Value>, refused: Option<Refused>) -> RegistrationVector {
        RegistrationVector {
            sealing: opens.is_some().then(|| Sealing {
                ephemeral_ikm: b64(&self.ephemeral_ikm()),
                identity_private_key: None,
                info: b64(&self.info()),
                signed_message: None,
                plaintext: b64(&self.plaintext()),
            }),
            now_ms: self.now_ms,
            sender: uuid_text(&uuid("sender")),
            registration_private_keys: relay_keys().map(|key| b64(&key)).to_vec(),
            sealed_registration: self.text(),
            opens,
            refused,
            name: self.name,
        }
    }

    /// The vector, where the registration opens.
    pub fn opens(self) -> RegistrationVector {
        let members = serde_json::from_slice(&self.json).unwrap();
        self.vector(Some(members), None)
    }

    /// The vector, where a check that nobody is told about refuses.
    pub fn fails(self, check: &str) -> RegistrationVector {
        self.refused("opening_failed", None, check)
    }

    /// The vector, where the error has a code of its own and may name a value.
    pub fn refused(self, error: &str, value: Option<String>, check: &str) -> RegistrationVector {
        let refused = Refused { error: error.to_owned(), value, check: check.to_owned() };
        self.vector(None, Some(refused))
    }
}
