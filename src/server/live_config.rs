//! The parts of the config that a reload replaces, as those who use them hold them.

use std::sync::Arc;

use super::convert;
use crate::api::{ApiLimits, PrivacyDocument, RelayDocument};
use crate::base::Live;
use crate::config::Config;
use crate::delivery::DispatcherLimits;
use crate::intake::{JoinRules, OutboxBounds, SharingRules, SubmitLimits};
use crate::model::Apps;
use crate::privacy::RegistrationKeys;
use crate::storage::Load;

/// Handles on what is replaced.
#[derive(Clone)]
pub(super) struct LiveConfig {
    pub(super) apps: Live<Apps>,
    pub(super) submit: Live<SubmitLimits>,
    pub(super) join: Live<JoinRules>,
    pub(super) sharing: Live<SharingRules>,
    pub(super) api: Live<ApiLimits>,
    pub(super) document: Live<RelayDocument>,
    pub(super) privacy: Live<PrivacyDocument>,
    pub(super) access_log: Live<bool>,
    pub(super) registration_keys: Arc<RegistrationKeys>,
}

impl LiveConfig {
    /// As `config` says.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            apps: Live::new(apps(config)),
            submit: Live::new(submit_limits(config)),
            join: Live::new(join_rules(config)),
            sharing: Live::new(sharing_rules(config)),
            api: Live::new(api_limits(config)),
            document: Live::new(convert::relay_document(config)),
            privacy: Live::new(PrivacyDocument::of(config)),
            access_log: Live::new(config.logs.access),
            registration_keys: Arc::new(RegistrationKeys::new(config.registration_keys.as_ref())),
        }
    }

    /// Replaces all of it. A request that has begun goes on with what it read.
    pub(super) fn set(&self, config: &Config) {
        self.apps.set(apps(config));
        self.submit.set(submit_limits(config));
        self.join.set(join_rules(config));
        self.sharing.set(sharing_rules(config));
        self.api.set(api_limits(config));
        self.document.set(convert::relay_document(config));
        self.privacy.set(PrivacyDocument::of(config));
        self.access_log.set(config.logs.access);
        self.registration_keys.replace(config.registration_keys.as_ref());
    }
}

fn apps(config: &Config) -> Apps {
    config.apps.iter().map(|app| app.app.clone()).collect()
}

fn submit_limits(config: &Config) -> SubmitLimits {
    SubmitLimits {
        wait: config.limits.wait,
        keep_outcomes: config.outcomes.keep,
        lease: DispatcherLimits::default().lease,
        outbox: OutboxBounds {
            sender: Load {
                deliveries: config.limits.outbox.sender_deliveries,
                bytes: config.limits.outbox.sender_bytes,
            },
            all: Load { deliveries: config.limits.outbox.deliveries, bytes: config.limits.outbox.bytes },
        },
        content_policy: config.relay.content_policy,
    }
}

fn join_rules(config: &Config) -> JoinRules {
    JoinRules { mode: config.admission.mode, content_policy: config.relay.content_policy }
}

fn sharing_rules(config: &Config) -> SharingRules {
    SharingRules {
        mode: config.sharing.mode,
        least_devices: config.sharing.least_devices,
        kept_days: config.sharing.keep_days,
    }
}

fn api_limits(config: &Config) -> ApiLimits {
    ApiLimits {
        notification_body: config.limits.body_bytes,
        targets: config.limits.targets,
        request: config.limits.request,
    }
}
