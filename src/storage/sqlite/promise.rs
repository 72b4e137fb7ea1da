//! Making notifications durable. Promises that come while others are being written share the next commit:
//! a commit costs as much for a hundred as for one.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::SqliteConnection;

use super::backlog::Change;
use super::call_off::{Place, replace};
use super::contents;
use super::delivery_rows::{self, DeliveryRow};
use super::failure::failure;
use super::notification_rows;
use super::padding::CHUNK;
use super::row::{bytes, get, id, key_list, parsed, some_parsed};
use super::store::SqliteStore;
use crate::model::{
    Form, Notification, NotificationId, Outcome, PushWay, SenderId, SubscriptionId, TargetOutcome,
};
use crate::privacy::Cipher;
use crate::storage::{Enqueued, Lane, Promise, StorageError, outcome_log};

/// With the way that leads there now: it may be another one than when the delivery was admitted.
const LIVE: &str = "
SELECT subscriptions.id, subscriptions.sender, registrations.app, registrations.push_service,
    registrations.environment
FROM json_each($1) AS asked
CROSS JOIN subscriptions ON subscriptions.id = unhex(asked.value)
CROSS JOIN registrations ON registrations.id = subscriptions.registration
CROSS JOIN senders ON senders.id = subscriptions.sender AND senders.state = 'active'";

const THERE: &str = "SELECT body_hash, accepted_at FROM notifications WHERE sender = $1 AND id = $2";

type Key = (SenderId, NotificationId);

/// A promise in the form in which it is written.
pub(super) struct PromiseRows {
    notification: Notification,
    decided: Vec<u8>,
    waiting: Vec<DeliveryRow>,
    /// Readable content that several of them share.
    content: Option<Vec<u8>>,
    replaces: bool,
    /// With which clear content was sealed: a rotation of the storage key waits until all that is written.
    _sealed_with: Arc<Cipher>,
    /// A commit with it was begun, by a caller who may have been dropped before the answer: what had ended
    /// then.
    tried: Mutex<Option<Vec<SubscriptionId>>>,
}

impl PromiseRows {
    fn key(&self) -> Key {
        (self.notification.sender, self.notification.id)
    }

    /// What waits for a subscription that ended since it was looked up.
    fn ended(&self, live: &Live) -> impl Iterator<Item = &DeliveryRow> {
        self.waiting.iter().filter(|row| live.way(self, row).is_none())
    }

    /// The log that the notification begins with: what is decided, and what ended.
    fn outcomes(&self, live: &Live) -> Vec<u8> {
        let mut log = self.decided.clone();
        for row in self.ended(live) {
            let outcome = Outcome::subscription_ended();
            let at = outcome.told_at(self.notification.accepted_at);
            let target = TargetOutcome { subscription: row.subscription, form: Some(row.form), outcome, at };
            outcome_log::append(&mut log, &target);
        }
        log
    }

    fn tried(&self) -> MutexGuard<'_, Option<Vec<SubscriptionId>>> {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Subscriptions that can be reached now, each with its sender, and the way to it.
struct Live(HashMap<(SubscriptionId, SenderId), PushWay>);

impl Live {
    async fn among(
        connection: &mut SqliteConnection,
        promises: &[&Arc<PromiseRows>],
    ) -> Result<Self, StorageError> {
        let waiting = promises.iter().flat_map(|promise| &promise.waiting);
        let asked = key_list(waiting.map(|row| row.subscription.as_bytes()));
        let rows = sqlx::query(LIVE).bind(asked).fetch_all(connection).await.map_err(failure)?;
        let live = rows.iter().map(|row| {
            let way = PushWay {
                app: parsed(row, 2)?,
                push_service: parsed(row, 3)?,
                environment: some_parsed(row, 4)?,
            };
            Ok(((id(row, 0)?, id(row, 1)?), way))
        });
        live.collect::<Result<_, StorageError>>().map(Self)
    }

    fn way(&self, promise: &PromiseRows, row: &DeliveryRow) -> Option<&PushWay> {
        self.0.get(&(row.subscription, promise.notification.sender))
    }
}

impl SqliteStore {
    /// What is to be written of `promise`. Refuses one that names a delivery twice: written together with
    /// others' promises, it would spoil them.
    pub(super) fn promise_rows(&self, promise: &Promise<'_>) -> Result<Arc<PromiseRows>, StorageError> {
        let sender = promise.notification.sender;
        let mut ids = HashSet::new();
        if !promise.waiting.iter().all(|waiting| ids.insert(waiting.delivery.id)) {
            return Err(StorageError::Engine("a promise names one delivery twice".to_owned()));
        }
        let cipher = self.cipher.get();
        let content = self.shared_content(&cipher, sender, promise.waiting);
        let shares = content.is_some();
        let rows = promise.waiting.iter().map(|waiting| self.delivery_row(&cipher, sender, waiting, shares));
        Ok(Arc::new(PromiseRows {
            notification: promise.notification.clone(),
            decided: outcome_log::encode(promise.decided),
            waiting: rows.collect(),
            content,
            _sealed_with: Arc::clone(&cipher),
            replaces: promise.replaces,
            tried: Mutex::default(),
        }))
    }

