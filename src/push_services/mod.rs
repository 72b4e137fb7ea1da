//! The push services: an [`OutboundPush`] goes in, an [`AttemptOutcome`] comes out.
//!
//! Owns the credentials of every app, the connections, and the words of APNs and FCM. Must not touch
//! storage, decide about repeating (that is `delivery::verdict`), or return an HTTP status. Read next:
//! `apns/mod.rs`, its twin `fcm/mod.rs`, then `http2/pool.rs`, on which both stand.

mod answers;
mod apns;
mod app_guard;
mod breaker;
mod clear_parts;
mod credential_state;
mod dialer;
mod egress_book;
mod endpoint;
#[cfg(test)]
mod example_push;
mod fcm;
mod http2;
mod jws;
mod passing;
mod pool_figures;
mod proof;
mod reach;
mod retry_after;
mod settings;
mod share;
mod token_counts;
mod token_watch;
mod tools;
mod trust;
mod tunnel;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

pub use answers::{AnswerRow, Meaning, Remedy};
pub use apns::ApnsCredentialsError;
pub use credential_state::{CredentialStanding, CredentialState};
pub use egress_book::EgressProblem;
pub use endpoint::{Endpoint, EndpointError, Endpoints};
pub use fcm::FcmCredentialsError;
pub use passing::Passing;
pub use pool_figures::PoolFigures;
pub use proof::Proof;
pub use reach::{CertificateFault, Hop, Reached, Speaks, Unreached};
pub use settings::{AppCredentials, PushSettings};
pub use token_counts::TokenFigures;
pub use trust::{TlsRoots, TlsRootsError};

use apns::Apns;
use dialer::Dialer;
use egress_book::EgressBook;
use fcm::Fcm;
use share::Places;
use tools::Tools;
use trust::Alpn;

use crate::base::{Clock, Entropy, Live};
use crate::model::{AppId, AttemptOutcome, OutboundPush, PushService, PushWay};

const HOUR: Duration = Duration::from_hours(1);

