//! How deliveries end without an attempt, and how ends get into a notification's log.

use std::collections::BTreeMap;
use std::fmt::Write;

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection};

use super::backlog::Change;
use super::failure::failure;
use super::row::{UNREADABLE, get, id, number, push_hex};
use crate::base::UnixMillis;
use crate::model::{Form, Outcome, TargetOutcome};
use crate::storage::{StorageError, outcome_log};

/// What waits for one subscription.
pub(super) const OF_SUBSCRIPTION: &str = "
DELETE FROM deliveries WHERE subscription = $1
RETURNING notification, subscription, form, sender, way, coalesce(length(payload), 1400 * (form = 4))";

/// What waits for the subscriptions of one registration.
pub(super) const OF_REGISTRATION: &str = "
DELETE FROM deliveries
WHERE subscription IN (SELECT id FROM subscriptions WHERE registration = $1)
RETURNING notification, subscription, form, sender, way, coalesce(length(payload), 1400 * (form = 4))";

/// What waits for the subscriptions of one sender.
pub(super) const OF_SENDER: &str = "
DELETE FROM deliveries
WHERE subscription IN (SELECT id FROM subscriptions WHERE sender = $1)
RETURNING notification, subscription, form, sender, way, coalesce(length(payload), 1400 * (form = 4))";

/// What waits for the registrations that hold a token and are not newer than a time.
pub(super) const OF_TOKEN: &str = "
DELETE FROM deliveries
WHERE subscription IN (
    SELECT subscriptions.id
    FROM registrations JOIN subscriptions ON subscriptions.registration = registrations.id
    WHERE registrations.token_hash = $1 AND registrations.registered_at <= $2)
RETURNING notification, subscription, form, sender, way, coalesce(length(payload), 1400 * (form = 4))";

/// The keys are numbers of rows, the values are new entries in hexadecimal digits. `||` makes a text of two
/// blobs, with their very bytes.
const APPEND: &str = "
UPDATE notifications SET outcomes = CAST(outcomes || unhex(ended.value) AS BLOB),
    keep_until = max(keep_until, $2)
FROM json_each($1) AS ended
WHERE notifications.seq = CAST(ended.key AS INTEGER)";

/// Entries to append, by the row of their notification.
#[derive(Default)]
pub(super) struct Ends(BTreeMap<i64, Vec<u8>>);

impl Ends {
    /// Adds the end of one target of the notification in row `notification`.
    pub(super) fn add(&mut self, notification: i64, target: &TargetOutcome) {
        outcome_log::append(self.0.entry(notification).or_default(), target);
    }

    /// Writes all of them by one statement. The outcomes are kept until `keep_until` at least.
    pub(super) async fn write(
        self,
        connection: &mut SqliteConnection,
        keep_until: UnixMillis,
    ) -> Result<(), StorageError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut entries = String::from("{");
        for (notification, log) in self.0 {
            let separator = if entries.len() == 1 { "" } else { "," };
            write!(entries, "{separator}\"{notification}\":\"").expect("a String takes every text");
            push_hex(&mut entries, &log);
            entries.push('"');
        }
        entries.push('}');
        sqlx::query(APPEND).bind(entries).bind(keep_until.0).execute(connection).await.map_err(failure)?;
        Ok(())
    }
}

/// Ends what `delete` deletes and returns (one of the statements above, with its parameters) as `gone`; adds what
/// waits no more then. How many deliveries there were.
pub(super) async fn end_waiting(
    connection: &mut SqliteConnection,
    delete: sqlx::query::Query<'_, Sqlite, SqliteArguments>,
    at: UnixMillis,
    change: &mut Change,
) -> Result<u64, StorageError> {
    let rows = delete.fetch_all(&mut *connection).await.map_err(failure)?;
    let count = rows.len() as u64;
    let mut ends = Ends::default();
    for row in rows {
        let outcome = Outcome::subscription_ended();
        let at = outcome.told_at(at);
        let (subscription, form) = (id(&row, 1)?, Some(form(&row, 2)?));
        let target = TargetOutcome { subscription, form, outcome, at };
        ends.add(get(&row, 0)?, &target);
        change.ended(&row, 3, &target);
    }
    ends.write(connection, at).await?;
    Ok(count)
}

/// The form in which a delivery waits.
pub(super) fn form(row: &SqliteRow, index: usize) -> Result<Form, StorageError> {
    outcome_log::form_of(number(row, index)?).ok_or(UNREADABLE)
}
