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
use response::Remedy;

use super::credential_state::{CredentialStanding, StandingBook, proves_credential};
use super::http2::{Failure, Pool, Rules};
use super::tools::Tools;
use crate::config::FcmCredentials;
use crate::model::{AppId, AttemptOutcome, OutboundPush, Placeholder, Reason};

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
    standing: StandingBook,
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
        let standing = StandingBook::unused();
        let credentials = credentials.clone();
        self.apps.insert(app, Arc::new(FcmApp { credentials, placeholder, uri, tokens, pool, standing }));
        Ok(())
    }

    /// One attempt.
    pub(super) async fn push(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        let Some(app) = self.apps.get(push.app) else {
            return AttemptOutcome::Rejected { reason: Reason::ours("push_service_not_configured") };
        };
        let outcome = app.push(push, tools).await;
        app.standing.note(&outcome, tools.clock.as_ref());
        outcome
    }

    /// Refreshes all access tokens for as long as it is polled; never ends by itself.
    pub(super) async fn keep_fresh(&self) {
        join_all(self.apps.values().map(|app| app.tokens.keep_fresh())).await;
        // Without any app there is nothing to refresh, and all the time to do it.
        std::future::pending::<()>().await;
    }

    /// Each app's credential.
    pub(super) fn standings(&self) -> impl Iterator<Item = (&AppId, CredentialStanding)> {
        self.apps.iter().map(|(app, fcm)| (app, fcm.standing.read()))
    }

    /// All connections.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.apps.values().map(|app| &app.pool)
    }
}

impl FcmApp {
    async fn push(&self, push: &OutboundPush<'_>, tools: &Tools) -> AttemptOutcome {
        let message = match request::message(push, &self.placeholder) {
            Ok(message) => message,
            Err(reason) => return AttemptOutcome::Rejected { reason },
        };
        let (send_by, deadline) = tools.limits(push);
        let known = self.standing.read();
        let (mut repeated, mut remedied) = (false, false);
        loop {
            // Before a stream is taken: nobody shall hold one while a token is fetched.
            let token = match tokio::time::timeout_at(send_by, self.tokens.current()).await {
                Ok(Ok(token)) => token,
                Ok(Err(outcome)) => return outcome,
                Err(_) => return oauth_timed_out(),
            };
            let slot = match self.pool.slot(send_by).await {
                Ok(slot) => slot,
                Err(failure) => return failure.into(),
            };
            // Whoever waited for the first answer on a connection need not hear the same refusal again.
            if let Some(reason) = self.standing.held_since_then(&known).filter(|_| !remedied) {
                return AttemptOutcome::AppHeld { reason };
            }
            if let Some(outcome) = tools.too_late(push) {
                return outcome;
            }
            let head = request::head(&self.uri, token.header.clone());
            let answer = match slot.exchange(head, message.body(tools.clock.now()), deadline).await {
                Ok(answer) => answer,
                // A connection that ends while a request is on its way to it is daily business.
                Err(Failure::NotProcessed(_)) if !repeated => {
                    repeated = true;
                    continue;
                }
                Err(failure) => return failure.into(),
            };
            let reading = response::read(answer.status, &answer.headers, &answer.body, tools.clock.now());
            if proves_credential(&reading.outcome) {
                slot.prove();
            }
            drop(slot);
            let worth_while = !remedied
                && match reading.remedy {
                    Remedy::None => false,
                    Remedy::RefreshToken => {
                        match tokio::time::timeout_at(send_by, self.tokens.refresh(&token)).await {
                            Ok(refreshed) => refreshed,
                            Err(_) => return oauth_timed_out(),
                        }
                    }
                };
            if !worth_while {
                return reading.outcome;
            }
            remedied = true;
        }
    }
}

/// No access token came in time, so nothing was sent.
fn oauth_timed_out() -> AttemptOutcome {
    Failure::NotProcessed(Reason::ours("oauth_timed_out")).into()
}
