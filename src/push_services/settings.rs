//! What the adapters are told by the operator, taken from the config.

use std::time::Duration;

use super::{EndpointError, Endpoints, TlsRoots};
use crate::config::{ApnsCredentials, AppConfig, Egress, FcmCredentials, PushServiceAddresses};
use crate::model::{AppId, Placeholder};

/// The credentials of one app.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl From<&AppConfig> for AppCredentials {
    fn from(config: &AppConfig) -> Self {
        Self {
            app: config.app.id.clone(),
            placeholder: config.app.placeholder.clone(),
            apns: config.apns.clone(),
            fcm: config.fcm.clone(),
        }
    }
}

/// How push services are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSettings {
    /// Where they are.
    pub endpoints: Endpoints,
    /// Whose certificates are believed.
    pub roots: TlsRoots,
    /// The way out.
    pub egress: Egress,
    /// How long a connection may take to come about.
    pub connect_limit: Duration,
    /// How long one push may take, waiting for a connection included.
    pub request_limit: Duration,
    /// How many pushes are under way at once, of all apps.
    pub under_way: usize,
}

impl PushSettings {
    /// Whether a connection that was opened under these is as good under `other`.
    pub(super) fn same_ways(&self, other: &Self) -> bool {
        let Self { endpoints, roots, egress, connect_limit, request_limit: _, under_way: _ } = self;
        *egress == other.egress
            && *endpoints == other.endpoints
            && *roots == other.roots
            && *connect_limit == other.connect_limit
    }
}

impl Default for PushSettings {
    /// The vendors' hosts, browsers' roots, 8 s to connect, 20 s to push, 4000 pushes at once. A connection fails before
    /// those who wait for it give up, which is half of the time to push.
    fn default() -> Self {
        Self {
            endpoints: Endpoints::default(),
            roots: TlsRoots::default(),
            egress: Egress::default(),
            connect_limit: Duration::from_secs(8),
            request_limit: Duration::from_secs(20),
            under_way: 4000,
        }
    }
}

impl TryFrom<&PushServiceAddresses> for PushSettings {
    type Error = EndpointError;

    fn try_from(config: &PushServiceAddresses) -> Result<Self, EndpointError> {
        let endpoints = Endpoints {
            apns_production: config.apns_production.parse()?,
            apns_sandbox: config.apns_sandbox.parse()?,
            fcm: config.fcm.parse()?,
        };
        let roots = config.roots.clone().map_or(TlsRoots::WebPki, TlsRoots::Only);
        Ok(Self { endpoints, roots, request_limit: config.request, ..Self::default() })
    }
}
