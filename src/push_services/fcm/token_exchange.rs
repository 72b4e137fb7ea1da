//! The words of the OAuth exchange: an assertion that we sign, for an access token. Pure.
//!
//! Source: Google Identity, "Using OAuth 2.0 for Server to Server Applications" (HTTP/REST); RFC 7523,
//! section 2.1 (the request), RFC 6749, sections 5.1 and 5.2 (the answer).

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::base::UnixMillis;
use crate::model::{AttemptOutcome, Reason};
use crate::push_services::{jws, retry_after};

/// The one thing that the access token is good for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// `exp` may be at most an hour after `iat`.
const ASSERTION_LIFE: i64 = 3600;
/// Nobody is believed who promises more than a day.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// Who asserts: the service account and its key.
pub(super) struct Asserter {
    /// The key.
    pub(super) key: RsaKeyPair,
    /// Names the key.
    pub(super) key_id: String,
    /// The service account.
    pub(super) issuer: String,
    /// The token endpoint's URL.
    pub(super) audience: String,
}

impl Asserter {
    /// The form that is posted at `now`.
    pub(super) fn form(&self, now: UnixMillis) -> Zeroizing<String> {
        #[derive(Serialize)]
        struct Header<'a> {
            alg: &'static str,
            typ: &'static str,
            kid: &'a str,
        }
        #[derive(Serialize)]
        struct Claims<'a> {
            iss: &'a str,
            scope: &'static str,
            aud: &'a str,
            iat: i64,
            exp: i64,
        }
        let iat = now.unix_seconds();
        let header = Header { alg: "RS256", typ: "JWT", kid: &self.key_id };
        let claims =
            Claims { iss: &self.issuer, scope: SCOPE, aud: &self.audience, iat, exp: iat + ASSERTION_LIFE };
        let input = jws::signing_input(&header, &claims);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)
            .expect("a checked RSA key signs");
        let assertion = Zeroizing::new(jws::compact(input, &signature));
        // The grant type in the encoding of forms; an assertion needs none.
        let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
        Zeroizing::new(format!("grant_type={grant}&assertion={}", *assertion))
    }
}

/// An access token as it was given.
pub(super) struct Granted {
    /// `Bearer …`, marked sensitive.
    pub(super) header: HeaderValue,
    /// For how long it was given.
    pub(super) life: Duration,
}

#[derive(Deserialize)]
struct Grant {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Reads the token endpoint's answer; the error is what a push that needs the token came to.
pub(super) fn read(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: UnixMillis,
) -> Result<Granted, AttemptOutcome> {
    if status == StatusCode::OK {
        let unreadable =
            || AttemptOutcome::TryLater { reason: Reason::ours("oauth_unreadable"), after: None };
        return granted(body).ok_or_else(unreadable);
    }
    let reason = match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => Reason::theirs(&refusal.error),
        Err(_) => Reason::theirs(&format!("oauth_http_{}", status.as_u16())),
    };
    Err(match status.as_u16() {
        408 | 429 | 500..=599 => AttemptOutcome::TryLater { reason, after: retry_after::parse(headers, now) },
        // invalid_grant is a deleted key, a clock that is wrong, or an account that is gone: all about us.
        _ => AttemptOutcome::AppHeld { reason },
    })
}

fn granted(body: &[u8]) -> Option<Granted> {
    let mut grant: Grant = serde_json::from_slice(body).ok()?;
    let text = Zeroizing::new(format!("Bearer {}", grant.access_token));
    grant.access_token.zeroize();
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(Granted { header, life: Duration::from_secs(grant.expires_in).min(LONGEST_LIFE) })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use proptest::prelude::*;
    use sealpush_seal::base64url;
    use serde_json::{Value, json};

    use super::super::credentials::{self, tests::example};
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_763_683_200_000);

    fn answer(status: u16, body: &str) -> Result<Granted, AttemptOutcome> {
        read(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), NOW)
    }

    #[test]
    fn the_assertion_says_who_for_what_and_is_signed() {
        let credentials = example();
        let asserter = Asserter {
            key: credentials::check(&credentials).unwrap().key,
            key_id: credentials.private_key_id,
            issuer: credentials.client_email,
            audience: credentials.token_uri,
        };
        let form = asserter.form(NOW);
        let start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
        let (signed, signature) = form.strip_prefix(start).unwrap().rsplit_once('.').unwrap();
        let parts: Vec<Value> = signed
            .split('.')
            .map(|part| serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!(parts[0], json!({"alg": "RS256", "typ": "JWT", "kid": "0123456789abcdef"}));
        let claims = json!({
            "iss": "relay@chat-example.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/firebase.messaging",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": 1_763_683_200, "exp": 1_763_686_800,
        });
        assert_eq!(parts[1], claims);
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, asserter.key.public_key().as_ref())
            .verify(signed.as_bytes(), &base64url::decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn a_grant_is_a_bearer_header_and_a_life() {
        let granted = answer(200, r#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#);
        let granted = granted.ok().unwrap();
        assert_eq!(granted.header, "Bearer ya29.x");
        assert!(granted.header.is_sensitive());
        assert_eq!(granted.life, Duration::from_secs(3599));
    }

    #[test]
    fn a_refusal_is_about_us_and_a_fault_passes() {
        let refused = answer(400, r#"{"error":"invalid_grant","error_description":"d"}"#).err();
        assert_eq!(refused, Some(AttemptOutcome::AppHeld { reason: Reason::theirs("invalid_grant") }));
        let reason = Reason::theirs("oauth_http_503");
        assert_eq!(answer(503, "<html>").err(), Some(AttemptOutcome::TryLater { reason, after: None }));
    }

    proptest! {
        #[test]
        fn no_answer_panics(status in 100_u16..1000, body in any::<Vec<u8>>()) {
            let status = StatusCode::from_u16(status).unwrap();
            prop_assert!(read(status, &HeaderMap::new(), &body, NOW).is_err());
        }
    }
}