    /// Writes `promises` by one commit, and answers each in their order.
    pub(super) async fn write_promises(
        &self,
        promises: Vec<Arc<PromiseRows>>,
    ) -> Result<Vec<Enqueued>, StorageError> {
        let mut first = HashSet::new();
        let firsts: Vec<_> = promises.iter().filter(|promise| first.insert(promise.key())).collect();

        let mut transaction = self.connections.begin().await?;
        let live = Live::among(&mut transaction, &firsts).await?;
        let inserted = insert_notifications(&mut transaction, &firsts, &live).await?;
        let (mut rows, mut change) = (Vec::new(), Change::default());
        for promise in &firsts {
            if let Some(notification) = inserted.get(&promise.key()) {
                let mut shares_content = false;
                for row in &promise.waiting {
                    let Some(way) = live.way(promise, row) else { continue };
                    let sender = promise.notification.sender;
                    change.came(Lane { sender, way: way.clone() }, row.payload_bytes());
                    rows.push((*notification, row, way));
                    shares_content |= row.form == Form::Clear;
                }
                if let Some(content) = promise.content.as_ref().filter(|_| shares_content) {
                    contents::insert(&mut transaction, *notification, content).await?;
                }
            }
        }
        for rows in rows.chunks(CHUNK) {
            let mut query = delivery_rows::insert(rows.iter().copied());
            query.build().execute(&mut *transaction).await.map_err(failure)?;
        }

        let mut holding = self.under_way.holding();
        for (promise, newest) in newest_places(&firsts, &inserted) {
            let Notification { accepted_at, keep_until, .. } = promise.notification;
            let called_off = (&mut holding, &mut change);
            replace(&mut transaction, &newest, called_off, accepted_at, keep_until).await?;
        }

        let mut answers = Vec::with_capacity(promises.len());
        for promise in &promises {
            let is_new = inserted.contains_key(&promise.key()) && first.remove(&promise.key());
            answers.push(if is_new {
                let ended: Vec<_> = promise.ended(&live).map(|row| row.subscription).collect();
                *promise.tried() = Some(ended.clone());
                Enqueued::Done { ended }
            } else {
                was_there(&mut transaction, promise).await?
            });
        }
        self.commit_counted(transaction, change).await?;
        holding.written();
        Ok(answers)
    }
}

/// The places that each of `promises` takes from older deliveries, and does not lose to a later one of them.
fn newest_places<'a>(
    promises: &[&'a Arc<PromiseRows>],
    inserted: &HashMap<Key, i64>,
) -> Vec<(&'a PromiseRows, HashMap<Place, i64>)> {
    let mut taken = HashSet::new();
    let mut newest = Vec::new();
    for promise in promises.iter().rev().filter(|promise| promise.replaces) {
        let Some(notification) = inserted.get(&promise.key()) else { continue };
        let places = promise.waiting.iter().filter_map(|row| Some((row.subscription, row.collapse?)));
        let places: HashMap<_, _> =
            places.filter(|place| taken.insert(*place)).map(|place| (place, *notification)).collect();
        if !places.is_empty() {
            newest.push((&***promise, places));
        }
    }
    newest
}

/// Inserts what is not there yet. The row number of each that was inserted.
async fn insert_notifications(
    connection: &mut SqliteConnection,
    promises: &[&Arc<PromiseRows>],
    live: &Live,
) -> Result<HashMap<Key, i64>, StorageError> {
    let mut inserted = HashMap::new();
    for promises in promises.chunks(CHUNK) {
        let rows = promises.iter().map(|promise| (&promise.notification, promise.outcomes(live)));
        let mut query = notification_rows::insert(rows);
        query.push(" RETURNING seq, sender, id");
        for row in query.build().fetch_all(&mut *connection).await.map_err(failure)? {
            inserted.insert((id(&row, 1)?, id(&row, 2)?), get(&row, 0)?);
        }
    }
    Ok(inserted)
}

/// The answer to a promise that was not inserted.
async fn was_there(
    connection: &mut SqliteConnection,
    promise: &PromiseRows,
) -> Result<Enqueued, StorageError> {
    let (sender, id) = promise.key();
    let query = sqlx::query(THERE).bind(sender.as_bytes().to_vec()).bind(id.as_bytes().to_vec());
    let Some(row) = query.fetch_optional(connection).await.map_err(failure)? else {
        // The sender was erased: nothing of it is kept, and nobody is left to whom it was promised.
        return Ok(Enqueued::Done { ended: promise.waiting.iter().map(|row| row.subscription).collect() });
    };
    // Written on behalf of this caller by another who was dropped before passing the answer on.
    let is_the_same = bytes::<32>(&row, 0)? == promise.notification.body_hash
        && get::<i64>(&row, 1)? == promise.notification.accepted_at.0;
    let ended = promise.tried().clone().filter(|_| is_the_same);
    Ok(ended.map_or(Enqueued::Exists, |ended| Enqueued::Done { ended }))
}
