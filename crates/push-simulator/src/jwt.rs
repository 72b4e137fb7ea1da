//! Compact JSON Web Tokens, taken apart.
//!
//! Owns the form (RFC 7515 section 7.1) and nothing of the meaning: which algorithm, which key and which
//! claims is up to the reader. Read next: `apns::provider_token`, `fcm::assertion`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// A token whose three parts could be read; the signature is not checked yet.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    /// What the signature stands over: the first two parts with the dot between.
    pub(crate) signed: &'a str,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Jwt<'a> {
    /// Reads a token; `None` where it has no three parts, or one is not base64url without padding (RFC 7515
    /// section 2), or header or claims are no JSON object.
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// A string member of the header.
    pub(crate) fn header_text(&self, name: &str) -> Option<&str> {
        self.header.get(name)?.as_str()
    }

    /// A string claim.
    pub(crate) fn claim_text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a time in whole unix seconds.
    pub(crate) fn claim_seconds(&self, name: &str) -> Option<u64> {
        self.claims.get(name)?.as_u64()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Value::Object(map) => Some(map),
        _ => None,
    }
}
