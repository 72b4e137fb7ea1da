//! Access tokens: what a request to FCM is authorised by.
//!
//! One exchange at a time, however many pushes wait for it; refreshed before the old token ends, which is
//! used for as long as it lives. Source: Google Identity, "Using OAuth 2.0 for Server to Server Applications".

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;

use super::credentials::Checked;
use super::token_endpoint::TokenEndpoint;
use super::token_exchange;
use super::token_exchange::Asserter;
use crate::base::{Backoff, Clock, Entropy, UnixMillis};
use crate::config::FcmCredentials;
use crate::model::AttemptOutcome;
use crate::push_services::token_counts::TokenCounts;
use crate::push_services::tools::Tools;

/// How long before its end a token is replaced.
const REFRESH_BEFORE: Duration = Duration::from_mins(5);
/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How long the token endpoint is left alone after a failure; at least half of it, drawn anew each time.
const EXCHANGE_REST: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_mins(1) };
/// FCM refusing new tokens again and again does not make us ask for more of them.
const REFUSAL_GAP: Duration = Duration::from_secs(10);

/// Gets the access tokens of one service account, and keeps the current one.
pub(super) struct AccessTokens {
    asserter: Asserter,
    endpoint: TokenEndpoint,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    counts: Arc<TokenCounts>,
    current: Mutex<Option<AccessToken>>,
    /// Whether the current token authorised anything: one that nobody uses is not refreshed.
    used: AtomicBool,
    /// Held by whoever asks the token endpoint.
    turn: tokio::sync::Mutex<Turn>,
}

#[derive(Default)]
struct Turn {
    failures: u32,
    resting: Option<(AttemptOutcome, Instant)>,
    refused_at: Option<Instant>,
}

/// One access token, as the value of the header `authorization`.
#[derive(Clone)]
pub(super) struct AccessToken {
    /// The header's value, marked sensitive.
    pub(super) header: HeaderValue,
    ends_at: UnixMillis,
}

impl AccessTokens {
    /// Gets tokens with `credentials`, which passed as `checked`.
    pub(super) fn new(credentials: &FcmCredentials, checked: Checked, tools: &Tools) -> Self {
        let asserter = Asserter {
            key: checked.key,
            key_id: credentials.private_key_id.clone(),
            issuer: credentials.client_email.clone(),
            audience: credentials.token_uri.clone(),
        };
        let endpoint = TokenEndpoint::new(checked.token_endpoint, checked.token_path, tools.http1.clone());
        Self {
            asserter,
            endpoint,
            clock: Arc::clone(&tools.clock),
            entropy: Arc::clone(&tools.entropy),
            counts: Arc::clone(&tools.tokens),
            current: Mutex::new(None),
            used: AtomicBool::new(false),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// A token that lives; the error is what a push without one came to.
    pub(super) async fn current(&self) -> Result<AccessToken, AttemptOutcome> {
        if let Some(token) = self.living() {
            self.used.store(true, Ordering::Relaxed);
            return Ok(token);
        }
        let mut turn = self.turn.lock().await;
        // Whoever had the turn before may have got one.
        let token = match self.living() {
            Some(token) => token,
            None => self.exchange(&mut turn).await?,
        };
        self.used.store(true, Ordering::Relaxed);
        Ok(token)
    }

    /// After FCM refused `refused`: whether [`Self::current`] gives another token from now on.
    pub(super) async fn refresh(&self, refused: &AccessToken) -> bool {
        let mut turn = self.turn.lock().await;
        if self.lock().as_ref().is_some_and(|token| token.header != refused.header) {
            return true;
        }
        let now = Instant::now();
        if turn.refused_at.is_some_and(|at| now.duration_since(at) < REFUSAL_GAP) {
            return false;
        }
        turn.refused_at = Some(now);
        self.exchange(&mut turn).await.is_ok()
    }

    /// Refreshes the token for as long as it is polled.
    pub(super) async fn keep_fresh(&self) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.refresh_if_due().await;
        }
    }

    async fn refresh_if_due(&self) {
        if self.is_due() {
            let mut turn = self.turn.lock().await;
            if self.is_due() {
                // Where it fails, the old one is used while it lives, and the next look tries again.
                let _ = self.exchange(&mut turn).await;
            }
        }
    }

    fn is_due(&self) -> bool {
        let due = self.clock.now().plus(REFRESH_BEFORE);
        self.used.load(Ordering::Relaxed) && self.lock().as_ref().is_some_and(|token| token.ends_at <= due)
    }

    fn living(&self) -> Option<AccessToken> {
        let now = self.clock.now();
        self.lock().clone().filter(|token| now < token.ends_at)
    }

