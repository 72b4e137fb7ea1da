//! Inserts notifications: those that are promised, and those of which nothing waits any more.

use sqlx::{QueryBuilder, Sqlite};

use crate::model::Notification;

const INSERT: &str = "
INSERT INTO notifications (sender, id, body_hash, accepted_at, keep_until, outcomes)
SELECT column1, column2, column3, column4, column5, column6 FROM (";

/// A sender that was erased meanwhile keeps nothing; a notification that is there already stays as it is.
const OF_SENDERS_THAT_EXIST: &str = ") JOIN senders ON senders.id = column1
WHERE true ON CONFLICT (sender, id) DO NOTHING";

/// So many rows go into one statement at most.
pub(super) const CHUNK: usize = 128;

/// Whether the statement for so many rows stays prepared. Each number of rows has a text of its own: only the
/// usual ones are worth their place in the cache.
pub(super) fn stays_prepared(rows: usize) -> bool {
    rows == 1 || rows == CHUNK
}

/// The statement that inserts each notification with its log of outcomes; the caller may add to it.
pub(super) fn insert<'a>(
    rows: impl IntoIterator<Item = (&'a Notification, Vec<u8>)>,
) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(INSERT);
    query.push_values(rows, |mut row, (notification, outcomes)| {
        row.push_bind(notification.sender.as_bytes().as_slice())
            .push_bind(notification.id.as_bytes().as_slice())
            .push_bind(notification.body_hash.as_slice())
            .push_bind(notification.accepted_at.0)
            .push_bind(notification.keep_until.0)
            .push_bind(outcomes);
    });
    query.push(OF_SENDERS_THAT_EXIST);
    query
}
