//! The shape of the files; `vectors/README.md` says what each field means. Binary values are base64url.
//!
//! Owns the names of the fields, for whoever writes and whoever reads. Read next: `vectors/README.md`.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A file's text.
pub fn text<T: Serialize>(vectors: &[T]) -> String {
    serde_json::to_string_pretty(vectors).unwrap() + "\n"
}

/// The vectors of a file.
pub fn read<T: DeserializeOwned>(text: &str) -> Vec<T> {
    serde_json::from_str(text).unwrap()
}

/// Base64url, by a call that is not the crate's.
pub fn b64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Base64url back.
pub fn un_b64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Base64url back, of a length that is known.
pub fn un_b64_array<const N: usize>(text: &str) -> [u8; N] {
    un_b64(text).try_into().unwrap()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeVector {
    pub name: String,
    pub device: Device,
    pub envelope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<Opens>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealing: Option<Sealing>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub now_ms: u64,
    pub subscription: String,
    pub private_key: String,
    pub public_key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_private_keys: Vec<Previous>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_key: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_identity_keys: Vec<Previous>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    pub key: String,
    pub replaced_at_ms: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opens {
    pub content: String,
    pub provenance: String,
    pub sealed_at_ms: u64,
    pub delivery: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The error by its name in the protocol.
    pub error: String,
    /// The version, suite or key id that the error names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Which check refuses, for whoever builds an implementation; the error does not tell.
    pub check: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealing {
    pub ephemeral_ikm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_private_key: Option<String>,
    pub info: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_message: Option<String>,
    pub plaintext: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrationVector {
    pub name: String,
    pub now_ms: u64,
    pub sender: String,
    pub registration_private_keys: Vec<String>,
    pub sealed_registration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealing: Option<Sealing>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedKeyVector {
    pub name: String,
    pub now_ms: u64,
    pub long_term_key: String,
    pub key: String,
    pub valid_from_ms: u64,
    pub valid_until_ms: u64,
    pub signature: String,
    /// `taken`, or the check that refuses: `key`, `signature`, `time`.
    pub result: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeyVector {
    pub name: String,
    /// `x25519` or `ed25519`.
    pub curve: String,
    pub key: String,
    /// `taken`, or why not: `encoding`, `length`, `not_below_prime`, `low_order`, `not_on_curve`.
    pub result: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base64UrlVector {
    pub text: String,
    /// The bytes in hexadecimal; absent where the text is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
}
