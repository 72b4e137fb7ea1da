//! Why a public key is refused.
//!
//! Owns the reasons alone; the checks stand beside the two curves. Read next: [`crate::SubscriptionPublicKey`].

/// A public key that is refused when it is registered and when it is sealed to. Libraries lack these checks, and a key
/// of low order agrees on a secret that everybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The text is not canonical base64url.
    #[error("the key is not base64url without padding")]
    Encoding,
    /// The key has another length than 32 bytes; carries the length.
    #[error("the key is {0} bytes long instead of 32")]
    Length(usize),
    /// The coordinate is not below the prime 2^255 - 19: a second spelling of another key.
    #[error("the key is not written below the prime of its curve")]
    NotBelowPrime,
    /// The point is of low order.
    #[error("the key is a point of low order")]
    LowOrder,
    /// No point of the curve has this coordinate (Ed25519 only; X25519 takes every coordinate).
    #[error("the key is no point of its curve")]
    NotOnCurve,
}
