//! Writing what followed from attempts.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write;

use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::backlog::Change;
use super::ending::Ends;
use super::failure::failure;
use super::feedback::ToTell;
use super::lease::{DELETE, row_list};
use super::row::{get, key_list, number};
use super::store::SqliteStore;
use super::usage;
use crate::base::UnixMillis;
use crate::model::{DeliveryKey, Effect, Settlement, TargetOutcome};
use crate::storage::{DeadToken, Settled, SettledBatch, StorageError};

/// The keys are sender, notification and delivery, 16 bytes each. A delivery that ended meanwhile has no row.
const FIND: &str = "
SELECT settled.key, deliveries.seq, deliveries.notification, deliveries.sender, deliveries.way,
    coalesce(length(deliveries.payload), 1400 * (deliveries.form = 4))
FROM json_each($1) AS settled
CROSS JOIN notifications ON notifications.sender = substr(unhex(settled.value), 1, 16)
    AND notifications.id = substr(unhex(settled.value), 17, 16)
CROSS JOIN deliveries ON deliveries.notification = notifications.seq
    AND deliveries.id = substr(unhex(settled.value), 33)";

/// Rows as arrays of number, due time, attempts and lost answers. What
/// follows from an attempt counts at least that one, so a postponement with no more attempts than the row's
/// was written before: it must neither free a lease that was taken since, nor take attempts back.
const POSTPONE: &str = "
UPDATE deliveries SET leased_until = NULL, attempts = later.value ->> 2, answers_lost = later.value ->> 3,
    due_at = later.value ->> 1
FROM json_each($1) AS later
WHERE deliveries.seq = later.value ->> 0 AND deliveries.attempts < later.value ->> 2";

/// What a batch of settlements comes to.
#[derive(Default)]
struct Batch {
    ended: Vec<i64>,
    ends: Ends,
    postponed: String,
}

impl SqliteStore {
    /// See [`crate::storage::Outbox::settle`].
    pub(super) async fn write_settled(
        &self,
        batch: &SettledBatch,
        at: UnixMillis,
        keep_until: UnixMillis,
    ) -> Result<(), StorageError> {
        let SettledBatch { settled, used, dead } = batch;
        let (mut transaction, mut change) = (self.connections.begin().await?, Change::default());
        if !settled.is_empty() {
            self.write_deliveries(&mut transaction, settled, keep_until, &mut change).await?;
        }
        usage::note_used(&mut transaction, used, &mut change).await?;
        let (mut retired, mut to_tell) = (Vec::new(), ToTell::default());
        for DeadToken { app, device_token, since } in dead {
            let token = self.pseudonyms.token_hash(app, device_token);
            let ended = (&mut retired, &mut to_tell, &mut change);
            usage::retire(&mut transaction, token, *since, at, &*self.entropy, ended).await?;
        }
        self.commit_ends(transaction, &retired, change).await?;
        self.tell(to_tell);
        Ok(())
    }

    async fn write_deliveries(
        &self,
        connection: &mut SqliteConnection,
        settled: &[Settled],
        keep_until: UnixMillis,
        change: &mut Change,
    ) -> Result<(), StorageError> {
        let keys = settled.iter().map(|settled| {
            [*settled.sender.as_bytes(), *settled.notification.as_bytes(), *settled.delivery.as_bytes()]
                .concat()
        });
        let query = sqlx::query(FIND).bind(key_list(keys));
        let rows = query.fetch_all(&mut *connection).await.map_err(failure)?;
        let mut batch = Batch::default();
        let mut seen = HashSet::new();
        for row in &rows {
            // A delivery has one outcome: where it was settled twice, the first counts.
            if seen.insert(get::<i64>(row, 1)?) {
                let place: usize = number(row, 0)?;
                batch.add(&settled[place], row, &self.after_calling_off(&settled[place]), change)?;
            }
        }
        batch.write(connection, keep_until).await
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
        settled: &Settled,
        row: &SqliteRow,
        settlement: &Settlement,
        change: &mut Change,
    ) -> Result<(), StorageError> {
        let delivery: i64 = get(row, 1)?;
        match settlement {
            Settlement::Decided { outcome, at, effect: _ } => {
                let Settled { subscription, form, .. } = *settled;
                let target =
                    TargetOutcome { subscription, form: Some(form), outcome: outcome.clone(), at: *at };
                self.ends.add(get(row, 2)?, &target);
                self.ended.push(delivery);
                change.decided(row, 3, &target);
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
    ) -> Result<(), StorageError> {
        if !self.ended.is_empty() {
            let query = sqlx::query(DELETE).bind(row_list(&self.ended));
            query.execute(&mut *connection).await.map_err(failure)?;
        }
        self.ends.write(connection, keep_until).await?;
        if !self.postponed.is_empty() {
            let query = sqlx::query(POSTPONE).bind(format!("[{}]", self.postponed));
            query.execute(connection).await.map_err(failure)?;
        }
        Ok(())
    }
}
