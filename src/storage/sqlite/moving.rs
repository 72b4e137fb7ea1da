//! What waits changes lanes when its registration changes its way.

use sqlx::SqliteConnection;

use super::backlog::Change;
use super::failure::failure;
use crate::model::{PushWay, RegistrationId};
use crate::storage::StorageError;

const ELSEWHERE: &str = "
SELECT sender, way, coalesce(length(payload), 1400 * (form = 4)) FROM deliveries
WHERE subscription IN (SELECT id FROM subscriptions WHERE registration = $1) AND way <> $2";

const MOVE: &str = "
UPDATE deliveries SET way = $2
WHERE subscription IN (SELECT id FROM subscriptions WHERE registration = $1) AND way <> $2";

/// Moves within the caller's transaction what waits for this registration into the lanes of `way`.
pub(super) async fn move_waiting(
    connection: &mut SqliteConnection,
    registration: RegistrationId,
    way: &PushWay,
    change: &mut Change,
) -> Result<(), StorageError> {
    let of_it =
        |statement| sqlx::query(statement).bind(registration.as_bytes().to_vec()).bind(way.to_string());
    let rows = of_it(ELSEWHERE).fetch_all(&mut *connection).await.map_err(failure)?;
    if rows.is_empty() {
        return Ok(());
    }
    for row in &rows {
        change.moved(row, 0, way);
    }
    of_it(MOVE).execute(connection).await.map_err(failure)?;
    Ok(())
}
