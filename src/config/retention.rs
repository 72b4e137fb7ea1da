//! `[retention]`: how long the relay keeps what nobody uses, what was told, and what was done.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::source::Source;

/// A day.
const DAY: Duration = Duration::from_hours(24);

/// How long each kind is kept. What is exactly so old stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// A registration whose token once worked, after its last sign of life.
    pub registrations: Duration,
    /// A registration that nothing ever confirmed: neither an echo nor a notification that was accepted.
    pub unconfirmed: Duration,
    /// A subscription for which nothing was ever accepted.
    pub unused_subscriptions: Duration,
    /// What a sender was told of subscriptions that ended, or could have been.
    pub feedback: Duration,
    /// The audit log's entries; `None`: for ever.
    pub audit: Option<Duration>,
    /// How old a backup may be from which nothing comes back that was removed since.
    pub backups: Duration,
}

/// `[retention]` as written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_field_names, reason = "these are the keys, each with its unit")]
pub(super) struct RetentionText {
    pub(super) registration_days: u64,
    pub(super) unconfirmed_registration_days: u64,
    pub(super) unused_subscription_days: u64,
    pub(super) feedback_days: u64,
    pub(super) audit_days: AuditDays,
    pub(super) backup_days: u64,
}

/// A number of days, or `"forever"`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum AuditDays {
    /// So many.
    Days(u64),
    /// A word.
    Word(String),
}

/// The one word that stands for no end.
const FOREVER: &str = "forever";

impl Default for RetentionText {
    fn default() -> Self {
        Self {
            registration_days: 270,
            unconfirmed_registration_days: 30,
            unused_subscription_days: 90,
            feedback_days: 30,
            audit_days: AuditDays::Days(400),
            backup_days: 90,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        RetentionText::default()
            .in_range(|key, problem| format!("{key} {problem}"))
            .expect("defaults are in range")
    }
}

impl RetentionText {
    /// Checks each range.
    pub(super) fn check(&self, source: &Source<'_>) -> Result<Retention, ConfigError> {
        self.in_range(|key, problem| source.refuse(key, problem))
    }

    fn in_range<E>(&self, refuse: impl Fn(&str, String) -> E) -> Result<Retention, E> {
        let days = |key, days: u64, least, most| {
            if (least..=most).contains(&days) {
                return Ok(DAY * u32::try_from(days).unwrap_or(u32::MAX));
            }
            Err(refuse(key, format!("must be {least} to {most} days")))
        };
        Ok(Retention {
            registrations: days("retention.registration_days", self.registration_days, 30, 730)?,
            unconfirmed: days(
                "retention.unconfirmed_registration_days",
                self.unconfirmed_registration_days,
                1,
                90,
            )?,
            unused_subscriptions: days(
                "retention.unused_subscription_days",
                self.unused_subscription_days,
                7,
                365,
            )?,
            feedback: days("retention.feedback_days", self.feedback_days, 1, 30)?,
            audit: match &self.audit_days {
                AuditDays::Word(word) if word == FOREVER => None,
                AuditDays::Word(_) => {
                    let problem = format!("must be a number of days, or \"{FOREVER}\"");
                    return Err(refuse("retention.audit_days", problem));
                }
                // The database itself refuses to cut what is younger than 30 days.
                AuditDays::Days(number) => Some(days("retention.audit_days", *number, 31, 3650)?),
            },
            backups: days("retention.backup_days", self.backup_days, 1, 730)?,
        })
    }

    /// The section with every key, commented out.
    pub(super) fn example(&self) -> String {
        let Self {
            registration_days,
            unconfirmed_registration_days,
            unused_subscription_days,
            feedback_days,
            audit_days,
            backup_days,
        } = self;
        let audit_days = match audit_days {
            AuditDays::Days(days) => days.to_string(),
            AuditDays::Word(word) => format!("\"{word}\""),
        };
        format!(
            "\
# How long the relay keeps what nobody uses, what it told, and what was done. All optional.
[retention]
# Registrations after the last sign of life of their device token, 30 to 730 days; those whose token nothing ever
# confirmed, 1 to 90; subscriptions that were never used, 7 to 365.
# registration_days = {registration_days}
# unconfirmed_registration_days = {unconfirmed_registration_days}
# unused_subscription_days = {unused_subscription_days}
# What senders are told of subscriptions that ended, unless they acknowledge it before, 1 to 30 days.
# feedback_days = {feedback_days}
# The audit log, 31 to 3650 days, or \"forever\". What is left goes on proving that nothing in it was changed.
# audit_days = {audit_days}
# How old a backup may be that you restore, 1 to 730 days: for so long a list beside the database knows what apps and
# senders removed, by hashes, so that it does not come back.
# backup_days = {backup_days}
"
        )
    }
}
