//! A sealed registration in its outer form, as the sender's server hands it on.
//!
//! Owns the wire form: version (1 byte), suite (1), key id (8), enc (32), ciphertext; must not open. Read next:
//! [`super::open_registration`].

use std::fmt;

use super::{KeyId, RegistrationError, plaintext::LENGTHS};
use crate::{
    SenderId, base64url,
    suite::{ENC_LENGTH, TAG_LENGTH},
};

const VERSION: u8 = 1;
const SUITE: u8 = 1;
const PREFIX_LENGTH: usize = 10;
const CIPHERTEXT: usize = PREFIX_LENGTH + ENC_LENGTH;

/// Named in `info`, so that nothing sealed under this protocol for another use opens as a registration.
const INFO_LABEL: &[u8] = b"sealpush/1 registration\0";

/// A registration that only the relay opens: 1,082 or 2,106 bytes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SealedRegistration(Vec<u8>);

/// Version, suite and key id: bytes 0..10.
pub(super) struct Prefix([u8; PREFIX_LENGTH]);

impl Prefix {
    pub(super) fn new(key: KeyId) -> Self {
        let mut bytes = [0; PREFIX_LENGTH];
        (bytes[0], bytes[1]) = (VERSION, SUITE);
        bytes[2..].copy_from_slice(&key.0);
        Self(bytes)
    }

    /// HPKE's `info`: the label, one zero byte, the prefix, the sender id. What one sender hands on does not open as
    /// another's.
    pub(super) fn info(&self, sender: SenderId) -> Vec<u8> {
        [INFO_LABEL, &self.0, sender.as_bytes()].concat()
    }
}

impl SealedRegistration {
    /// Takes bytes in the outer form. Version and suite are looked at first; another size is `opening failed`.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, RegistrationError> {
        let bytes = bytes.into();
        match bytes.first() {
            None | Some(&VERSION) => {}
            Some(&version) => return Err(RegistrationError::UnsupportedVersion(version)),
        }
        match bytes.get(1) {
            None | Some(&SUITE) => {}
            Some(&suite) => return Err(RegistrationError::UnsupportedSuite(suite)),
        }
        if !LENGTHS.iter().any(|length| CIPHERTEXT + length + TAG_LENGTH == bytes.len()) {
            return Err(RegistrationError::OpeningFailed);
        }
        Ok(Self(bytes))
    }

    /// Reads the member `sealed_registration`, base64url.
    pub fn from_base64url(text: &str) -> Result<Self, RegistrationError> {
        Self::from_bytes(base64url::decode(text).map_err(|_| RegistrationError::OpeningFailed)?)
    }

    pub(super) fn assemble(prefix: &Prefix, enc: &[u8; ENC_LENGTH], ciphertext: &[u8]) -> Self {
        Self([prefix.0.as_slice(), enc, ciphertext].concat())
    }

    /// All bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// All bytes in base64url: at most 2,808 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(&self.0)
    }

    /// The registration key that it says it is sealed to.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId(self.chunk(2))
    }

    pub(super) fn enc(&self) -> [u8; ENC_LENGTH] {
        self.chunk(PREFIX_LENGTH)
    }

    /// Ciphertext and tag.
    pub(super) fn ciphertext(&self) -> &[u8] {
        &self.0[CIPHERTEXT..]
    }

    fn chunk<const N: usize>(&self, at: usize) -> [u8; N] {
        self.0[at..].first_chunk().copied().expect("the smallest sealed registration is 1,082 bytes long")
    }
}

impl fmt::Debug for SealedRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedRegistration({}, {} bytes)", self.key_id(), self.0.len())
    }
}
