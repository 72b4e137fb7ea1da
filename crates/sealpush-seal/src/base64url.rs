//! The one text form of binary values: base64url, without padding, canonical.
//!
//! Owns the strictness: every byte string has exactly one text, so that text may be compared, cached and counted.
//! Must not become lenient: the two fields that the protocol reads in other alphabets are the relay's business, not
//! this crate's. Read next: [`crate::Envelope`], its first user.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The text is not canonical base64url: padding, white space, a character of another alphabet, a length that no
/// byte string has, or bits beyond the last byte that are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not base64url without padding (RFC 4648, section 5)")]
pub struct Base64UrlError;

/// Writes bytes as base64url without padding (RFC 4648, section 5): `ceil(4 * len / 3)` characters.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding, and nothing that [`encode`] would not have written.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64UrlError> {
    // RFC 4648, sections 3.1 to 3.5: this engine adds and takes no padding, skips no character, and refuses non-zero
    // trailing bits, which would give one byte string several texts.
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Base64UrlError)
}

#[cfg(test)]
mod tests {
    use super::{Base64UrlError, decode, encode};

    #[test]
    fn the_examples_of_the_rfc_hold_without_their_padding() {
        // RFC 4648, section 10.
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Ok(bytes.as_bytes()));
        }
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn every_second_spelling_is_refused() {
        for text in
            ["Zg==", "Zg=", "Zm9v\n", " Zm9v", "Zm 9v", "+/8", "-/8", "Z", "Zm9vY", "Zh", "Zm9", "Zg\0", "Zé"]
        {
            assert_eq!(decode(text), Err(Base64UrlError), "{text:?}");
        }
    }
}
