//! Which senders of an open relay nobody uses.

use sqlx::SqliteConnection;

use super::failure::failure;
use super::row::{id, key_list};
use crate::base::Day;
use crate::model::SenderId;
use crate::storage::StorageError;

const JOINED: &str = "SELECT id FROM senders WHERE joined_openly = 1 AND id > $1 ORDER BY id LIMIT $2";

/// A suspended one stays: the operator decided about it.
const UNUSED: &str = "
SELECT id FROM senders
WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND state = 'active' AND created_day < $2
AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE subscriptions.sender = senders.id)
AND NOT EXISTS (SELECT 1 FROM credentials WHERE credentials.sender = senders.id AND last_used_day >= $2)";

/// Senders that joined an open relay, `limit` of those after `after`, and where they end if there are more.
pub(super) async fn joined(
    connection: &mut SqliteConnection,
    after: Option<SenderId>,
    limit: u32,
) -> Result<(Vec<SenderId>, Option<SenderId>), StorageError> {
    // The empty blob sorts before every id.
    let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
    let rows = sqlx::query(JOINED).bind(after).bind(limit).fetch_all(connection).await.map_err(failure)?;
    let ids: Vec<SenderId> = rows.iter().map(|row| id(row, 0)).collect::<Result<_, _>>()?;
    let full = u32::try_from(ids.len()).is_ok_and(|ids| ids >= limit);
    let next = ids.last().copied().filter(|_| full);
    Ok((ids, next))
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
