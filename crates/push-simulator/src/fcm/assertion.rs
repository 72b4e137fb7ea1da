//! The check of one OAuth assertion.
//!
//! Owns what Google's guide "Using OAuth 2.0 for server to server applications" says of the JWT. Read next:
//! `oauth`.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use crate::fcm::accounts::Accounts;
use crate::fcm::oauth::{Grant, OAuthRefusal};
use crate::jwt::Jwt;

/// The longest life of an assertion: one hour from `iat` to `exp`.
const MAX_LIFETIME_SECONDS: u64 = 60 * 60;
/// How far Google lets clocks differ.
const MAX_SKEW_SECONDS: u64 = 5 * 60;
const SCOPE_PREFIX: &str = "https://www.googleapis.com/auth/";
const SENDING_SCOPES: [&str; 2] =
    ["https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"];

/// Checks an assertion and says what it earns.
pub(crate) fn verify(assertion: &str, accounts: &Accounts, now_seconds: u64) -> Result<Grant, OAuthRefusal> {
    let jwt = Jwt::parse(assertion).ok_or(OAuthRefusal::InvalidGrant("Invalid JWT: Failed to parse."))?;
    if jwt.header_text("alg") != Some("RS256") {
        return Err(OAuthRefusal::InvalidGrant("Invalid JWT: Unsupported signature algorithm."));
    }
    let unknown = OAuthRefusal::InvalidGrant("Invalid grant: account not found");
    let project = jwt.claim_text("iss").and_then(|email| accounts.project_of(email)).ok_or(unknown)?;
    let (key_id, public_key) = accounts.public_key();
    // The key id is optional in the header; where it is given it has to be the account's.
    let other_key = jwt.header_text("kid").is_some_and(|kid| kid != key_id);
    let verified = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key)
        .verify(jwt.signed.as_bytes(), &jwt.signature)
        .is_ok();
    if other_key || !verified {
        return Err(OAuthRefusal::InvalidGrant("Invalid JWT Signature."));
    }
    if jwt.claim_text("aud") != Some(accounts.token_url()) {
        return Err(OAuthRefusal::InvalidGrant("Invalid JWT: Failed audience check."));
    }
    check_times(&jwt, now_seconds)?;
    let scope = jwt.claim_text("scope").unwrap_or_default();
    if scope.is_empty() || !scope.split(' ').all(|scope| scope.starts_with(SCOPE_PREFIX)) {
        return Err(OAuthRefusal::InvalidScope);
    }
    let may_send = scope.split(' ').any(|scope| SENDING_SCOPES.contains(&scope));
    Ok(Grant { project, may_send })
}

fn check_times(jwt: &Jwt<'_>, now: u64) -> Result<(), OAuthRefusal> {
    let refusal = || {
        OAuthRefusal::InvalidGrant(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your \
             iat and exp values in the JWT claim.",
        )
    };
    let issued = jwt.claim_seconds("iat").ok_or_else(refusal)?;
    let expires = jwt.claim_seconds("exp").ok_or_else(refusal)?;
    let short_lived = expires > issued && expires - issued <= MAX_LIFETIME_SECONDS;
    let timely = issued <= now + MAX_SKEW_SECONDS && now < expires + MAX_SKEW_SECONDS;
    if short_lived && timely { Ok(()) } else { Err(refusal()) }
}
