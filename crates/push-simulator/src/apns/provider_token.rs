//! The check of one provider token.
//!
//! Owns what "Establishing a token-based connection to APNs" says of the JWT itself: form, algorithm, key,
//! signature, age. What a connection makes of a good token is `binding`'s.

use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::apns::reason::Reason;
use crate::apns::teams::{SigningKey, Teams};
use crate::jwt::Jwt;

/// "Establishing a token-based connection to APNs": `iat` is within an hour of now.
const MAX_DISTANCE_SECONDS: u64 = 60 * 60;

/// A provider token whose signature held.
#[derive(Clone, Debug)]
pub(crate) struct ProviderToken {
    pub(crate) key: Arc<SigningKey>,
    issued_at: u64,
}

impl ProviderToken {
    /// Checks everything but the age, which changes while the token is in use.
    pub(crate) fn verify(token: &str, teams: &Teams) -> Result<Self, Reason> {
        let jwt = Jwt::parse(token).ok_or(Reason::InvalidProviderToken)?;
        if jwt.header_text("alg") != Some("ES256") {
            return Err(Reason::InvalidProviderToken);
        }
        let key =
            jwt.header_text("kid").and_then(|kid| teams.key(kid)).ok_or(Reason::InvalidProviderToken)?;
        if jwt.claim_text("iss") != Some(key.team_id.as_str()) {
            return Err(Reason::InvalidProviderToken);
        }
        let issued_at = jwt.claim_seconds("iat").ok_or(Reason::InvalidProviderToken)?;
        // RFC 7518 section 3.4: r and s side by side, 64 bytes, not the DER that most tools make.
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key.public_key)
            .verify(jwt.signed.as_bytes(), &jwt.signature)
            .map_err(|_| Reason::InvalidProviderToken)?;
        Ok(Self { key, issued_at })
    }

    /// Whether `iat` is more than an hour away from now, in either direction.
    pub(crate) fn is_expired(&self, now_seconds: u64) -> bool {
        self.issued_at.abs_diff(now_seconds) > MAX_DISTANCE_SECONDS
    }
}
