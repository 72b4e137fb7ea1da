//! Inserts notifications: those that are promised, and those of which nothing waits any more.

use sqlx::{QueryBuilder, Sqlite};

use super::padding::padded;
use crate::model::Notification;

const INSERT: &str = "
INSERT INTO notifications (sender, id, body_hash, accepted_at, keep_until, outcomes)
SELECT column1, column2, column3, column4, column5, column6 FROM (";

/// A sender that was erased meanwhile keeps nothing; a notification that is there already stays as it is.
const OF_SENDERS_THAT_EXIST: &str = ") JOIN senders ON senders.id = column1
WHERE true ON CONFLICT (sender, id) DO NOTHING";

/// The statement that inserts each notification with its log of outcomes; the caller may add to it. Up to
/// [`super::padding::CHUNK`] rows.
pub(super) fn insert<'a>(
    rows: impl IntoIterator<Item = (&'a Notification, Vec<u8>)>,
) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(INSERT);
    query.push_values(padded(rows), |mut values, row| {
        let notification = row.as_ref().map(|(notification, _)| notification);
        // No sender has the id NULL: such a row joins none.
        values
            .push_bind(notification.map(|one| one.sender.as_bytes().as_slice()))
            .push_bind(notification.map(|one| one.id.as_bytes().as_slice()))
            .push_bind(notification.map(|one| one.body_hash.as_slice()))
            .push_bind(notification.map(|one| one.accepted_at.0))
            .push_bind(notification.map(|one| one.keep_until.0))
            .push_bind(row.map(|(_, outcomes)| outcomes));
    });
    query.push(OF_SENDERS_THAT_EXIST);
    query
}
