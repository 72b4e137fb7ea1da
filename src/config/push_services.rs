//! `[push_services]`: where the relay reaches the push services.

use std::path::PathBuf;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use serde::Deserialize;

use super::source::Source;
use super::{ConfigError, url};

/// Where the push services are. The defaults are the vendors'; others serve simulators and gateways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushServiceAddresses {
    /// APNs for builds from the App Store, `TestFlight`, ad hoc and enterprise distribution: scheme, host, port.
    pub apns_production: String,
    /// APNs for development builds: scheme, host, port.
    pub apns_sandbox: String,
    /// FCM: scheme, host, port.
    pub fcm: String,
    /// The token endpoint that a service-account file may name besides Google's own.
    pub fcm_token: Option<String>,
    /// The only roots that are trusted for push services, in place of the public ones.
    pub roots: Option<Vec<CertificateDer<'static>>>,
    /// How long one attempt may take.
    pub request: Duration,
}

/// `[push_services]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PushServicesText {
    apns_production_url: String,
    apns_sandbox_url: String,
    fcm_url: String,
    fcm_token_url: Option<String>,
    ca_file: Option<PathBuf>,
    request_seconds: u64,
}

impl Default for PushServicesText {
    fn default() -> Self {
        Self {
            // Apple, "Sending notification requests to APNs".
            apns_production_url: "https://api.push.apple.com".to_owned(),
            apns_sandbox_url: "https://api.sandbox.push.apple.com".to_owned(),
            // Google, "FCM HTTP v1 API, projects.messages.send".
            fcm_url: "https://fcm.googleapis.com".to_owned(),
            fcm_token_url: None,
            ca_file: None,
            request_seconds: 20,
        }
    }
}

impl PushServicesText {
    /// Checks the addresses and reads the roots.
    pub(super) fn check(self, source: &Source<'_>) -> Result<PushServiceAddresses, ConfigError> {
        let origin = |key: &str, text: &str| {
            url::https_origin(text).map_err(|problem| source.refuse(&format!("push_services.{key}"), problem))
        };
        // Google, "Best practices when sending FCM messages at scale": time out after 10 s at the earliest. Half of the
        // time is the answer's.
        if !(20..=60).contains(&self.request_seconds) {
            return Err(source.refuse("push_services.request_seconds", "must be 20 to 60"));
        }
        let fcm_token = self.fcm_token_url.as_deref().map(url::https).transpose();
        let roots = self.ca_file.map(|path| source.read_certificates("push_services.ca_file", &path));
        Ok(PushServiceAddresses {
            apns_production: origin("apns_production_url", &self.apns_production_url)?,
            apns_sandbox: origin("apns_sandbox_url", &self.apns_sandbox_url)?,
            fcm: origin("fcm_url", &self.fcm_url)?,
            fcm_token: fcm_token.map_err(|problem| source.refuse("push_services.fcm_token_url", problem))?,
            roots: roots.transpose()?,
            request: Duration::from_secs(self.request_seconds),
        })
    }

    /// The section of the example, with every default commented out.
    pub(super) fn example(&self) -> String {
        format!(
            "\
# Where the push services are. The defaults are the vendors'; others serve simulators and gateways. All optional.
[push_services]
# apns_production_url = {:?}
# apns_sandbox_url = {:?}
# fcm_url = {:?}
# The token endpoint that a service-account file may name besides https://oauth2.googleapis.com/token.
# fcm_token_url = \"https://localhost:8443/token\"
# The only roots that are trusted for push services, in place of the public ones (PEM).
# ca_file = \"push-services-ca.pem\"
# How long one attempt may take.
# request_seconds = {}
",
            self.apns_production_url, self.apns_sandbox_url, self.fcm_url, self.request_seconds
        )
    }
}
