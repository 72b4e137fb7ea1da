//! The prime that both curves share, 2^255 - 19.
//!
//! Owns the comparison with it and the step from text to 32 bytes; must not know which curve asks. Read next:
//! `x25519.rs` and `ed25519.rs`.

use crate::{PublicKeyError, base64url};

/// 2^255 - 19, little endian.
const PRIME: [u8; 32] = [
    0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
];

/// Whether 32 bytes, read as a 256-bit little-endian number, are below the prime. A set top bit is not. Public keys are
/// no secret, so this takes the time it takes.
pub(crate) fn is_below_prime(number: &[u8; 32]) -> bool {
    number.iter().rev().lt(PRIME.iter().rev())
}

pub(crate) fn from_base64url(text: &str) -> Result<[u8; 32], PublicKeyError> {
    let bytes = base64url::decode(text).map_err(|_| PublicKeyError::Encoding)?;
    bytes.as_slice().try_into().map_err(|_| PublicKeyError::Length(bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::{PRIME, is_below_prime};

    #[test]
    fn the_prime_and_all_above_are_not_below_it() {
        let mut number = PRIME;
        number[0] = 0xec;
        assert!(is_below_prime(&number));
        assert!(is_below_prime(&[0; 32]));
        number[31] = 0x80;
        assert!(!is_below_prime(&number), "a set top bit is part of the number");
        assert!(!is_below_prime(&PRIME));
        assert!(!is_below_prime(&[0xff; 32]));
    }
}
