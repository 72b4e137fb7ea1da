//! Taking what is due.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fmt::Write;
use std::sync::Arc;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::backlog::Change;
use super::ending::{Ends, form};
use super::failure::failure;
use super::row::{get, id, number, push_hex};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{Lease, Outcome, PushWay, Reason, TargetOutcome};
use crate::storage::{LaneShare, StorageError};

/// A row that this release cannot read ends with this reason, so that it does not stay in the way for ever.
const UNREADABLE: Reason = Reason::ours("unreadable");

const FREE_EXPIRED: &str = "UPDATE deliveries SET leased_until = NULL WHERE leased_until <= $1";

/// What has come to its end, whatever it waits for.
const ENDED: &str = "
SELECT seq FROM deliveries WHERE leased_until IS NULL AND ends_at <= $1 ORDER BY ends_at LIMIT $2";

/// The lanes are arrays of sender and way; the last parameter are rows that are chosen already. Of each lane, each urgency has its own walk along the index, so that a long
/// queue of one does not hide another, and what is not due yet is never looked at.
const DUE: &str = "
WITH asked AS (SELECT key AS place, unhex(value ->> 0) AS sender, value ->> 1 AS way FROM json_each($1)),
    urgencies (urgency) AS (VALUES (0), (1), (2), (3))
SELECT asked.place, due.urgency, due.due_at, due.seq
FROM asked CROSS JOIN urgencies CROSS JOIN deliveries AS due
WHERE due.seq IN (
    SELECT free.seq FROM deliveries AS free
    WHERE free.sender = asked.sender AND free.way = asked.way AND free.urgency = urgencies.urgency
        AND free.leased_until IS NULL AND free.due_at <= $2
        AND free.seq NOT IN (SELECT value FROM json_each($4))
    ORDER BY free.due_at, free.seq LIMIT $3)";

const READ: &str = "
SELECT deliveries.seq, deliveries.notification, deliveries.form, deliveries.subscription,
    notifications.id, deliveries.id, notifications.accepted_at,
    deliveries.kind, deliveries.urgency, deliveries.ttl, deliveries.collapse, deliveries.badge,
    deliveries.sound, deliveries.attempts, deliveries.answers_lost, deliveries.payload,
    subscriptions.id, subscriptions.sender, registrations.id, registrations.app,
    registrations.push_service, registrations.environment, registrations.token_kind,
    registrations.device_token, registrations.registered_at, registrations.confirmed,
    registrations.accepted_day, subscriptions.used, subscriptions.relay_key,
    deliveries.sender, deliveries.way, coalesce(length(deliveries.payload), 1400 * (deliveries.form = 4)),
    CASE WHEN deliveries.form = 4 AND deliveries.payload IS NULL THEN contents.content END
FROM json_each($1) AS chosen
CROSS JOIN deliveries ON deliveries.seq = chosen.value
CROSS JOIN notifications ON notifications.seq = deliveries.notification
CROSS JOIN subscriptions ON subscriptions.id = deliveries.subscription
CROSS JOIN registrations ON registrations.id = subscriptions.registration
LEFT JOIN contents ON contents.notification = deliveries.notification
ORDER BY chosen.key";

const TAKE: &str = "
UPDATE deliveries SET leased_until = $2 WHERE seq IN (SELECT value FROM json_each($1))";

/// Deletes the rows with these numbers.
pub(super) const DELETE: &str = "DELETE FROM deliveries WHERE seq IN (SELECT value FROM json_each($1))";

impl SqliteStore {
    /// See [`crate::storage::Outbox::lease`].
    pub(super) async fn take_due(
        &self,
        from: &[LaneShare],
        now: UnixMillis,
        leased_until: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Lease>, StorageError> {
        if self.backlog.is_empty() {
            // What a failed transaction left behind must not keep its lock on the file until somebody writes.
            drop(self.connections.write().await);
            return Ok(Vec::new());
        }
        let mut transaction = self.connections.begin().await?;
        self.backlog.make_sure(&mut transaction).await?;
        let query = sqlx::query(FREE_EXPIRED).bind(now.0);
        query.execute(&mut *transaction).await.map_err(failure)?;
        let chosen = choose(&mut transaction, from, now, limit).await?;
        let query = sqlx::query(READ).bind(row_list(&chosen));
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
        self.commit_counted(transaction, gone).await?;
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
        gone.ended(row, 29, &target);
    }
    let query = sqlx::query(DELETE).bind(row_list(&ended));
    query.execute(&mut *connection).await.map_err(failure)?;
    ends.write(connection, at).await?;
    Ok(gone)
}

/// The numbers of the rows to be leased.
async fn choose(
    connection: &mut SqliteConnection,
    from: &[LaneShare],
    now: UnixMillis,
    limit: u32,
) -> Result<Vec<i64>, StorageError> {
    // What ends together must not keep out what still can be sent.
    let most_ended = if from.is_empty() { limit } else { limit.div_ceil(2) };
    let query = sqlx::query(ENDED).bind(now.0).bind(most_ended);
    let ended = query.fetch_all(&mut *connection).await.map_err(failure)?;
    let mut chosen = ended.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>, _>>()?;
    let most = from.iter().map(|share| share.most).max().unwrap_or(0);
    if most == 0 {
        return Ok(chosen);
    }
    let query =
        sqlx::query(DUE).bind(lane_list(from)).bind(now.0).bind(most.min(limit)).bind(row_list(&chosen));
    let mut lanes = vec![Vec::new(); from.len()];
    for row in query.fetch_all(connection).await.map_err(failure)? {
        let place: usize = number(&row, 0)?;
        lanes[place].push((Reverse(get::<i64>(&row, 1)?), get::<i64>(&row, 2)?, get::<i64>(&row, 3)?));
    }
    let mut due = Vec::new();
    for (place, (lane, share)) in lanes.iter_mut().zip(from).enumerate() {
        lane.sort_unstable();
        lane.truncate(share.most as usize);
        due.extend(lane.iter().enumerate().map(|(position, row)| (position, *row, place)));
    }
    due.sort_unstable();
    let mut tried: HashSet<&PushWay> = HashSet::new();
    for (_, (_, _, row), place) in due {
        let LaneShare { lane, one_of_way, .. } = &from[place];
        if chosen.len() < limit as usize && (!one_of_way || tried.insert(&lane.way)) {
            chosen.push(row);
        }
    }
    Ok(chosen)
}

/// Lanes as a JSON array of pairs. A way's name holds nothing that JSON would have to escape.
fn lane_list(from: &[LaneShare]) -> String {
    let mut json = String::from("[");
    for LaneShare { lane, .. } in from {
        json.push_str(if json.len() == 1 { "[\"" } else { ",[\"" });
        push_hex(&mut json, lane.sender.as_bytes());
        write!(json, "\",\"{}\"]", lane.way).expect("a String takes every text");
    }
    json.push(']');
    json
}

/// Row numbers as a JSON array.
pub(super) fn row_list(rows: &[i64]) -> String {
    format!("{rows:?}")
}
