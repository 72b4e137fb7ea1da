//! The sealed part of an envelope before it is sealed: provenance, signature, time, length, content, zeros.
//!
//! Owns the layout and the padding; must not seal, and must not judge time or signature. Read next: `header.rs`, the
//! part that is not sealed.

use zeroize::Zeroizing;

use crate::Provenance;

/// The lengths that a plaintext may have, in bytes. They belong to suite 1: a push service learns from the length of an
/// envelope no more than which of these it is.
pub const BUCKETS: [usize; 5] = [256, 512, 1024, 2048, 2688];
/// The most bytes of content that an envelope holds: the largest bucket less 75 bytes of fields.
pub const MAX_CONTENT: usize = 2613;

const SIGNATURE: usize = 1;
const SEALED_AT: usize = 65;
const LENGTH: usize = 73;
const CONTENT: usize = 75;

/// Bytes of Ed25519 signature (RFC 8032, section 5.1.6).
pub(crate) const SIGNATURE_LENGTH: usize = 64;

/// The fields of a plaintext, borrowed from where they stand.
pub(crate) struct Plaintext<'a> {
    pub(crate) provenance: Provenance,
    /// All zeros where the relay sealed.
    pub(crate) signature: &'a [u8; SIGNATURE_LENGTH],
    pub(crate) sealed_at_ms: u64,
    pub(crate) content: &'a [u8],
}

/// The smallest bucket that holds so much content.
pub(crate) fn bucket_for(content_length: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|bucket| bucket - CONTENT >= content_length)
}

impl<'a> Plaintext<'a> {
    /// Writes the fields and pads with zeros to `bucket` bytes, which must hold them.
    pub(crate) fn encode(&self, bucket: usize) -> Zeroizing<Vec<u8>> {
        let content_length =
            u16::try_from(self.content.len()).expect("a bucket holds less than 65,536 bytes");
        let mut bytes = Zeroizing::new(Vec::with_capacity(bucket));
        bytes.push(self.provenance as u8);
        bytes.extend_from_slice(self.signature);
        bytes.extend_from_slice(&self.sealed_at_ms.to_be_bytes());
        bytes.extend_from_slice(&content_length.to_be_bytes());
        bytes.extend_from_slice(self.content);
        bytes.resize(bucket, 0);
        bytes
    }

    /// Reads the fields, and refuses every plaintext that [`Plaintext::encode`] would not have written.
    pub(crate) fn decode(bytes: &'a [u8]) -> Option<Self> {
        if !BUCKETS.contains(&bytes.len()) {
            return None;
        }
        let (provenance, signature) = (Provenance::from_byte(bytes[0])?, bytes[SIGNATURE..].first_chunk()?);
        let sealed_at_ms = u64::from_be_bytes(*bytes[SEALED_AT..].first_chunk()?);
        let length = usize::from(u16::from_be_bytes(*bytes[LENGTH..].first_chunk()?));
        let (content, padding) = bytes[CONTENT..].split_at_checked(length)?;
        let unsigned = provenance == Provenance::SealedByRelay;
        let is_clean = is_zero(padding) && (!unsigned || is_zero(signature));
        is_clean.then_some(Self { provenance, signature, sealed_at_ms, content })
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BUCKETS, CONTENT, MAX_CONTENT, Plaintext, bucket_for};
    use crate::Provenance;

    fn plaintext(provenance: Provenance, signature: &[u8; 64]) -> Vec<u8> {
        Plaintext { provenance, signature, sealed_at_ms: 1, content: b"hello" }.encode(256).to_vec()
    }

    #[test]
    fn fields_stand_where_the_protocol_says() {
        let bytes = plaintext(Provenance::SignedBySender, &[0xaa; 64]);
        let fields =
            [&[1][..], &[0xaa; 64], &[0, 0, 0, 0, 0, 0, 0, 1], &[0, 5], b"hello", &[0; 176]].concat();
        assert_eq!(bytes, fields);
    }

    #[test]
    fn content_goes_into_the_smallest_bucket_that_holds_it() {
        for (at, bucket) in BUCKETS.into_iter().enumerate() {
            assert_eq!(bucket_for(bucket - CONTENT), Some(bucket));
            assert_eq!(bucket_for(bucket - CONTENT + 1), BUCKETS.get(at + 1).copied());
        }
        assert_eq!(bucket_for(MAX_CONTENT), Some(2688));
    }

    #[test]
    fn a_larger_bucket_than_needed_is_read() {
        let larger = Plaintext { content: b"hello", ..Plaintext::decode(&[0; 256]).unwrap() }.encode(1024);
        assert_eq!(Plaintext::decode(&larger).unwrap().content, b"hello");
    }

    #[test]
    fn what_encode_would_not_write_is_refused() {
        let good = plaintext(Provenance::SealedByRelay, &[0; 64]);
        assert!(Plaintext::decode(&good).is_some());
        for (at, value) in [(0, 2), (1, 1), (64, 1), (73, 1), (74, 182), (80, 1), (255, 1)] {
            let mut bad = good.clone();
            bad[at] = value;
            assert!(Plaintext::decode(&bad).is_none(), "byte {at} = {value}");
        }
        for length in [0, 1, 75, 255, 257, 1023, 2687, 2689, 4096] {
            assert!(Plaintext::decode(&vec![0; length]).is_none(), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again_to_the_byte(
            provenance in 0..=2_u8, signature in prop_oneof![Just([0; 64]), any::<[u8; 64]>()],
            length in 0..=300_u16, content in prop::collection::vec(any::<u8>(), 0..=256), bucket in 0..5_usize,
        ) {
            let mut bytes = [&[provenance], signature.as_slice(), &[7; 8], &length.to_be_bytes(), &content].concat();
            bytes.resize(BUCKETS[bucket], 0);
            if let Some(plaintext) = Plaintext::decode(&bytes) {
                let again = plaintext.encode(BUCKETS[bucket]);
                prop_assert_eq!(again.as_slice(), bytes);
            }
        }
    }
}
