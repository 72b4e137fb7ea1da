//! Firebase Cloud Messaging: one adapter for all apps that have credentials for it.
//!
//! Owns Google's words. `request.rs` and `response.rs` are pure; this file joins them with access tokens and
//! connections. Must not decide about repeating, but for the one remedy that Google names.

mod authorization;
mod credentials;
mod error_body;
mod request;
mod response;
mod token_endpoint;
mod token_exchange;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::join_all;
use http::Uri;

use authorization::AccessTokens;
pub use credentials::FcmCredentialsError;
use request::{Intent, Message};
pub(super) use response::ANSWERS;

use super::answers::{Remedy, Signal};
use super::app_guard::AppGuard;
use super::breaker::{Guarded, Passage};
use super::http2::{Failure, Pool, Rules};
use super::tools::Tools;
use super::{CredentialState, Passing};
use crate::config::FcmCredentials;
use crate::model::{AppId, AttemptOutcome, OutboundPush, Placeholder, PushService, Reason};

/// Every app's way to FCM.
#[derive(Default)]
pub(super) struct Fcm {
    apps: HashMap<AppId, Arc<FcmApp>>,
}

/// Unlike at APNs nothing is shared: apps of one project are few, and an app held for its quota must not
/// take another's streams.
struct FcmApp {
    credentials: FcmCredentials,
    placeholder: Placeholder,
    uri: Uri,
    tokens: AccessTokens,
    pool: Pool,
    guard: AppGuard,
}

impl Fcm {
    /// Adds `app`. What `earlier` knows of the same app goes on.
    pub(super) fn add(
        &mut self,
        app: AppId,
        placeholder: Placeholder,
        credentials: &FcmCredentials,
        tools: &Tools,
        earlier: Option<&Self>,
    ) -> Result<(), FcmCredentialsError> {
        let same = earlier.and_then(|earlier| earlier.apps.get(&app));
        if let Some(same) =
            same.filter(|same| same.credentials == *credentials && same.placeholder == placeholder)
        {
            self.apps.insert(app, Arc::clone(same));
            return Ok(());
        }
        let checked = credentials::check(credentials)?;
        let endpoint = &tools.endpoints.fcm;
        let path = format!("/v1/projects/{}/messages:send", credentials.project_id);
        let uri = Uri::builder().scheme("https").authority(endpoint.authority().clone());
        let uri = uri.path_and_query(path).build().map_err(|_| FcmCredentialsError::ProjectId)?;
        let tokens = AccessTokens::new(credentials, checked, tools);
        let pool = tools.pool(endpoint, Rules::default());
        let guarded = Guarded { app: app.clone(), push_service: PushService::Fcm, environment: None };
        let guard = AppGuard::new(guarded, tools);
        let credentials = credentials.clone();
        self.apps.insert(app, Arc::new(FcmApp { credentials, placeholder, uri, tokens, pool, guard }));
        Ok(())
    }

    /// One attempt.
    pub(super) async fn push(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        match self.apps.get(push.app) {
            Some(app) => app.push(push, tools, Intent::Send).await,
            None => AttemptOutcome::Rejected { reason: Reason::ours("push_service_not_configured") },
        }
    }

    /// What stands before FCM for an app.
    pub(super) fn guard(&self, app: &AppId) -> Option<&AppGuard> {
        self.apps.get(app).map(|app| &app.guard)
    }

    /// Who of an app may go now. Of an app that FCM is not configured for, every delivery ends at once.
    pub(super) fn passing(&self, app: &AppId) -> Passing {
        self.guard(app).map_or(Passing::Free, AppGuard::passing)
    }

    /// The same, where FCM shall judge the push and not send it.
    pub(super) async fn validate(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        match self.apps.get(push.app) {
            Some(app) => app.push(push, tools, Intent::Validate).await,
            None => AttemptOutcome::Rejected { reason: Reason::ours("push_service_not_configured") },
        }
    }

    /// Refreshes all access tokens for as long as it is polled; never ends by itself.
    pub(super) async fn keep_fresh(&self) {
        join_all(self.apps.values().map(|app| app.tokens.keep_fresh())).await;
        // Without any app there is nothing to refresh, and all the time to do it.
        std::future::pending::<()>().await;
    }

    /// Each app's credential.
    pub(super) fn states(&self) -> impl Iterator<Item = CredentialState> {
        self.apps.iter().map(|(app, fcm)| CredentialState {
            app: app.clone(),
            push_service: PushService::Fcm,
            environment: None,
            standing: fcm.guard.breaker.standing(),
        })
    }

