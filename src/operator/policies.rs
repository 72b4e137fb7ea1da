//! The operator's policies in the audit log: who is let in, how strictly, and for how long what is kept.
//!
//! They live in the config, which may change while no relay runs. So each start and each reload compares them with what
//! was noted last. Must say settings, never texts of the config: names, addresses and paths stay out of the log.

use super::Operator;
use crate::config::{Config, Retention};
use crate::model::{Actor, App, PushService};
use crate::storage::StorageError;

/// One policy, as the audit log says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedPolicy {
    action: &'static str,
    subject: String,
    detail: String,
}

impl NotedPolicy {
    /// Those of a config: the relay's, and one for each app.
    #[must_use]
    pub fn all(config: &Config) -> Vec<Self> {
        let apps: Vec<_> = config.apps.iter().map(|app| app.app.id.to_string()).collect();
        let detail = format!(
            "content_policy={} admission={} unused_days={} outcome_hours={} {} sharing={} least_devices={} usage_days={} access_log={} \
             apps={}",
            config.relay.content_policy,
            config.admission.mode.as_str(),
            config.admission.unused_days,
            config.outcomes.keep.as_secs() / 3600,
            kept(&config.retention),
            config.sharing.mode.as_str(),
            config.sharing.least_devices,
            config.sharing.keep_days,
            config.logs.access,
            apps.join(","),
        );
        let relay = Self { action: "relay.policy", subject: "relay".to_owned(), detail };
        std::iter::once(relay).chain(config.apps.iter().map(|app| Self::of(&app.app))).collect()
    }

    fn of(app: &App) -> Self {
        let push_services: Vec<_> = app.push_services.iter().copied().map(PushService::as_str).collect();
        let detail = format!(
            "content_policy={} confirm={} badge={} sound={} push_services={}",
            app.content_policy,
            app.confirm.as_str(),
            app.badge_allowed,
            app.sound_allowed,
            push_services.join(","),
        );
        Self { action: "app.policy", subject: app.id.to_string(), detail }
    }
}

fn kept(retention: &Retention) -> String {
    let Retention { registrations, unconfirmed, unused_subscriptions, feedback, audit, backups } = retention;
    let days = |kept: &std::time::Duration| kept.as_secs() / (24 * 3600);
    let audit = audit.as_ref().map_or("forever".to_owned(), |audit| days(audit).to_string());
    format!(
        "registration_days={} unconfirmed_registration_days={} unused_subscription_days={} feedback_days={} \
         audit_days={audit} backup_days={}",
        days(registrations),
        days(unconfirmed),
        days(unused_subscriptions),
        days(feedback),
        days(backups),
    )
}

impl Operator {
    /// Notes those that are other than they were noted last.
    pub async fn note_policies(&self, by: Actor, policies: Vec<NotedPolicy>) -> Result<(), StorageError> {
        for NotedPolicy { action, subject, detail } in policies {
            self.audit.append_news(&self.entry(by, action, subject, detail)).await?;
        }
        Ok(())
    }
}