/// Why the push services cannot be used as configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushServicesError {
    /// Two apps have one name.
    #[error("app {0} is configured twice")]
    TwiceConfigured(AppId),
    /// An app's credentials for APNs cannot work.
    #[error("app {0}: {1}")]
    Apns(AppId, #[source] ApnsCredentialsError),
    /// An app's credentials for FCM cannot work.
    #[error("app {0}: {1}")]
    Fcm(AppId, #[source] FcmCredentialsError),
    /// The CA bundle cannot be used.
    #[error(transparent)]
    Roots(#[from] TlsRootsError),
}

/// All apps' ways to all push services, which can be other ones from one push to the next.
pub struct PushServices {
    now: Live<Ways>,
    /// `now` was replaced.
    replaced: Notify,
}

/// The ways of one config. An attempt that has begun ends on those that it began on.
struct Ways {
    apns: Apns,
    fcm: Fcm,
    tools: Tools,
    settings: PushSettings,
    /// What the proxy lets through; shared by all dialers of these settings.
    egress: Arc<EgressBook>,
}

impl PushServices {
    /// Checks all credentials; opens no connection.
    pub fn new(
        credentials: Vec<AppCredentials>,
        settings: PushSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, PushServicesError> {
        let ways = Ways::new(credentials, settings, (clock, entropy), None)?;
        Ok(Self { now: Live::new(ways), replaced: Notify::new() })
    }

    /// Goes on with other credentials and settings. An app whose credentials and ways are the same keeps its
    /// connections, its tokens, and what is known of its credentials. Where it fails, nothing changes.
    pub fn replace(
        &self,
        credentials: Vec<AppCredentials>,
        settings: PushSettings,
    ) -> Result<(), PushServicesError> {
        let earlier = self.now.get();
        let with = (Arc::clone(&earlier.tools.clock), Arc::clone(&earlier.tools.entropy));
        self.now.set(Ways::new(credentials, settings, with, Some(&earlier))?);
        self.replaced.notify_one();
        Ok(())
    }

    /// One attempt to push. It ends within the request limit. Must be called within a Tokio runtime: the
    /// connections that it opens are driven there, and end when this value is dropped.
    pub async fn push(&self, push: OutboundPush<'_>) -> AttemptOutcome {
        let ways = self.now.get();
        match push.device_token.push_service() {
            PushService::Apns => ways.apns.push(&push, &ways.tools).await,
            PushService::Fcm => ways.fcm.push(&push, &ways.tools).await,
        }
    }

    /// Who may go this way now.
    #[must_use]
    pub fn passing(&self, way: &PushWay) -> Passing {
        let ways = self.now.get();
        match way.push_service {
            PushService::Apns => ways.apns.passing(&way.app, way.environment),
            PushService::Fcm => ways.fcm.passing(&way.app),
        }
    }

    /// What `outcome`, the last word of a push service about the push's token, comes to in the light of what
    /// other tokens got: where too many are refused that worked before, the mistake is ours.
    pub fn weigh(&self, push: &OutboundPush<'_>, outcome: AttemptOutcome) -> AttemptOutcome {
        let ways = self.now.get();
        let guard = match push.device_token.push_service() {
            PushService::Apns => ways.apns.guard(push.app, push.environment),
            PushService::Fcm => ways.fcm.guard(push.app),
        };
        match guard {
            Some(guard) => guard.weigh(push, outcome, &ways.tools),
            None => outcome,
        }
    }

    /// Lets the deliveries of `app` go to its push services again, until the next refusal; how many ways were
    /// closed. Nothing is forgiven that is not mended: the first refusal closes the way again.
    pub fn release(&self, app: &AppId) -> usize {
        let ways = self.now.get();
        ways.apns.release(app) + ways.fcm.release(app)
    }

    /// Every answer of a push service that has a row of its own, with what it means; `docs/PUSH_SERVICES.md` shows
    /// them.
    #[must_use]
    pub fn answers(push_service: PushService) -> &'static [AnswerRow] {
        match push_service {
            PushService::Apns => apns::ANSWERS,
            PushService::Fcm => fcm::ANSWERS,
        }
    }

    /// Refreshes access tokens before they end, until `shutdown`. Pushing works without it, but then the
    /// push that finds its token ended waits for the next one.
    pub async fn run(self: Arc<Self>, shutdown: impl Future<Output = ()>) {
        let keep_fresh = async {
            loop {
                let ways = self.now.get();
                tokio::select! {
                    () = ways.fcm.keep_fresh() => {}
                    () = self.replaced.notified() => {}
                }
            }
        };
        tokio::select! {
            () = shutdown => {}
            () = keep_fresh => {}
        }
    }

    /// Whether each credential works, as far as the push services have told.
    #[must_use]
    pub fn credential_states(&self) -> Vec<CredentialState> {
        let ways = self.now.get();
        let mut states: Vec<_> = ways.apns.states().chain(ways.fcm.states()).collect();
        states.sort_by(|a, b| {
            (&a.app, a.push_service, a.environment).cmp(&(&b.app, b.push_service, b.environment))
        });
        states
    }

    /// The hosts to which the operator's proxy opens no way.
    #[must_use]
    pub fn egress_problems(&self) -> Vec<EgressProblem> {
        self.now.get().egress.problems()
    }

    /// How often a new token was had, for the metrics.
    #[must_use]
    pub fn token_figures(&self) -> [TokenFigures; 2] {
        self.now.get().tools.tokens.figures()
    }

    /// What is open, for the metrics.
    #[must_use]
    pub fn pool_figures(&self) -> Vec<PoolFigures> {
        let ways = self.now.get();
        vec![
            PoolFigures::of(PushService::Apns, ways.apns.pools()),
            PoolFigures::of(PushService::Fcm, ways.fcm.pools()),
        ]
    }
}

impl Ways {
    /// Checks all credentials, and takes over from `earlier` what is the same.
    fn new(
        credentials: Vec<AppCredentials>,
        settings: PushSettings,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        earlier: Option<&Self>,
    ) -> Result<Self, PushServicesError> {
        // What is under way takes its place also after a reload.
        let how_many = credentials.len();
        let places = earlier.map_or_else(
            || Arc::new(Places::of(settings.under_way, how_many)),
            |earlier| Arc::clone(&earlier.tools.places),
        );
        places.resize(settings.under_way, how_many);
        let tokens = earlier.map_or_else(Arc::default, |earlier| Arc::clone(&earlier.tools.tokens));
        // A connection belongs to the place that it was opened to.
        let earlier = earlier.filter(|earlier| earlier.settings.same_ways(&settings));
        let egress = earlier.map_or_else(Arc::default, |earlier| Arc::clone(&earlier.egress));
        let way = Arc::new(settings.egress.clone());
        let dialer = |alpn| -> Result<Dialer, TlsRootsError> {
            let dialer = Dialer::new(settings.roots.client_config(alpn)?, settings.connect_limit);
            Ok(dialer.by(Arc::clone(&way), Arc::clone(&egress)))
        };
        let (http2, http1) = (dialer(Alpn::H2)?, dialer(Alpn::Http1)?);
        let (endpoints, request_limit) = (settings.endpoints.clone(), settings.request_limit);
        let tools = Tools { clock, entropy, http2, http1, endpoints, request_limit, places, tokens };
        let (mut apns, mut fcm) = (Apns::default(), Fcm::default());
        let mut known = HashSet::new();
        for AppCredentials { app, placeholder, apns: at_apple, fcm: at_google } in credentials {
            if !known.insert(app.clone()) {
                return Err(PushServicesError::TwiceConfigured(app));
            }
            if let Some(at_apple) = at_apple {
                apns.add(app.clone(), placeholder.clone(), &at_apple, &tools, earlier.map(|ways| &ways.apns))
                    .map_err(|error| PushServicesError::Apns(app.clone(), error))?;
            }
            if let Some(at_google) = at_google {
                fcm.add(app.clone(), placeholder, &at_google, &tools, earlier.map(|ways| &ways.fcm))
                    .map_err(|error| PushServicesError::Fcm(app, error))?;
            }
        }
        Ok(Self { apns, fcm, tools, settings, egress })
    }
}

impl std::fmt::Debug for PushServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushServices").finish_non_exhaustive()
    }
}
