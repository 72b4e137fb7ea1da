//! The envelope: sealed content in its outer form, as everybody on the way sees it.
//!
//! Owns the outer form (version, suite, size); must not open anything. Read next: [`crate::DeviceKeys`], which opens it.

use std::fmt;

use crate::{
    Base64UrlError, DeliveryId, base64url,
    header::{HEADER_LENGTH, Header, SUITE, VERSION},
    plaintext::BUCKETS,
    suite::{ENC_LENGTH, TAG_LENGTH},
};

/// Bytes by which an envelope is longer than its plaintext: 18 of header, 32 of `enc`, 16 of tag.
pub const OVERHEAD: usize = HEADER_LENGTH + ENC_LENGTH + TAG_LENGTH;

/// Why bytes are no envelope. A device turns this into [`crate::OpenError`], where all but version and suite is one error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The text is not canonical base64url.
    #[error("the envelope is {0}")]
    Encoding(#[from] Base64UrlError),
    /// The version is not 1; carries it.
    #[error("version {0} of the envelope is not supported: version 1 is")]
    UnsupportedVersion(u8),
    /// The suite is not 1; carries it.
    #[error("suite {0} of the envelope is not supported: suite 1 is")]
    UnsupportedSuite(u8),
    /// The size is none that sealing gives; carries it, in bytes.
    #[error("an envelope of {0} bytes does not exist: its size is {OVERHEAD} and one of {BUCKETS:?}")]
    Size(usize),
}

/// Sealed content: bytes that only the device opens. The outer form has been checked: version 1, suite 1, one of the
/// sizes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Envelope(Vec<u8>);

impl Envelope {
    /// Takes bytes in the outer form of an envelope. Version and suite are looked at first.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Result<Self, EnvelopeError> {
        let bytes = bytes.into();
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&version) => return Err(EnvelopeError::UnsupportedVersion(version)),
            None => return Err(EnvelopeError::Size(0)),
        }
        match bytes.get(1) {
            None | Some(&SUITE) => {}
            Some(&suite) => return Err(EnvelopeError::UnsupportedSuite(suite)),
        }
        if !BUCKETS.iter().any(|bucket| bucket + OVERHEAD == bytes.len()) {
            return Err(EnvelopeError::Size(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// Reads an envelope from base64url, as it stands in JSON.
    pub fn from_base64url(text: &str) -> Result<Self, EnvelopeError> {
        Self::from_bytes(base64url::decode(text)?)
    }

    pub(crate) fn assemble(header: &Header, enc: &[u8; ENC_LENGTH], ciphertext: &[u8]) -> Self {
        Self([header.as_bytes(), enc.as_slice(), ciphertext].concat())
    }

    /// All bytes, as they go into a Web Push record.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// All bytes, by value.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The envelope in base64url, as it goes to APNs and FCM: at most 3,672 characters.
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(&self.0)
    }

    /// The delivery id, which everybody on the way may read.
    #[must_use]
    pub fn delivery_id(&self) -> DeliveryId {
        DeliveryId::from_bytes(self.chunk(2))
    }

    pub(crate) fn enc(&self) -> [u8; ENC_LENGTH] {
        self.chunk(HEADER_LENGTH)
    }

    /// Ciphertext and tag.
    pub(crate) fn ciphertext(&self) -> &[u8] {
        &self.0[HEADER_LENGTH + ENC_LENGTH..]
    }

    fn chunk<const N: usize>(&self, at: usize) -> [u8; N] {
        self.0[at..].first_chunk().copied().expect("the smallest envelope is 322 bytes long")
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope({}, {} bytes)", self.delivery_id(), self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, EnvelopeError, OVERHEAD};
    use crate::BUCKETS;

    fn outer(version: u8, suite: u8, size: usize) -> Result<Envelope, EnvelopeError> {
        let mut bytes = vec![7; size];
        (bytes[0], bytes[1]) = (version, suite);
        Envelope::from_bytes(bytes)
    }

    #[test]
    fn version_and_suite_are_named_whatever_the_size() {
        for size in [2, 322, 323] {
            assert_eq!(outer(2, 1, size), Err(EnvelopeError::UnsupportedVersion(2)));
            assert_eq!(outer(2, 9, size), Err(EnvelopeError::UnsupportedVersion(2)));
            assert_eq!(outer(1, 2, size), Err(EnvelopeError::UnsupportedSuite(2)));
        }
        assert_eq!(Envelope::from_bytes([0]), Err(EnvelopeError::UnsupportedVersion(0)));
    }

    #[test]
    fn only_the_sizes_of_the_buckets_are_envelopes() {
        for size in BUCKETS.map(|bucket| bucket + OVERHEAD) {
            assert!(outer(1, 1, size).is_ok());
            assert_eq!(outer(1, 1, size - 1), Err(EnvelopeError::Size(size - 1)));
            assert_eq!(outer(1, 1, size + 1), Err(EnvelopeError::Size(size + 1)));
        }
        assert_eq!(Envelope::from_bytes([]), Err(EnvelopeError::Size(0)));
        assert_eq!(Envelope::from_bytes([1]), Err(EnvelopeError::Size(1)));
    }

    #[test]
    fn the_largest_envelope_leaves_424_of_4096_bytes_in_base64url() {
        assert_eq!(outer(1, 1, 2688 + OVERHEAD).unwrap().to_base64url().len(), 4096 - 424);
    }

    #[test]
    fn printing_shows_the_delivery_id_and_the_length_alone() {
        let shown = format!("{:?}", outer(1, 1, 322).unwrap());
        assert_eq!(shown, "Envelope(07070707-0707-0707-0707-070707070707, 322 bytes)");
    }
}
