//! Writing what followed from attempts.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::backlog::Change;
use super::ending::{Ends, form};
use super::failure::failure;
use super::lease::{DELETE, row_list};
use super::row::{get, id, key_list, number};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{DeliveryKey, Effect, SenderId, Settlement, TargetOutcome};
use crate::storage::{Settled, StorageError};

/// The keys are sender, notification and delivery, 16 bytes each. A delivery that ended meanwhile has no row.
const FIND: &str = "
SELECT settled.key, deliveries.seq, deliveries.notification, deliveries.subscription, deliveries.form,
    coalesce(length(deliveries.payload), 0)
FROM json_each($1) AS settled
CROSS JOIN notifications ON notifications.sender = substr(unhex(settled.value), 1, 16)
    AND notifications.id = substr(unhex(settled.value), 17, 16)
CROSS JOIN deliveries ON deliveries.notification = notifications.seq
    AND deliveries.id = substr(unhex(settled.value), 33)";

/// Rows as arrays of number, due time, attempts and lost answers. It is due no later than it expires. What
/// follows from an attempt counts at least that one, so a postponement with no more attempts than the row's
/// was written before: it must neither free a lease that was taken since, nor take attempts back.
const POSTPONE: &str = "
UPDATE deliveries SET leased_until = NULL, attempts = later.value ->> 2, answers_lost = later.value ->> 3,
    due_at = min(later.value ->> 1, 1000 * deliveries.ttl
        + (SELECT accepted_at FROM notifications WHERE notifications.seq = deliveries.notification))
FROM json_each($1) AS later
WHERE deliveries.seq = later.value ->> 0 AND deliveries.attempts < later.value ->> 2";

/// What a batch of settlements comes to.
#[derive(Default)]
struct Batch {
    ended: Vec<i64>,
    ends: Ends,
    postponed: String,
    gone: Change,
}

impl SqliteStore {
    /// See [`crate::storage::Outbox::settle`].
    pub(super) async fn write_settled(
        &self,
        settled: &[Settled],
        keep_until: UnixMillis,
    ) -> Result<(), StorageError> {
        if settled.is_empty() {
            return Ok(());
        }
        let keys = settled.iter().map(|settled| {
            [*settled.sender.as_bytes(), *settled.notification.as_bytes(), *settled.delivery.as_bytes()]
                .concat()
        });
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(FIND).bind(key_list(keys));
        let rows = query.fetch_all(&mut *transaction).await.map_err(failure)?;
        let mut batch = Batch::default();
        let mut seen = HashSet::new();
        for row in &rows {
            // A delivery has one outcome: where it was settled twice, the first counts.
            if seen.insert(get::<i64>(row, 1)?) {
                let place: usize = number(row, 0)?;
                batch.add(settled[place].sender, row, &self.after_calling_off(&settled[place]))?;
            }
        }
        let gone = batch.write(&mut transaction, keep_until).await?;
        transaction.commit().await?;
        self.backlog.take_away(gone);
        Ok(())
    }
}

impl SqliteStore {
    /// What follows where the delivery may have been called off while it was under way: it is not tried again.
    fn after_calling_off<'a>(&self, settled: &'a Settled) -> Cow<'a, Settlement> {
        let key = DeliveryKey {
            sender: settled.sender,
            notification: settled.notification,
            delivery: settled.delivery,
        };
        match (&settled.settlement, self.under_way.called_off(key)) {
            (Settlement::Postponed { .. }, Some((why, at))) => {
                Cow::Owned(Settlement::Decided { outcome: why.into(), at, effect: Effect::None })
            }
            (settlement, _) => Cow::Borrowed(settlement),
        }
    }
}

impl Batch {
    fn add(
        &mut self,
        sender: SenderId,
        row: &SqliteRow,
        settlement: &Settlement,
    ) -> Result<(), StorageError> {
        let delivery: i64 = get(row, 1)?;
        match settlement {
            Settlement::Decided { outcome, at, effect: _ } => {
                let (subscription, form) = (id(row, 3)?, Some(form(row, 4)?));
                let target = TargetOutcome { subscription, form, outcome: outcome.clone(), at: *at };
                self.ends.add(get(row, 2)?, &target);
                self.ended.push(delivery);
                self.gone.row(sender, number(row, 5)?);
            }
            Settlement::Postponed { due, attempts, answers_lost } => {
                let separator = if self.postponed.is_empty() { "" } else { "," };
                write!(self.postponed, "{separator}[{delivery},{},{attempts},{answers_lost}]", due.0)
                    .expect("a String takes every text");
            }
        }
        Ok(())
    }

    async fn write(
        self,
        connection: &mut SqliteConnection,
        keep_until: UnixMillis,
    ) -> Result<Change, StorageError> {
        if !self.ended.is_empty() {
            let query = sqlx::query(DELETE).bind(row_list(&self.ended));
            query.execute(&mut *connection).await.map_err(failure)?;
        }
        self.ends.write(connection, keep_until).await?;
        if !self.postponed.is_empty() {
            let query = sqlx::query(POSTPONE).bind(format!("[{}]", self.postponed));
            query.execute(connection).await.map_err(failure)?;
        }
        Ok(self.gone)
    }
}
