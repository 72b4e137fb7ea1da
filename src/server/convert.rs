//! Values of the config, in the shapes of those who use them.

use std::sync::Arc;

use anyhow::Context;

use crate::api::{RelayApp, RelayDocument, RelayLimits};
use crate::base::{Clock, Entropy};
use crate::config::Config;
use crate::model::{ContentPolicy, PushService, Ttl};
use crate::privacy::MAX_CONTENT;
use crate::push_services::{AppCredentials, PushServices, PushSettings};

/// The push services with every app's credentials.
pub(super) fn push_services(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<PushServices> {
    let (apps, settings) = push_settings(config)?;
    Ok(PushServices::new(apps, settings, Arc::clone(clock), Arc::clone(entropy))?)
}

/// Every app's credentials, and how push services are reached.
pub(super) fn push_settings(config: &Config) -> anyhow::Result<(Vec<AppCredentials>, PushSettings)> {
    let settings = PushSettings::try_from(&config.push_services).context("[push_services]")?;
    let (under_way, egress) = (config.limits.in_flight, config.egress.clone());
    let settings = PushSettings { egress, under_way, ..settings };
    Ok((config.apps.iter().map(AppCredentials::from).collect(), settings))
}

/// What `GET /v1/relay` says.
pub(super) fn relay_document(config: &Config) -> RelayDocument {
    let policies = [ContentPolicy::ClearAllowed, ContentPolicy::SealOrOmit, ContentPolicy::SealedOnly];
    RelayDocument {
        name: config.relay.name.clone(),
        url: config.relay.public_url.clone(),
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
