//! What `GET /v1/privacy` says, as a document: the settings of this relay, the inventory, and what is not hidden.
//!
//! Must not say anything that another place does not hold: settings come from the config, terms from what the sweep
//! goes by, everything else from [`crate::privacy`].

use serde::Serialize;
use utoipa::ToSchema;

use crate::config::{AppConfig, Config, Tls, TlsCertificate};
use crate::model::{AdmissionMode, ContentPolicy, PushService, SharingMode};
use crate::operator::{DayHead, RetentionTerm, retention_terms};
use crate::privacy::inventory::{Entry, Reader, Stored, entries};
use crate::privacy::{NOT_HIDDEN, NotHidden};

/// Everything that a relay keeps, holds, sends and says of itself, and how it is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Privacy)]
pub struct PrivacyDocument {
    /// The relay's name.
    pub name: String,
    /// The release that runs.
    pub version: &'static str,
    /// How to reach the operator.
    pub contact: String,
    /// The operator's country, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub country: Option<String>,
    /// The operator's own privacy notice.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub privacy_url: Option<String>,
    /// Where the source of this release is, as the operator says. Every file that is named here is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub source_url: Option<String>,
    /// The audit log's heads at the end of the last days, the latest first: who notes one can tell later whether the log
    /// was changed before that day.
    pub audit_heads: Vec<AuditHeadDocument>,
    /// How this relay is set.
    pub settings: PrivacySettings,
    /// Everything that is kept, held, sent, answered, logged or measured, name by name.
    pub inventory: Vec<InventoryEntry>,
    /// What is not hidden.
    pub not_hidden: Vec<NotHiddenDocument>,
}

/// The head of the audit log when a day had ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AuditHead)]
pub struct AuditHeadDocument {
    /// The day, in UTC.
    #[schema(format = Date)]
    pub day: String,
    /// The hash of the last entry then, in hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub hash: String,
}

/// How a relay is set, as far as it matters for privacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrivacySettings)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the config, each by its name in JSON")]
pub struct PrivacySettings {
    /// The loosest treatment of content that the operator allows.
    #[schema(value_type = ContentPolicy)]
    pub content_policy: &'static str,
    /// Who may become a sender.
    pub admission: AdmissionMode,
    /// Whether each request has a line in the log. It never names who asked.
    pub access_log: bool,
    /// Whether senders may share usage. The operator can switch none of it on.
    #[schema(value_type = SharingMode)]
    pub sharing: &'static str,
    /// Whether apps may hand registrations to their servers, sealed for the relay.
    pub sealed_registrations: bool,
    /// Whether push services are reached through a proxy of the operator's.
    pub egress_proxy: bool,
    /// Whether the relay orders its certificate itself, of an authority that is told its name.
    pub certificate_authority: bool,
    /// How long what is kept is kept.
    pub retention: Vec<RetentionTermDocument>,
    /// Each app, and which push services it is sent to.
    pub apps: Vec<PrivacyApp>,
}

/// How long something is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RetentionTerm)]
pub struct RetentionTermDocument {
    /// What is kept.
    pub what: &'static str,
    /// How long, in words.
    pub kept: String,
    /// The key of the config that sets it; left out where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub setting: Option<&'static str>,
}

/// An app's settings, as far as they matter for privacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrivacyApp)]
pub struct PrivacyApp {
    /// Its name in registrations.
    pub app: String,
    /// The push services that it is sent to.
    #[schema(value_type = Vec<PushService>)]
    pub push_services: Vec<&'static str>,
    /// Those that it is not sent to: without a credential nothing goes there.
    #[schema(value_type = Vec<PushService>)]
    pub switched_off: Vec<&'static str>,
    /// Whether a registration must prove whose token it is: `required` or `off`.
    pub confirm: &'static str,
    /// The app's content policy.
    #[schema(value_type = ContentPolicy)]
    pub content_policy: &'static str,
    /// Whether operator and app both allow that content goes out readable, where a sender wants it.
    pub clear_allowed: bool,
    /// Whether a sender may set the badge, which the push service sees.
    pub badge: bool,
    /// Whether a sender may name a sound, which the push service sees.
    pub sound: bool,
}

/// One line of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = InventoryEntry)]
pub struct InventoryEntry {
    /// `column`, `file`, `in_memory`, `sent`, `answered`, `log_field` or `metric_label`.
    pub kind: &'static str,
    /// Where it stands: a table, a file, the memory, who is sent it, the log, the metrics.
    pub place: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Why the relay cannot do without it.
    pub purpose: &'static str,
    /// What stands in the file for it: `as_it_is`, `hash`, `keyed_hash`, `encrypted` or `envelope`; left out where
    /// nothing is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stored: Option<&'static str>,
    /// `consent` (the sender's administrator switched it on), `service` (needed for what the sender or the app asked
    /// for) or `safety` (needed to keep the relay safe and running).
    pub ground: &'static str,
    /// When it is erased.
    pub kept: &'static str,
    /// What must be the case for it to be there at all.
    pub switched_on_by: &'static str,
    /// Who can read it: `operator`, `its_sender`, `its_app`, `push_service`, `token_endpoint`, `egress_proxy`,
    /// `certificate_authority`, `anyone`, `who_copies_the_files`, `who_has_the_storage_key_too`.
    pub read_by: Vec<&'static str>,
    /// The file of the source that holds it.
    pub file: &'static str,
}

