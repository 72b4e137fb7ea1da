//! Suite 1: HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! Owns the two single-shot operations, always with empty AAD: everything that binds a message goes through `info`.
//! Must not keep a context over two messages, since push loses and reorders them, and must not use the auth mode, which
//! most platforms lack and which lets the thief of a device key pose as the sender. Read next: [`crate::seal`].

use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use zeroize::Zeroizing;

use crate::{rand_core::CryptoRng, x25519::PrivateKey};

pub(crate) type Kem = X25519HkdfSha256;

/// Length of the AEAD's tag, by which a ciphertext is longer than its plaintext (RFC 9180, section 7.3).
pub(crate) const TAG_LENGTH: usize = 16;
/// Length of the encapsulated key (RFC 9180, section 7.1).
pub(crate) const ENC_LENGTH: usize = 32;

/// HPKE could not seal: the key agreed on an all-zero secret. Keys that passed their check never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HPKE could not seal to this key")]
pub struct HpkeFailed;

/// Seals with a fresh encapsulation; gives `enc` and the ciphertext with its tag.
pub(crate) fn seal(
    recipient: &[u8; 32],
    info: &[u8],
    plaintext: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<([u8; ENC_LENGTH], Vec<u8>), HpkeFailed> {
    let recipient = <Kem as hpke::Kem>::PublicKey::from_bytes(recipient).map_err(|_| HpkeFailed)?;
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &recipient,
        info,
        plaintext,
        b"",
        rng,
    )
    .map_err(|_| HpkeFailed)?;
    Ok((enc.to_bytes().into(), ciphertext))
}

/// Opens, or not; why not is nobody's business.
pub(crate) fn open(
    private: &PrivateKey,
    enc: &[u8; ENC_LENGTH],
    info: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    // `enc` enters the KEM context as sent and gets no check but HPKE's own: an all-zero secret fails (RFC 9180,
    // section 7.1.4).
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).ok()?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &private.0,
        &enc,
        info,
        ciphertext,
        b"",
    )
    .ok()
    .map(Zeroizing::new)
}

#[cfg(test)]
pub(crate) fn agrees_on_zero(private: &PrivateKey, enc: &[u8; ENC_LENGTH]) -> bool {
    let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(enc).expect("32 bytes are an encapsulated key");
    let context =
        hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeR::Base, &private.0, &enc, b"");
    matches!(context, Err(hpke::HpkeError::DecapError))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{open, seal};
    use crate::{
        rand_core::{TryCryptoRng, TryRng},
        x25519::PrivateKey,
    };

    /// Gives one value for ever; the library asks for the 32 bytes that the RFC calls `ikmE`.
    struct Constant(Vec<u8>);

    impl TryRng for Constant {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("an ephemeral key is drawn as bytes")
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("an ephemeral key is drawn as bytes")
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.copy_from_slice(&self.0);
            Ok(())
        }
    }

    impl TryCryptoRng for Constant {}

    fn values(of: &str, names: [&str; 3]) -> [Vec<u8>; 3] {
        let file: serde_json::Value = serde_json::from_str(include_str!("../vectors/rfc9180.json")).unwrap();
        names.map(|name| hex::decode(file[of][name].as_str().unwrap()).unwrap())
    }

    #[test]
    fn the_keys_of_the_rfc_seal_and_open_to_the_byte() {
        let [private, public, ikm] = values("base", ["skRm", "pkRm", "ikmE"]);
        let [info, plaintext, sealed] = values("single_shot_with_empty_aad", ["info", "pt", "enc_ct"]);
        let public: [u8; 32] = public.try_into().unwrap();
        let (enc, ciphertext) = seal(&public, &info, &plaintext, &mut Constant(ikm)).unwrap();
        assert_eq!([enc.as_slice(), &ciphertext].concat(), sealed);

        let private = PrivateKey::from_bytes(private.as_slice().try_into().unwrap());
        assert_eq!(private.public(), public);
        assert_eq!(open(&private, &enc, &info, &ciphertext).unwrap().as_slice(), plaintext);
        assert!(open(&private, &enc, b"other info", &ciphertext).is_none());
    }
}
