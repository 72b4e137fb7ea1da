//! Sealing a registration for the relay, as an app does.
//!
//! Owns the way from members to wire form; must not fetch the relay's key: the app has it from its build, or verified
//! with [`super::PublishedKey`]. Read next: [`super::open_registration`], the other end.

use super::{RegistrationPlaintext, RegistrationPublicKey, SealedRegistration, sealed::Prefix};
use crate::{HpkeFailed, SenderId, rand_core::CryptoRng, suite};

/// Why no registration was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealRegistrationError {
    /// The members need more than 2,048 bytes as JSON; carries how many.
    #[error("a registration of {0} bytes does not fit: 2,048 is the most")]
    TooLong(usize),
    /// The subscription id or the registration id is no random UUID (version 4).
    #[error("the subscription id and the registration id must be random UUIDs (version 4)")]
    NotVersion4,
    /// HPKE failed.
    #[error(transparent)]
    Hpke(#[from] HpkeFailed),
}

/// Seals a registration for the relay, to be handed on by one sender: no other sender's opens.
pub fn seal_registration(
    plaintext: &RegistrationPlaintext,
    sender: SenderId,
    key: &RegistrationPublicKey,
    rng: &mut impl CryptoRng,
) -> Result<SealedRegistration, SealRegistrationError> {
    let prefix = Prefix::new(key.key_id());
    let (enc, ciphertext) =
        suite::seal(key.as_bytes(), &prefix.info(sender), &plaintext.to_padded_json()?, rng)?;
    Ok(SealedRegistration::assemble(&prefix, &enc, &ciphertext))
}