    async fn exchange(&self, turn: &mut Turn) -> Result<AccessToken, AttemptOutcome> {
        if let Some((outcome, until)) = &turn.resting {
            let left = until.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                return Err(waiting(outcome, left));
            }
        }
        let now = self.clock.now();
        let result = match self.endpoint.post(self.asserter.form(now)).await {
            Ok(answer) => token_exchange::read(answer.status, &answer.headers, &answer.body, now),
            // No access token, so nothing was sent: the same as no connection to FCM.
            Err(reason) => Err(AttemptOutcome::NotProcessed { reason, after: None }),
        };
        self.counts.asked(result.is_ok());
        match result {
            Ok(granted) => {
                *turn = Turn { refused_at: turn.refused_at, ..Turn::default() };
                let token = AccessToken { header: granted.header, ends_at: now.plus(granted.life) };
                *self.lock() = Some(token.clone());
                self.used.store(false, Ordering::Relaxed);
                Ok(token)
            }
            Err(outcome) => {
                turn.failures += 1;
                let wait = match &outcome {
                    AttemptOutcome::TryLater { after: Some(after), .. } => *after,
                    _ => EXCHANGE_REST.after(turn.failures, 1.0 - self.entropy.fraction() / 2.0),
                };
                turn.resting = Some((outcome.clone(), Instant::now() + wait));
                Err(waiting(&outcome, wait))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<AccessToken>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `outcome`, where it asks for patience with what is `left` of it.
fn waiting(outcome: &AttemptOutcome, left: Duration) -> AttemptOutcome {
    match outcome {
        AttemptOutcome::TryLater { reason, .. } => {
            AttemptOutcome::TryLater { reason: reason.clone(), after: Some(left) }
        }
        AttemptOutcome::NotProcessed { reason, .. } => {
            AttemptOutcome::NotProcessed { reason: reason.clone(), after: Some(left) }
        }
        other => other.clone(),
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[access token until {}]", self.ends_at)
    }
}

#[cfg(test)]
mod tests {
    use push_simulator::{Effect, Host, Rule, RuleTarget, Simulator, SimulatorConfig};
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    use super::*;
    use crate::base::{ManualClock, OsEntropy, Secret};
    use crate::push_services::dialer::Dialer;
    use crate::push_services::fcm::credentials;
    use crate::push_services::share::Places;
    use crate::push_services::trust::{Alpn, TlsRoots};
    use crate::push_services::{Endpoints, example_push};

    const MINUTE: Duration = Duration::from_mins(1);

    struct Office {
        simulator: Simulator,
        clock: Arc<ManualClock>,
        tokens: AccessTokens,
    }

    impl Office {
        async fn open() -> Self {
            let clock = Arc::new(ManualClock::at(example_push::NOW));
            let told = Arc::clone(&clock);
            let simulated = move || u64::try_from(told.now().0).unwrap();
            let simulated = push_simulator::Clock::from_fn(simulated);
            let config = SimulatorConfig { clock: simulated, ..SimulatorConfig::default() };
            let simulator = Simulator::start(config).await.unwrap();
            let roots = CertificateDer::pem_slice_iter(simulator.ca_pem().as_bytes()).map(Result::unwrap);
            let roots = TlsRoots::Only(roots.collect());
            let dialer = |alpn| Dialer::new(roots.client_config(alpn).unwrap(), MINUTE);
            let tools = Tools {
                clock: clock.clone(),
                entropy: Arc::new(OsEntropy),
                http2: dialer(Alpn::H2),
                http1: dialer(Alpn::Http1),
                endpoints: Endpoints::default(),
                request_limit: MINUTE,
                places: Arc::new(Places::of(1, 1)),
                tokens: Arc::default(),
            };
            let account = account(&simulator);
            let tokens = AccessTokens::new(&account, credentials::check(&account).unwrap(), &tools);
            Self { simulator, clock, tokens }
        }

        fn exchanges(&self) -> usize {
            self.simulator.records().iter().filter(|record| record.host == Host::Token).count()
        }
    }

    fn account(simulator: &Simulator) -> FcmCredentials {
        let json: serde_json::Value =
            serde_json::from_str(&simulator.service_account_json("chat-example")).unwrap();
        let member = |name: &str| json[name].as_str().unwrap().to_owned();
        FcmCredentials {
            project_id: member("project_id"),
            client_email: member("client_email"),
            private_key_id: member("private_key_id"),
            private_key_pem: Secret::new(member("private_key")),
            token_uri: member("token_uri"),
        }
    }

    #[tokio::test]
    async fn a_used_token_is_refreshed_five_minutes_before_its_end() {
        let office = Office::open().await;
        let first = office.tokens.current().await.unwrap();
        office.clock.advance(54 * MINUTE);
        office.tokens.refresh_if_due().await;
        assert_eq!(office.exchanges(), 1);
        office.clock.advance(MINUTE);
        office.tokens.refresh_if_due().await;
        assert_eq!(office.exchanges(), 2);
        assert_ne!(office.tokens.current().await.unwrap().header, first.header);
    }

    #[tokio::test]
    async fn a_token_that_nobody_used_is_not_refreshed() {
        let office = Office::open().await;
        office.tokens.current().await.unwrap();
        for _ in 0..3 {
            office.clock.advance(55 * MINUTE);
            office.tokens.refresh_if_due().await;
        }
        assert_eq!(office.exchanges(), 2);
    }

    #[tokio::test]
    async fn a_refresh_that_fails_leaves_the_old_token_in_use() {
        let office = Office::open().await;
        let first = office.tokens.current().await.unwrap();
        office.simulator.script(Rule::new(RuleTarget::TokenEndpoint, Effect::answer(503, "")));
        office.clock.advance(57 * MINUTE);
        office.tokens.refresh_if_due().await;
        assert_eq!(office.exchanges(), 2);
        assert_eq!(office.tokens.current().await.unwrap().header, first.header);
        office.clock.advance(3 * MINUTE);
        assert!(office.tokens.current().await.is_err());
    }
}
