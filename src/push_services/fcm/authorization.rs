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
use crate::base::{Clock, Entropy, UnixMillis};
use crate::config::FcmCredentials;
use crate::model::AttemptOutcome;
use crate::push_services::backoff;
use crate::push_services::tools::Tools;

/// How long before its end a token is replaced.
const REFRESH_BEFORE: Duration = Duration::from_mins(5);
/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// FCM refusing new tokens again and again does not make us ask for more of them.
const REFUSAL_GAP: Duration = Duration::from_secs(10);

/// Gets the access tokens of one service account, and keeps the current one.
pub(super) struct AccessTokens {
    asserter: Asserter,
    endpoint: TokenEndpoint,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
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
            if self.is_due() {
                let mut turn = self.turn.lock().await;
                if self.is_due() {
                    // Where it fails, the old one is used while it lives, and the next look tries again.
                    let _ = self.exchange(&mut turn).await;
                }
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
            Err(reason) => Err(AttemptOutcome::TryLater { reason, after: None }),
        };
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
                    _ => backoff::after(turn.failures, self.entropy.as_ref()),
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
        other => other.clone(),
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[access token until {}]", self.ends_at)
    }
}
