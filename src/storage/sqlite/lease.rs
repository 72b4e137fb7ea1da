//! Taking what is due.

use std::sync::Arc;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::backlog::Change;
use super::ending::{Ends, form};
use super::failure::failure;
use super::row::{get, id, number};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{Lease, Outcome, Reason, TargetOutcome};
use crate::storage::StorageError;

/// A row that this release cannot read ends with this reason, so that it does not stay in the way for ever.
const UNREADABLE: Reason = Reason::ours("unreadable");

const FREE_EXPIRED: &str = "UPDATE deliveries SET leased_until = NULL WHERE leased_until <= $1";

/// Each urgency has its own walk along the index, so that a long queue of one does not hide another, and
/// what is not due yet is never looked at.
const DUE: &str = "
WITH free AS (
    SELECT * FROM (SELECT seq, urgency, due_at FROM deliveries
        WHERE leased_until IS NULL AND urgency = 3 AND due_at <= $1 ORDER BY due_at, seq LIMIT $2)
    UNION ALL
    SELECT * FROM (SELECT seq, urgency, due_at FROM deliveries
        WHERE leased_until IS NULL AND urgency = 2 AND due_at <= $1 ORDER BY due_at, seq LIMIT $2)
    UNION ALL
    SELECT * FROM (SELECT seq, urgency, due_at FROM deliveries
        WHERE leased_until IS NULL AND urgency = 1 AND due_at <= $1 ORDER BY due_at, seq LIMIT $2)
    UNION ALL
    SELECT * FROM (SELECT seq, urgency, due_at FROM deliveries
        WHERE leased_until IS NULL AND urgency = 0 AND due_at <= $1 ORDER BY due_at, seq LIMIT $2)),
due AS (SELECT seq FROM free ORDER BY urgency DESC, due_at, seq LIMIT $2)
SELECT deliveries.seq, deliveries.notification, deliveries.form, deliveries.subscription,
    notifications.id, deliveries.id, notifications.accepted_at,
    deliveries.kind, deliveries.urgency, deliveries.ttl, deliveries.collapse, deliveries.badge,
    deliveries.sound, deliveries.attempts, deliveries.answers_lost, deliveries.payload,
    subscriptions.id, subscriptions.sender, registrations.id, registrations.app,
    registrations.push_service, registrations.environment, registrations.token_kind,
    registrations.device_token, registrations.registered_at, registrations.confirmed,
    registrations.accepted_day, subscriptions.used, subscriptions.relay_key,
    coalesce(length(deliveries.payload), 0)
FROM due
CROSS JOIN deliveries ON deliveries.seq = due.seq
CROSS JOIN notifications ON notifications.seq = deliveries.notification
CROSS JOIN subscriptions ON subscriptions.id = deliveries.subscription
CROSS JOIN registrations ON registrations.id = subscriptions.registration
ORDER BY deliveries.urgency DESC, deliveries.due_at, deliveries.seq";

const TAKE: &str = "
UPDATE deliveries SET leased_until = $2 WHERE seq IN (SELECT value FROM json_each($1))";

/// Deletes the rows with these numbers.
pub(super) const DELETE: &str = "DELETE FROM deliveries WHERE seq IN (SELECT value FROM json_each($1))";

impl SqliteStore {
    /// See [`crate::storage::Outbox::lease`].
    pub(super) async fn take_due(
        &self,
        now: UnixMillis,
        leased_until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Lease>, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(FREE_EXPIRED).bind(now.0);
        query.execute(&mut *transaction).await.map_err(failure)?;
        let query = sqlx::query(DUE).bind(now.0).bind(limit);
        let rows = query.fetch_all(&mut *transaction).await.map_err(failure)?;

        let (mut leases, mut taken, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            match self.read_lease(row) {
                Ok(lease) => {
                    leases.push(lease);
                    taken.push(get::<i64>(row, 0)?);
                }
                Err(_) => unreadable.push(row),
            }
        }
        if !taken.is_empty() {
            let query = sqlx::query(TAKE).bind(row_list(&taken)).bind(leased_until.0);
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        let gone = end_unreadable(&mut transaction, &unreadable, now).await?;
        transaction.commit().await?;
        self.backlog.take_away(gone);
        Ok(leases)
    }

    fn read_lease(&self, row: &SqliteRow) -> Result<Lease, StorageError> {
        Ok(Lease {
            delivery: Arc::new(self.read_delivery(row)?),
            attempts: number(row, 13)?,
            answers_lost: number(row, 14)?,
            ticket: None,
        })
    }
}

async fn end_unreadable(
    connection: &mut SqliteConnection,
    rows: &[&SqliteRow],
    at: UnixMillis,
) -> Result<Change, StorageError> {
    let mut gone = Change::default();
    if rows.is_empty() {
        return Ok(gone);
    }
    let (mut ends, mut ended) = (Ends::default(), Vec::new());
    for row in rows {
        let outcome = Outcome::Rejected(UNREADABLE);
        let target = TargetOutcome { subscription: id(row, 3)?, form: form(row, 2).ok(), outcome, at };
        ends.add(get(row, 1)?, &target);
        ended.push(get::<i64>(row, 0)?);
        gone.row(id(row, 17)?, number(row, 29)?);
    }
    let query = sqlx::query(DELETE).bind(row_list(&ended));
    query.execute(&mut *connection).await.map_err(failure)?;
    ends.write(connection, at).await?;
    Ok(gone)
}

/// Row numbers as a JSON array.
pub(super) fn row_list(rows: &[i64]) -> String {
    format!("{rows:?}")
}
