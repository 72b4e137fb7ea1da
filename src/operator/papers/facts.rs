//! What is filled into the papers.

use crate::base::Day;
use crate::config::{Config, RelayFacts};
use crate::model::ContentPolicy;
use crate::operator::{RetentionTerm, retention_terms};
use crate::privacy::inventory::{Chapter, EntryKind, Table, chapters};
use crate::privacy::{NOT_HIDDEN, NotHidden};

use super::recipients::{Recipient, recipients};

/// Everything that a paper may name.
pub(super) struct Facts<'a> {
    /// What the relay says of itself.
    pub(super) relay: &'a RelayFacts,
    /// The release.
    pub(super) version: &'static str,
    /// The date of the papers.
    pub(super) date: Day,
    /// The apps, by name.
    pub(super) apps: String,
    /// Whether any app's content may go out readable.
    pub(super) is_clear_allowed: bool,
    /// Whether requests leave a line in the log.
    pub(super) access_log: bool,
    /// How long what is kept is kept.
    pub(super) terms: Vec<RetentionTerm>,
    /// Who else gets data.
    pub(super) recipients: Vec<Recipient>,
    /// What stands in the database and beside it.
    pub(super) stored: Vec<Table>,
    /// What is in memory alone.
    pub(super) in_memory: Vec<Table>,
    /// What is not hidden.
    pub(super) not_hidden: &'static [NotHidden],
}

impl<'a> Facts<'a> {
    /// Those of a relay with this config.
    pub(super) fn of(config: &'a Config, date: Day) -> Self {
        let apps: Vec<_> = config.apps.iter().map(|app| app.app.id.as_str()).collect();
        let policy = config.relay.content_policy;
        let allows = |apps: ContentPolicy| apps.max(policy) == ContentPolicy::ClearAllowed;
        let tables = |kinds: &[EntryKind]| -> Vec<Table> {
            let fitting = chapters().into_iter().filter(|chapter: &Chapter| kinds.contains(&chapter.kind));
            fitting.flat_map(|chapter| chapter.tables).collect()
        };
        Self {
            relay: &config.relay,
            version: env!("CARGO_PKG_VERSION"),
            date,
            apps: if apps.is_empty() { "none yet".to_owned() } else { apps.join(", ") },
            is_clear_allowed: config.apps.iter().any(|app| allows(app.app.content_policy)),
            access_log: config.logs.access,
            terms: retention_terms(config),
            recipients: recipients(config),
            stored: tables(&[EntryKind::Column, EntryKind::File]),
            in_memory: tables(&[EntryKind::InMemory]),
            not_hidden: NOT_HIDDEN,
        }
    }

    /// The operator's country, or room for it.
    pub(super) fn country(&self) -> &str {
        self.relay.country.as_deref().unwrap_or("**fill in**")
    }
}
