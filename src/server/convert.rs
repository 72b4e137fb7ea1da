//! Values of the config, in the shapes of those who use them.

use std::sync::Arc;

use anyhow::Context;

use crate::api::{RelayApp, RelayDocument, RelayLimits};
use crate::base::{Clock, Entropy};
use crate::config::{AppConfig, Config};
use crate::model::{ContentPolicy, PushService, Ttl};
use crate::privacy::MAX_CONTENT;
use crate::push_services::{
    ApnsCredentials, AppCredentials, Endpoints, FcmCredentials, PushServices, PushSettings, TlsRoots,
};

/// The push services with every app's credentials.
pub(super) fn push_services(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<PushServices> {
    let at = &config.push_services;
    let settings = PushSettings {
        endpoints: Endpoints {
            apns_production: at.apns_production.parse().context("push_services.apns_production_url")?,
            apns_sandbox: at.apns_sandbox.parse().context("push_services.apns_sandbox_url")?,
            fcm: at.fcm.parse().context("push_services.fcm_url")?,
        },
        roots: at.roots.clone().map_or_else(TlsRoots::default, TlsRoots::Bundle),
        request_limit: at.request,
        ..PushSettings::default()
    };
    let apps = config.apps.iter().map(credentials).collect();
    Ok(PushServices::new(apps, settings, Arc::clone(clock), Arc::clone(entropy))?)
}

fn credentials(app: &AppConfig) -> AppCredentials {
    AppCredentials {
        app: app.app.id.clone(),
        placeholder: app.app.placeholder.clone(),
        apns: app.apns.as_ref().map(|apns| ApnsCredentials {
            team_id: apns.team_id.clone(),
            key_id: apns.key_id.clone(),
            private_key_pem: apns.private_key_pem.clone(),
            topic: apns.topic.clone(),
            environments: apns.environments.clone(),
        }),
        fcm: app.fcm.as_ref().map(|fcm| FcmCredentials {
            project_id: fcm.project_id.clone(),
            client_email: fcm.client_email.clone(),
            private_key_id: fcm.private_key_id.clone(),
            private_key_pem: fcm.private_key_pem.clone(),
            token_uri: fcm.token_uri.clone(),
        }),
    }
}

/// What `GET /v1/relay` says.
pub(super) fn relay_document(config: &Config) -> RelayDocument {
    let policies = [ContentPolicy::ClearAllowed, ContentPolicy::SealOrOmit, ContentPolicy::SealedOnly];
    RelayDocument {
        name: config.relay.name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        protocol_versions: vec![1],
        // A looser one than the operator's could be chosen and would not hold.
        content_policies: policies
            .into_iter()
            .filter(|policy| *policy >= config.relay.content_policy)
            .map(ContentPolicy::as_str)
            .collect(),
        limits: RelayLimits {
            body_bytes: config.limits.body_bytes,
            targets: config.limits.targets,
            content_bytes: MAX_CONTENT,
            envelope_bytes: sealpush_seal::BUCKETS[sealpush_seal::BUCKETS.len() - 1]
                + sealpush_seal::OVERHEAD,
            plaintext_bytes: sealpush_seal::BUCKETS.to_vec(),
            reference_bytes: 64,
            ttl_seconds: Ttl::MAX_SECONDS,
            wait_seconds: config.limits.wait.as_secs(),
            outcomes_kept_seconds: config.outcomes.keep.as_secs(),
        },
        apps: config
            .apps
            .iter()
            .map(|app| RelayApp {
                app: app.app.id.to_string(),
                push_services: app.app.push_services.iter().copied().map(PushService::as_str).collect(),
                confirm: app.confirm.as_str(),
                content_policy: app.app.content_policy.as_str(),
            })
            .collect(),
        contact: config.relay.contact.clone(),
        country: config.relay.country.clone(),
        terms_url: config.relay.terms_url.clone(),
        privacy_url: config.relay.privacy_url.clone(),
    }
}
