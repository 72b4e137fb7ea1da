//! Removes from a backup what was removed on request since it was made.

use sqlx::{Connection, SqliteConnection};

use super::backlog::Change;
use super::ending::{OF_REGISTRATION, OF_SUBSCRIPTION, end_waiting};
use super::failure::failure;
use super::removals::{Removal, Removed};
use super::row::{get, id, time};
use crate::base::{Day, UnixMillis};
use crate::model::{Id, RegistrationId, SubscriptionId};
use crate::storage::StorageError;

const REGISTRATIONS: &str = "SELECT id, registered_at FROM registrations";
const SUBSCRIPTIONS: &str = "SELECT id, created_day FROM subscriptions";

const UNREGISTER: [&str; 2] =
    ["DELETE FROM subscriptions WHERE registration = $1", "DELETE FROM registrations WHERE id = $1"];
const UNSUBSCRIBE: [&str; 1] = ["DELETE FROM subscriptions WHERE id = $1"];

/// Removes what the list beside the database says was removed; how much of it was there. What waited for it ends `gone`.
/// Senders are not told once more.
pub(super) async fn remove_again(
    backup: &mut SqliteConnection,
    removed: &Removed,
    at: UnixMillis,
) -> Result<u64, StorageError> {
    if removed.is_empty() {
        return Ok(0);
    }
    let mut transaction = backup.begin().await.map_err(failure)?;
    let mut again = 0;
    for row in sqlx::query(REGISTRATIONS).fetch_all(&mut *transaction).await.map_err(failure)? {
        let registration: RegistrationId = id(&row, 0)?;
        if removed.has(Removal::Registration(registration), time(&row, 1)?.day()) {
            remove(&mut transaction, registration, OF_REGISTRATION, &UNREGISTER, at).await?;
            again += 1;
        }
    }
    for row in sqlx::query(SUBSCRIPTIONS).fetch_all(&mut *transaction).await.map_err(failure)? {
        let subscription: SubscriptionId = id(&row, 0)?;
        if removed.has(Removal::Subscription(subscription), Day(get(&row, 1)?)) {
            remove(&mut transaction, subscription, OF_SUBSCRIPTION, &UNSUBSCRIBE, at).await?;
            again += 1;
        }
    }
    transaction.commit().await.map_err(failure)?;
    Ok(again)
}

async fn remove<K>(
    connection: &mut SqliteConnection,
    id: Id<K>,
    waiting: &'static str,
    statements: &[&'static str],
    at: UnixMillis,
) -> Result<(), StorageError> {
    let of_it = |statement| sqlx::query(statement).bind(id.as_bytes().to_vec());
    end_waiting(connection, of_it(waiting), at, &mut Change::default()).await?;
    for statement in statements {
        of_it(statement).execute(&mut *connection).await.map_err(failure)?;
    }
    Ok(())
}
