//! The text form of 16-byte ids: lower-case 8-4-4-4-12 hexadecimal (RFC 9562, section 4).
//!
//! Owns that one spelling; upper case, braces and URNs are refused, so that ids compare as text and as bytes alike.
//! Must not know what an id stands for. Read next: [`crate::SubscriptionId`].

use std::fmt;

use rand_core::CryptoRng;

use crate::rand_core;

/// The text is not a UUID in lower-case 8-4-4-4-12 form, or not of the version that is wanted there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UUID in its lower-case form of 8-4-4-4-12 hexadecimal digits")]
pub struct IdError;

const TEXT_LENGTH: usize = 36;
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

pub(crate) fn write(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            f.write_str("-")?;
        }
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

pub(crate) fn parse(text: &str) -> Result<[u8; 16], IdError> {
    let text = text.as_bytes();
    if text.len() != TEXT_LENGTH || HYPHENS.iter().any(|&at| text[at] != b'-') {
        return Err(IdError);
    }
    let mut digits = text.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at)).map(|(_, &digit)| digit);
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        let (high, low) = (digits.next().ok_or(IdError)?, digits.next().ok_or(IdError)?);
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Ok(bytes)
}

/// Whether the bytes carry the marks of a random UUID: version 4 and variant 10 (RFC 9562, sections 4.1 and 5.4).
pub(crate) fn is_version_4(bytes: &[u8; 16]) -> bool {
    bytes[6] >> 4 == 4 && bytes[8] >> 6 == 0b10
}

/// Draws a random UUID (RFC 9562, section 5.4).
pub(crate) fn random_version_4(rng: &mut impl CryptoRng) -> [u8; 16] {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    bytes
}

fn nibble(digit: u8) -> Result<u8, IdError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(IdError),
    }
}

#[cfg(test)]
mod tests {
    use super::{IdError, is_version_4, parse};

    #[test]
    fn the_bytes_stand_in_the_order_of_the_text() {
        let bytes = parse("00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(bytes, Ok(*b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"));
    }

    #[test]
    fn every_second_spelling_is_refused() {
        for text in [
            "",
            "00112233-4455-6677-8899-AABBCCDDEEFF",
            "00112233445566778899aabbccddeeff",
            "{00112233-4455-6677-8899-aabbccddeeff}",
            "00112233-4455-6677-8899-aabbccddeef",
            "00112233-4455-6677-8899-aabbccddeefff",
            "0011223-34455-6677-8899-aabbccddeeff",
            "00112233-4455-6677-8899-aabbccddeeg0",
            "é112233-4455-6677-8899-aabbccddeeff0",
        ] {
            assert_eq!(parse(text), Err(IdError), "{text:?}");
        }
    }

    #[test]
    fn version_and_variant_both_make_a_random_uuid() {
        let version = |text| parse(text).map(|bytes| is_version_4(&bytes));
        assert_eq!(version("919108f7-52d1-4320-9bac-f847db4148a8"), Ok(true));
        assert_eq!(version("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), Ok(false));
        assert_eq!(version("919108f7-52d1-4320-1bac-f847db4148a8"), Ok(false));
    }
}
