//! What must not be found where it does not belong, in every spelling in which it could lie there.

use std::fmt::Write as _;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Shorter than this, bytes occur by chance.
const SHORTEST: usize = 8;

/// What kind of secret it is: this decides where it must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// Content that its sender sealed.
    SealedContent,
    /// Content that its sender handed to the relay.
    ContentForTheRelay,
    /// A push service's address of a phone.
    DeviceToken,
    /// What a sender or an app authenticates with.
    Credential,
    /// A private key of a phone or a server.
    PrivateKey,
    /// An envelope, which a relay needs to store only where it promised to try later.
    Envelope,
}

/// A secret to be searched for.
#[derive(Debug, Clone)]
pub(crate) struct Needle {
    /// What to call it; never the secret itself.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: SecretKind,
    /// Its spellings, each with its name.
    pub(crate) spellings: Vec<(&'static str, Vec<u8>)>,
}

impl Needle {
    /// The needle of a text; `None` where it is so short that it would be found by chance.
    pub(crate) fn text(name: impl Into<String>, kind: SecretKind, text: &str) -> Option<Self> {
        let mut needle = Self::bytes(name, kind, text.as_bytes())?;
        let escaped = serde_json::Value::from(text).to_string();
        needle.add("in JSON", escaped.as_bytes()[1..escaped.len() - 1].to_vec());
        needle.add("in JSON, ASCII only", ascii_json(text).into_bytes());
        Some(needle)
    }

    /// The needle of bytes; `None` where they are too few.
    pub(crate) fn bytes(name: impl Into<String>, kind: SecretKind, bytes: &[u8]) -> Option<Self> {
        if bytes.len() < SHORTEST {
            return None;
        }
        let mut needle = Self { name: name.into(), kind, spellings: vec![("as it is", bytes.to_vec())] };
        needle.add("in hexadecimal", hex::encode(bytes).into_bytes());
        needle.add("in hexadecimal", hex::encode_upper(bytes).into_bytes());
        for shift in 0..3 {
            needle.add("in base64", in_base64(&STANDARD_NO_PAD, bytes, shift));
            needle.add("in base64url", in_base64(&URL_SAFE_NO_PAD, bytes, shift));
        }
        Some(needle)
    }

    fn add(&mut self, name: &'static str, spelling: Vec<u8>) {
        if spelling.len() >= SHORTEST && self.spellings.iter().all(|(_, known)| *known != spelling) {
            self.spellings.push((name, spelling));
        }
    }
}

/// How `bytes` look inside longer base64, when `shift` bytes stand before them in their group of three: without the
/// characters at both ends that depend on what stands beside them.
fn in_base64(engine: &impl base64::Engine, bytes: &[u8], shift: usize) -> Vec<u8> {
    let shifted = [&[0; 2][..shift], bytes].concat();
    let whole = shifted.len() / 3 * 3;
    let text = engine.encode(&shifted[..whole]).into_bytes();
    let first = [0, 2, 3][shift];
    text.get(first..).unwrap_or_default().to_vec()
}

/// JSON with everything but ASCII as `\u` and four digits, as some encoders write it.
fn ascii_json(text: &str) -> String {
    let mut ascii = String::new();
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_graphic() || byte == b' ' => ascii.push(char::from(byte)),
            _ => write!(ascii, "\\u{unit:04x}").expect("a string takes everything"),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn every_position_in_base64_is_covered() {
        let secret = b"a secret that moves";
        let needle = Needle::bytes("x", SecretKind::Credential, secret).unwrap();
        for before in 0..6 {
            let hidden = STANDARD_NO_PAD.encode([&vec![0xfb; before], secret.as_slice(), b"\xffzz"].concat());
            let found = needle.spellings.iter().any(|(_, spelling)| {
                hidden.as_bytes().windows(spelling.len()).any(|window| window == spelling)
            });
            assert!(found, "{before}: {hidden}");
        }
    }

    #[test]
    fn what_is_short_is_not_searched_for() {
        assert!(Needle::text("x", SecretKind::SealedContent, "Anna").is_none());
        assert!(Needle::text("x", SecretKind::SealedContent, "Annabella").is_some());
    }
}
