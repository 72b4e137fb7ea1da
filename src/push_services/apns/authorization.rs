//! Provider tokens: what a request to APNs is authorised by.
//!
//! One per team and key for the whole process, however many apps and connections use it.
//! Source: Apple, "Establishing a token-based connection to APNs".

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::EcdsaKeyPair;
use http::HeaderValue;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::base::{Clock, UnixMillis};
use crate::push_services::jws;
use crate::push_services::token_counts::TokenCounts;

/// A token is refused when it is an hour old; ten minutes are left for clocks that differ.
const RENEW_AT: Duration = Duration::from_mins(50);
/// More than one new token in 20 minutes is answered by `TooManyProviderTokenUpdates`.
const SHORTEST_LIFE: Duration = Duration::from_mins(20);

/// Makes the provider tokens of one team and key, and keeps the current one.
pub(super) struct ProviderTokens {
    key: EcdsaKeyPair,
    team_id: String,
    key_id: String,
    clock: Arc<dyn Clock>,
    counts: Arc<TokenCounts>,
    current: Mutex<Option<ProviderToken>>,
}

/// One provider token, as the value of the header `authorization`.
#[derive(Clone)]
pub(super) struct ProviderToken {
    /// The header's value; marked sensitive, so that HPACK never indexes it, which Apple asks for.
    pub(super) header: HeaderValue,
    issued_at: UnixMillis,
}

impl ProviderTokens {
    /// Makes tokens with `key`.
    pub(super) fn new(
        key: EcdsaKeyPair,
        team_id: String,
        key_id: String,
        (clock, counts): (Arc<dyn Clock>, Arc<TokenCounts>),
    ) -> Self {
        Self { key, team_id, key_id, clock, counts, current: Mutex::new(None) }
    }

    /// A token that is young enough.
    pub(super) fn current(&self) -> ProviderToken {
        let now = self.clock.now();
        let mut current = self.lock();
        match &*current {
            Some(token) if token.is_young(now) => token.clone(),
            _ => current.insert(self.issue(now)).clone(),
        }
    }

    /// After `refused` was called expired: whether [`Self::current`] gives another token from now on.
    pub(super) fn renew(&self, refused: &ProviderToken) -> bool {
        let now = self.clock.now();
        let mut current = self.lock();
        match &*current {
            Some(token) if token.issued_at != refused.issued_at => true,
            Some(token) if now.since(token.issued_at) < SHORTEST_LIFE => false,
            _ => {
                *current = Some(self.issue(now));
                true
            }
        }
    }

    fn issue(&self, now: UnixMillis) -> ProviderToken {
        #[derive(Serialize)]
        struct Header<'a> {
            alg: &'static str,
            kid: &'a str,
        }
        #[derive(Serialize)]
        struct Claims<'a> {
            iss: &'a str,
            iat: i64,
        }
        let header = Header { alg: "ES256", kid: &self.key_id };
        let claims = Claims { iss: &self.team_id, iat: now.unix_seconds() };
        let input = jws::signing_input(&header, &claims);
        // The nonce comes from the library's own generator, which seeds itself from the system.
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes());
        let signature = signature.expect("a checked P-256 key signs");
        let token = Zeroizing::new(format!("bearer {}", jws::compact(input, signature.as_ref())));
        let mut header = HeaderValue::from_str(&token).expect("base64url and dots fit a header");
        header.set_sensitive(true);
        self.counts.signed();
        ProviderToken { header, issued_at: now }
    }

    fn lock(&self) -> MutexGuard<'_, Option<ProviderToken>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProviderToken {
    /// A token from the future was made before the clock was set back: APNs would not take it.
    fn is_young(&self, now: UnixMillis) -> bool {
        now.since(self.issued_at) < RENEW_AT && self.issued_at.since(now) < SHORTEST_LIFE
    }
}

impl fmt::Debug for ProviderToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[provider token of {}]", self.issued_at)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, UnparsedPublicKey};
    use aws_lc_rs::signature::{EcdsaSigningAlgorithm, KeyPair};
    use sealpush_seal::base64url;

    use super::*;
    use crate::base::ManualClock;

    const START: UnixMillis = UnixMillis(1_763_683_200_000);
    const MINUTE: Duration = Duration::from_mins(1);
    static P256: &EcdsaSigningAlgorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;

    fn tokens() -> (ProviderTokens, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(START));
        let key = EcdsaKeyPair::generate(P256).unwrap();
        let tokens = ProviderTokens::new(
            key,
            "TEAM567890".into(),
            "KEY4567890".into(),
            (clock.clone(), Arc::default()),
        );
        (tokens, clock)
    }

    #[test]
    fn a_token_says_who_and_when_and_is_signed() {
        let (tokens, _) = tokens();
        let header = tokens.current().header;
        assert!(header.is_sensitive());
        let jwt = header.to_str().unwrap().strip_prefix("bearer ").unwrap().to_owned();
        let parts: Vec<_> = jwt.split('.').map(|part| base64url::decode(part).unwrap()).collect();
        assert_eq!(parts[0], br#"{"alg":"ES256","kid":"KEY4567890"}"#);
        assert_eq!(parts[1], br#"{"iss":"TEAM567890","iat":1763683200}"#);
        let signed = jwt.rsplit_once('.').unwrap().0;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, tokens.key.public_key().as_ref());
        public.verify(signed.as_bytes(), &parts[2]).unwrap();
    }

    #[test]
    fn a_token_is_used_for_fifty_minutes() {
        let (tokens, clock) = tokens();
        let first = tokens.current().header;
        clock.advance(MINUTE * 49);
        assert_eq!(tokens.current().header, first);
        clock.advance(MINUTE);
        assert_ne!(tokens.current().header, first);
    }

    #[test]
    fn a_refused_token_is_renewed_only_when_it_is_twenty_minutes_old() {
        let (tokens, clock) = tokens();
        let refused = tokens.current();
        clock.advance(MINUTE * 19);
        assert!(!tokens.renew(&refused));
        assert_eq!(tokens.current().header, refused.header);
        clock.advance(MINUTE);
        assert!(tokens.renew(&refused));
        assert_ne!(tokens.current().header, refused.header);
    }

    #[test]
    fn many_who_were_refused_with_one_token_renew_it_once() {
        let (tokens, clock) = tokens();
        let refused = tokens.current();
        clock.advance(MINUTE * 30);
        tokens.renew(&refused);
        let renewed = tokens.current().header;
        assert!(tokens.renew(&refused));
        assert_eq!(tokens.current().header, renewed);
    }

    #[test]
    fn a_token_from_before_the_clock_was_set_back_is_replaced() {
        let (tokens, clock) = tokens();
        let first = tokens.current().header;
        clock.set(UnixMillis(START.0 - 3_600_000));
        assert_ne!(tokens.current().header, first);
    }

    #[test]
    fn a_token_does_not_print() {
        let (tokens, _) = tokens();
        assert!(!format!("{:?}", tokens.current()).contains("ey"));
    }
}