/// What somebody learns all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NotHidden)]
pub struct NotHiddenDocument {
    /// Who.
    pub from: &'static str,
    /// What.
    pub what: &'static str,
}

impl PrivacyDocument {
    /// What a relay with this config says.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let relay = &config.relay;
        Self {
            name: relay.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            contact: relay.contact.clone(),
            country: relay.country.clone(),
            privacy_url: relay.privacy_url.clone(),
            source_url: relay.source_url.clone(),
            // Read when they are shown: they change while the relay runs.
            audit_heads: Vec::new(),
            settings: PrivacySettings::of(config),
            inventory: entries().map(InventoryEntry::from).collect(),
            not_hidden: NOT_HIDDEN.iter().map(NotHiddenDocument::from).collect(),
        }
    }
}

impl PrivacySettings {
    fn of(config: &Config) -> Self {
        let is_ordered = |tls: &Tls| matches!(tls.certificate, TlsCertificate::Acme(_));
        Self {
            content_policy: config.relay.content_policy.as_str(),
            admission: config.admission.mode,
            access_log: config.logs.access,
            sharing: config.sharing.mode.as_str(),
            sealed_registrations: config.registration_keys.is_some(),
            egress_proxy: config.egress.proxy.is_some(),
            certificate_authority: config.listen.iter().filter_map(|one| one.tls.as_ref()).any(is_ordered),
            retention: retention_terms(config).into_iter().map(RetentionTermDocument::from).collect(),
            apps: config.apps.iter().map(|app| PrivacyApp::of(app, config.relay.content_policy)).collect(),
        }
    }
}

impl PrivacyApp {
    fn of(AppConfig { app, .. }: &AppConfig, operators: ContentPolicy) -> Self {
        let (on, off): (Vec<_>, Vec<_>) =
            PushService::ALL.into_iter().partition(|service| app.push_services.contains(service));
        let names = |services: Vec<PushService>| services.into_iter().map(PushService::as_str).collect();
        Self {
            app: app.id.to_string(),
            push_services: names(on),
            switched_off: names(off),
            confirm: app.confirm.as_str(),
            content_policy: app.content_policy.as_str(),
            clear_allowed: app.content_policy.max(operators) == ContentPolicy::ClearAllowed,
            badge: app.badge_allowed,
            sound: app.sound_allowed,
        }
    }
}

impl From<&DayHead> for AuditHeadDocument {
    fn from(DayHead { day, hash }: &DayHead) -> Self {
        Self { day: day.to_string(), hash: hex::encode(hash) }
    }
}

impl From<RetentionTerm> for RetentionTermDocument {
    fn from(RetentionTerm { what, kept, setting }: RetentionTerm) -> Self {
        Self { what, kept, setting }
    }
}

impl From<&NotHidden> for NotHiddenDocument {
    fn from(NotHidden { from, what }: &NotHidden) -> Self {
        Self { from, what }
    }
}

impl From<Entry> for InventoryEntry {
    fn from(entry: Entry) -> Self {
        Self {
            kind: entry.kind.as_str(),
            place: entry.place,
            name: entry.name,
            what: entry.what,
            purpose: entry.purpose,
            stored: entry.stored.map(Stored::as_str),
            ground: entry.ground.as_str(),
            kept: entry.kept,
            switched_on_by: entry.switched_on_by,
            read_by: entry.read_by().into_iter().map(Reader::as_str).collect(),
            file: entry.file,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The document of a relay with one app, which reaches iPhones alone.
    pub(in crate::api::privacy) fn example() -> PrivacyDocument {
        PrivacyDocument {
            name: "Test relay".to_owned(),
            version: "0.0.0",
            contact: "push@example.org".to_owned(),
            country: Some("DE".to_owned()),
            privacy_url: None,
            source_url: None,
            audit_heads: vec![AuditHeadDocument { day: "2026-11-20".to_owned(), hash: "5e".repeat(32) }],
            settings: PrivacySettings {
                content_policy: "seal_or_omit",
                admission: AdmissionMode::Invite,
                access_log: false,
                sharing: "offered",
                sealed_registrations: true,
                egress_proxy: false,
                certificate_authority: false,
                retention: vec![RetentionTermDocument {
                    what: "outcomes of notifications",
                    kept: "24 hours".to_owned(),
                    setting: Some("outcomes.keep_hours"),
                }],
                apps: vec![PrivacyApp {
                    app: "chat".to_owned(),
                    push_services: vec!["apns"],
                    switched_off: vec!["fcm"],
                    confirm: "required",
                    content_policy: "seal_or_omit",
                    clear_allowed: false,
                    badge: false,
                    sound: true,
                }],
            },
            inventory: entries().map(InventoryEntry::from).collect(),
            not_hidden: NOT_HIDDEN.iter().map(NotHiddenDocument::from).collect(),
        }
    }

    #[test]
    fn the_inventory_is_json_of_plain_names() {
        let json = serde_json::to_value(example()).unwrap();
        let inventory = json["inventory"].as_array().unwrap();
        let token = inventory.iter().find(|entry| entry["name"] == "device_token").unwrap();
        assert_eq!(token["stored"], "encrypted");
        assert_eq!(token["read_by"], serde_json::json!(["push_service", "who_has_the_storage_key_too"]));
        assert_eq!(token["ground"], "service");
        let header = inventory.iter().find(|entry| entry["name"] == "apns-topic").unwrap();
        assert!(header["stored"].is_null() && header["kind"] == "sent");
    }
}