    /// Lets an app's deliveries go again; how many ways were closed.
    pub(super) fn release(&self, app: &AppId) -> usize {
        self.apps.get(app).map_or(0, |app| usize::from(app.guard.breaker.release()))
    }

    /// All connections.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.apps.values().map(|app| &app.pool)
    }
}

impl FcmApp {
    async fn push(&self, push: &OutboundPush<'_>, tools: &Tools, intent: Intent) -> AttemptOutcome {
        let message = match request::message(push, &self.placeholder) {
            Ok(message) => message.meant_as(intent),
            Err(reason) => return AttemptOutcome::Rejected { reason },
        };
        let passage = Passage::through(&self.guard.breaker);
        let (passage, _place) = match passage.and_then(|passage| Ok((passage, self.guard.share.take()?))) {
            Ok(inside) => inside,
            Err(outcome) => return outcome,
        };
        let (outcome, signal) = self.exchange(push, &message, &passage, tools).await;
        passage.note(&signal);
        outcome
    }

    /// Sends until there is an answer for which nothing else is worth trying.
    async fn exchange(
        &self,
        push: &OutboundPush<'_>,
        message: &Message<'_>,
        passage: &Passage<'_>,
        tools: &Tools,
    ) -> (AttemptOutcome, Signal) {
        let failed = |failure: Failure| {
            let signal = Signal::from(&failure);
            (failure.into(), signal)
        };
        let (send_by, deadline) = tools.limits(push);
        let (mut repeated, mut remedied) = (false, false);
        loop {
            // Before a stream is taken: nobody shall hold one while a token is fetched.
            let token = match tokio::time::timeout_at(send_by, self.tokens.current()).await {
                Ok(Ok(token)) => token,
                Ok(Err(outcome)) => return without_token(outcome),
                Err(_) => return without_token(oauth_timed_out().into()),
            };
            let slot = match self.pool.slot(send_by).await {
                Ok(slot) => slot,
                Err(failure) => return failed(failure),
            };
            // Whoever waited for the first answer on a connection need not hear the same refusal again, and who
            // was refused with many others need not try the remedy that was in vain for one of them.
            if let Some(outcome) = passage.closed_meanwhile() {
                return (outcome, Signal::Nothing);
            }
            if let Some(outcome) = tools.too_late(push) {
                return (outcome, Signal::Nothing);
            }
            let head = request::head(&self.uri, token.header.clone());
            let answer = match slot.exchange(head, message.body(tools.clock.now()), deadline).await {
                Ok(answer) => answer,
                // A connection that ends while a request is on its way to it is daily business.
                Err(Failure::NotProcessed(_)) if !repeated => {
                    repeated = true;
                    continue;
                }
                Err(failure) => return failed(failure),
            };
            let reading = response::read(answer.status, &answer.headers, &answer.body, tools.clock.now());
            if matches!(reading.signal, Signal::Accepted | Signal::Answered) {
                slot.prove();
            }
            drop(slot);
            let worth_while = !remedied
                && match reading.remedy {
                    Remedy::NewToken => {
                        match tokio::time::timeout_at(send_by, self.tokens.refresh(&token)).await {
                            Ok(refreshed) => refreshed,
                            Err(_) => return failed(oauth_timed_out()),
                        }
                    }
                    // No connection of Google's is bound to what its first request showed.
                    Remedy::None | Remedy::NewConnection | Remedy::NewConnectionRarely => false,
                };
            if !worth_while {
                return (reading.outcome, reading.signal);
            }
            remedied = true;
        }
    }
}

/// The token endpoint said why there is no access token: it refuses the service account, or it fails, and without a
/// token that lives FCM is out of reach.
fn without_token(outcome: AttemptOutcome) -> (AttemptOutcome, Signal) {
    let signal = match &outcome {
        AttemptOutcome::AppHeld { reason } => Signal::CredentialRefused(reason.clone()),
        AttemptOutcome::TryLater { reason, .. } | AttemptOutcome::NotProcessed { reason, .. } => {
            Signal::Fault(reason.clone())
        }
        _ => Signal::Nothing,
    };
    (outcome, signal)
}

/// No access token came in time, so nothing was sent.
fn oauth_timed_out() -> Failure {
    Failure::NotProcessed(Reason::ours("oauth_timed_out"))
}
