//! Who sealed an envelope.
//!
//! Owns the two answers; must not decide which of them a device takes. Read next: [`crate::DeviceKeys`], which does.

/// Who sealed: the first byte of the plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Provenance {
    /// The relay sealed, for a sender that cannot. To be shown to people as "sealed by the relay".
    SealedByRelay = 0,
    /// The sender sealed and signed with its identity key: the relay could neither read nor forge it.
    SignedBySender = 1,
}

impl Provenance {
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::SealedByRelay),
            1 => Some(Self::SignedBySender),
            _ => None,
        }
    }
}
