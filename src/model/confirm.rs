//! The proof that a device token belongs to the device that registers it.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::base::{Entropy, Secret};

/// Whether a device must prove that a token is its own: an app's setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// Yes: a registration is pending until the device echoed a code that came through its push service.
    Required,
    /// No: whoever knows a device token can register it, and send to it as a sender of their own.
    Off,
}

impl Confirm {
    /// The word in the app file and in `GET /v1/relay`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Off => "off",
        }
    }
}

/// 128 random bits that the relay sends to a device token. Whoever echoes them holds the token. Does not print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmCode(Secret<[u8; 16]>);

/// The text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code is 16 bytes in base64url without padding (22 characters)")]
pub struct ConfirmCodeError;

impl ConfirmCode {
    /// A new code.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(Secret::new(entropy.bytes()))
    }

    /// Reads a code from base64url, as a device echoes it.
    pub fn parse(text: &str) -> Result<Self, ConfirmCodeError> {
        let bytes = sealpush_seal::base64url::decode(text).map_err(|_| ConfirmCodeError)?;
        bytes.try_into().map(|bytes| Self(Secret::new(bytes))).map_err(|_| ConfirmCodeError)
    }

    /// The code in base64url, for the message to the device.
    #[must_use]
    pub fn reveal(&self) -> String {
        sealpush_seal::base64url::encode(self.0.expose())
    }

    /// What the store keeps of it.
    #[must_use]
    pub fn hash(&self) -> CodeHash {
        CodeHash(Sha256::digest(self.0.expose()).into())
    }
}

/// SHA-256 of a code: with 128 random bits no slow hash is needed.
#[derive(Clone, Copy)]
pub struct CodeHash(pub [u8; 32]);

impl PartialEq for CodeHash {
    /// In constant time, so that no one learns by trying how much of a guess is right.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeHash {}

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::OsEntropy;

    #[test]
    fn a_code_survives_its_text_and_has_one_hash() {
        let code = ConfirmCode::draw(&OsEntropy);
        let echoed = ConfirmCode::parse(&code.reveal()).unwrap();
        assert_eq!(code.reveal().len(), 22);
        assert_eq!(echoed.hash(), code.hash());
        assert_ne!(ConfirmCode::draw(&OsEntropy).hash(), code.hash());
    }

    #[test]
    fn a_code_does_not_print() {
        let code = ConfirmCode::draw(&OsEntropy);
        assert!(!format!("{code:?} {:?}", code.hash()).contains(&code.reveal()));
        assert!(format!("{code:?}").contains("[secret]"));
    }

    proptest! {
        #[test]
        fn every_code_is_read_from_its_one_text(bytes: [u8; 16], at in 0usize..22, other in "[A-Za-z0-9_-]") {
            let text = ConfirmCode(Secret::new(bytes)).reveal();
            let read = ConfirmCode::parse(&text).unwrap();
            prop_assert_eq!(read.0.expose(), &bytes);
            let mut changed = text.clone();
            changed.replace_range(at..=at, &other);
            if changed != text {
                // Only the last character has bits that must be zero.
                if let Ok(code) = ConfirmCode::parse(&changed) {
                    prop_assert_ne!(code.0.expose(), &bytes);
                } else {
                    prop_assert_eq!(at, 21);
                }
            }
        }

        #[test]
        fn a_text_is_a_code_in_one_spelling_or_none(text in "[A-Za-z0-9_=+/-]{0,30}") {
            if let Ok(code) = ConfirmCode::parse(&text) {
                prop_assert_eq!(code.reveal(), text);
            }
        }
    }
}
