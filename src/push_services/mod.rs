//! The push services: an [`OutboundPush`] goes in, an [`AttemptOutcome`] comes out.
//!
//! Owns the credentials of every app, the connections, and the words of APNs and FCM. Must not touch
//! storage, decide about repeating (that is `delivery::verdict`), or return an HTTP status. Read next:
//! `apns/mod.rs`, its twin `fcm/mod.rs`, then `http2/pool.rs`, on which both stand.

mod apns;
mod backoff;
mod clear_parts;
mod credential_state;
mod dialer;
mod endpoint;
#[cfg(test)]
mod example_push;
mod fcm;
mod http2;
mod jws;
mod pool_figures;
mod retry_after;
mod tools;
mod trust;

use std::sync::Arc;
use std::time::Duration;

pub use apns::{ApnsCredentials, ApnsCredentialsError};
pub use credential_state::{CredentialStanding, CredentialState};
pub use endpoint::{Endpoint, EndpointError, Endpoints};
pub use fcm::{FcmCredentials, FcmCredentialsError};
pub use pool_figures::PoolFigures;
pub use trust::{TlsRoots, TlsRootsError};

use apns::Apns;
use dialer::Dialer;
use fcm::Fcm;
use tools::Tools;
use trust::Alpn;

use crate::base::{Clock, Entropy};
use crate::model::{AppId, AttemptOutcome, OutboundPush, Placeholder, PushService};

const HOUR: Duration = Duration::from_secs(3600);

/// The credentials of one app, as plain values that `config` read from files.
#[derive(Debug, Clone)]
pub struct AppCredentials {
    /// The app.
    pub app: AppId,
    /// What is shown where there is no content.
    pub placeholder: Placeholder,
    /// For APNs.
    pub apns: Option<ApnsCredentials>,
    /// For FCM.
    pub fcm: Option<FcmCredentials>,
}

/// How push services are reached.
#[derive(Debug, Clone)]
pub struct PushSettings {
    /// Where they are.
    pub endpoints: Endpoints,
    /// Whose certificates are believed.
    pub roots: TlsRoots,
    /// How long a connection may take to come about.
    pub connect_limit: Duration,
    /// How long one push may take, waiting for a connection included.
    pub request_limit: Duration,
}

impl Default for PushSettings {
    /// The vendors' hosts, browsers' roots, 10 s to connect, 20 s to push.
    fn default() -> Self {
        Self {
            endpoints: Endpoints::default(),
            roots: TlsRoots::default(),
            connect_limit: Duration::from_secs(10),
            request_limit: Duration::from_secs(20),
        }
    }
}

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

/// All apps' ways to all push services.
pub struct PushServices {
    apns: Apns,
    fcm: Fcm,
    tools: Tools,
}

impl PushServices {
    /// Checks all credentials; opens no connection.
    pub fn new(
        apps: Vec<AppCredentials>,
        settings: PushSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, PushServicesError> {
        let dialer = |alpn| -> Result<Dialer, TlsRootsError> {
            Ok(Dialer::new(settings.roots.client_config(alpn)?, settings.connect_limit))
        };
        let (http2, http1) = (dialer(Alpn::H2)?, dialer(Alpn::Http1)?);
        let (endpoints, request_limit) = (settings.endpoints, settings.request_limit);
        let tools = Tools { clock, entropy, http2, http1, endpoints, request_limit };
        let (mut apns, mut fcm) = (Apns::default(), Fcm::default());
        let mut names = std::collections::HashSet::new();
        for AppCredentials { app, placeholder, apns: for_apns, fcm: for_fcm } in apps {
            if !names.insert(app.clone()) {
                return Err(PushServicesError::TwiceConfigured(app));
            }
            if let Some(credentials) = for_apns {
                apns.add(app.clone(), placeholder.clone(), &credentials, &tools)
                    .map_err(|error| PushServicesError::Apns(app.clone(), error))?;
            }
            if let Some(credentials) = for_fcm {
                fcm.add(app.clone(), placeholder, &credentials, &tools)
                    .map_err(|error| PushServicesError::Fcm(app, error))?;
            }
        }
        Ok(Self { apns, fcm, tools })
    }

    /// One attempt to push. It ends within the request limit. Must be called within a Tokio runtime: the
    /// connections that it opens are driven there, and end when this value is dropped.
    pub async fn push(&self, push: OutboundPush<'_>) -> AttemptOutcome {
        match push.device_token.push_service() {
            PushService::Apns => self.apns.push(&push, &self.tools).await,
            PushService::Fcm => self.fcm.push(&push, &self.tools).await,
        }
    }

    /// Refreshes access tokens before they end, until `shutdown`. Pushing works without it, but then the
    /// push that finds its token ended waits for the next one.
    pub async fn run(self: Arc<Self>, shutdown: impl Future<Output = ()>) {
        tokio::select! {
            () = shutdown => {}
            () = self.fcm.keep_fresh() => {}
        }
    }

    /// Whether each credential works, as far as the push services have told.
    #[must_use]
    pub fn credential_states(&self) -> Vec<CredentialState> {
        let of = |push_service| {
            move |(app, standing): (&AppId, _)| CredentialState { app: app.clone(), push_service, standing }
        };
        let apns = self.apns.standings().map(of(PushService::Apns));
        apns.chain(self.fcm.standings().map(of(PushService::Fcm))).collect()
    }

    /// What is open, for the metrics.
    #[must_use]
    pub fn pool_figures(&self) -> Vec<PoolFigures> {
        vec![
            PoolFigures::of(PushService::Apns, self.apns.pools()),
            PoolFigures::of(PushService::Fcm, self.fcm.pools()),
        ]
    }
}

impl std::fmt::Debug for PushServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushServices").finish_non_exhaustive()
    }
}
