//! Which senders of an open relay nobody uses. How a sender joined stands in the audit log alone.

use sqlx::{Row, SqliteConnection};

use super::failure::failure;
use super::row::{get, id, key_list};
use crate::base::Day;
use crate::model::{AdmissionMode, SenderId};
use crate::storage::StorageError;

const JOINED: &str = "
SELECT sequence, subject FROM audit_log
WHERE sequence > $1 AND action = 'sender.join' AND detail LIKE $2 ORDER BY sequence LIMIT $3";

/// A suspended one stays: the operator decided about it.
const UNUSED: &str = "
SELECT id FROM senders
WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND state = 'active' AND created_day < $2
AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE subscriptions.sender = senders.id)
AND NOT EXISTS (SELECT 1 FROM credentials WHERE credentials.sender = senders.id AND last_used_day >= $2)";

/// Senders that joined an open relay: those of a slice of the audit log, and where it ends if there is more.
pub(super) async fn joined(
    connection: &mut SqliteConnection,
    after: i64,
    limit: u32,
) -> Result<(Vec<SenderId>, Option<i64>), StorageError> {
    // As the use case words it: the policy, then how it was admitted.
    let openly = format!("% {}", AdmissionMode::Open.as_str());
    let query = sqlx::query(JOINED).bind(after).bind(openly).bind(limit);
    let rows = query.fetch_all(connection).await.map_err(failure)?;
    let full = u32::try_from(rows.len()).is_ok_and(|rows| rows >= limit);
    let next = rows.last().filter(|_| full).map(|row| get(row, 0)).transpose()?;
    let ids = rows.iter().filter_map(|row| row.try_get::<&str, _>(1).ok()?.parse().ok());
    Ok((ids.collect(), next))
}

/// Those of `senders` that exist, have no subscription, and were not used on `since` or later.
pub(super) async fn unused(
    connection: &mut SqliteConnection,
    senders: &[SenderId],
    since: Day,
) -> Result<Vec<SenderId>, StorageError> {
    let query = sqlx::query(UNUSED).bind(key_list(senders.iter().map(SenderId::as_bytes))).bind(since.0);
    let rows = query.fetch_all(connection).await.map_err(failure)?;
    rows.iter().map(|row| id(row, 0)).collect()
}
