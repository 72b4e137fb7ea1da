//! The figures of senders that share: written, read and ended.
//!
//! Each statement that writes looks itself whether the category is agreed to, in the words of today.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{UNREADABLE, get, id, key_list, number, parsed, push_hex};
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{
    Category, Outcome, PushService, SenderId, SenderName, Software, SubscriptionId, UsageRecords, VolumeCell,
};
use crate::privacy::{Pending, first_open_day, shown_devices};
use crate::storage::{EndedDelivery, PresentUsage, StorageError, outcome_log};

/// Rows as arrays of sender, day, push service, outcome and count. A cell that is there has enough devices behind it.
const ADD_TO: &str = "
UPDATE shared_volume SET count = count + (more.value ->> 4)
FROM json_each($1) AS more
WHERE shared_volume.sender = unhex(more.value ->> 0) AND shared_volume.day = more.value ->> 1
    AND shared_volume.push_service = more.value ->> 2 AND shared_volume.outcome = more.value ->> 3
    AND EXISTS (SELECT 1 FROM sharing
        WHERE sharing.sender = shared_volume.sender AND category = 'volume' AND wording = $2)
RETURNING shared_volume.sender, shared_volume.day, shared_volume.push_service, shared_volume.outcome";

/// The same rows, of which enough devices are behind each.
const BEGIN: &str = "
INSERT INTO shared_volume (sender, day, push_service, outcome, count)
SELECT unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1)
WHERE EXISTS (SELECT 1 FROM sharing
    WHERE sharing.sender = unhex(value ->> 0) AND category = 'volume' AND wording = $2)";

const IN_USE: &str = "SELECT count(*) FROM subscriptions WHERE sender = $1 AND used = 1";

const ADD_DEVICES: &str = "
INSERT INTO shared_devices (sender, day, count)
SELECT $1, $2, $3 WHERE EXISTS (SELECT 1 FROM sharing WHERE sender = $1 AND category = 'devices' AND wording = $4)
ON CONFLICT (sender, day) DO NOTHING";

const NOTE_SOFTWARE: &str = "
INSERT INTO shared_software (sender, name, version, day)
SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT 1 FROM sharing WHERE sender = $1 AND category = 'software' AND wording = $5)
ON CONFLICT (sender) DO UPDATE SET name = excluded.name, version = excluded.version, day = excluded.day";

const VOLUME: &str = "
SELECT day, push_service, outcome, count FROM shared_volume
WHERE sender = $1 ORDER BY day, push_service, outcome";

const DEVICES: &str = "SELECT day, count FROM shared_devices WHERE sender = $1 ORDER BY day";

const SOFTWARE: &str = "SELECT name, version, day FROM shared_software WHERE sender = $1";

const CONTACT: &str = "SELECT address FROM sharing WHERE sender = $1 AND category = 'contact'";

const FORGET: [&str; 3] = [
    "DELETE FROM shared_volume WHERE (sender, day, push_service, outcome) IN
        (SELECT sender, day, push_service, outcome FROM shared_volume WHERE day < $1 LIMIT $2)",
    "DELETE FROM shared_devices WHERE (sender, day) IN
        (SELECT sender, day FROM shared_devices WHERE day < $1 LIMIT $2)",
    "DELETE FROM shared_software WHERE sender IN (SELECT sender FROM shared_software WHERE day < $1 LIMIT $2)",
];

const SENDERS: &str = "
SELECT id, name FROM senders
WHERE id > $1 AND (
    EXISTS (SELECT 1 FROM shared_volume WHERE sender = senders.id)
    OR EXISTS (SELECT 1 FROM shared_devices WHERE sender = senders.id)
    OR EXISTS (SELECT 1 FROM shared_software WHERE sender = senders.id)
    OR EXISTS (SELECT 1 FROM sharing WHERE sender = senders.id AND category = 'contact'))
ORDER BY id LIMIT $2";

/// The newest notifications (their ids begin with a time), as far as their outcomes fit into so many bytes.
const OUTCOMES: &str = "
SELECT outcomes FROM (
    SELECT outcomes, sum(length(outcomes)) OVER (ORDER BY id DESC) AS bytes FROM (
        SELECT id, outcomes FROM notifications WHERE sender = $1 ORDER BY id DESC LIMIT $2))
WHERE bytes <= $3";

/// Some tens of thousands of outcomes.
const MOST_OUTCOMES: i64 = 1024 * 1024;

const PUSH_SERVICES: &str = "
SELECT subscriptions.id, registrations.push_service
FROM json_each($1) AS asked
CROSS JOIN subscriptions ON subscriptions.id = unhex(asked.value) AND subscriptions.sender = $2
CROSS JOIN registrations ON registrations.id = subscriptions.registration";

impl SqliteStore {
    /// See [`crate::storage::Sharing::write_usage`].
    pub(super) async fn write_recorded(&self, now: UnixMillis) -> Result<(), StorageError> {
        let today = now.day();
        let first = self.usage_recorder.unwritten(today);
        if first.volume.is_empty() && first.software.is_empty() && first.devices.is_empty() {
            self.usage_recorder.end_days_before(first_open_day(now));
            return Ok(());
        }
        let least = self.usage_recorder.least_devices();
        let in_use = self.count_in_use(&first.devices).await?;
        // Nobody switches anything off from here to the commit: that takes this connection too.
        let mut transaction = self.connections.begin().await?;
        let mut unwritten = self.usage_recorder.unwritten(today);
        unwritten.devices.retain(|sender| in_use.contains_key(sender));
        let wording = |category: Category| category.wording().version;
        let query = sqlx::query(ADD_TO).bind(cell_list(&unwritten.volume)).bind(wording(Category::Volume));
        let added = query.fetch_all(&mut *transaction).await.map_err(failure)?;
        let added = added.iter().map(cell_of).collect::<Result<HashSet<_>, _>>()?;
        let is_added = |(sender, pending): &&(SenderId, Pending)| added.contains(&(*sender, pending.cell));
        let begins: Vec<_> =
            unwritten.volume.iter().filter(|one| one.1.enough && !is_added(one)).copied().collect();
        let query = sqlx::query(BEGIN).bind(cell_list(&begins)).bind(wording(Category::Volume));
        query.execute(&mut *transaction).await.map_err(failure)?;
        for sender in &unwritten.devices {
            let Some(devices) = shown_devices(in_use[sender], least) else { continue };
            let devices = i64::try_from(devices).unwrap_or(i64::MAX);
            let query = sqlx::query(ADD_DEVICES).bind(sender.as_bytes().to_vec()).bind(today.0);
            let query = query.bind(devices).bind(wording(Category::Devices));
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        for (sender, software, day) in &unwritten.software {
            let query = sqlx::query(NOTE_SOFTWARE).bind(sender.as_bytes().to_vec()).bind(software.name());
            let query = query.bind(software.version()).bind(day.0).bind(wording(Category::Software));
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        let written: Vec<_> =
            unwritten.volume.iter().filter(|one| one.1.enough || is_added(one)).copied().collect();
        transaction.commit_then(|| self.usage_recorder.written(&unwritten, &written, today)).await?;
        self.usage_recorder.end_days_before(first_open_day(now));
        Ok(())
    }

    /// How many subscriptions of each of `senders` are in use. Read beside those who write: it may take a while.
    async fn count_in_use(&self, senders: &[SenderId]) -> Result<HashMap<SenderId, u64>, StorageError> {
        let mut in_use = HashMap::with_capacity(senders.len());
        for sender in senders {
            let mut reader = self.connections.read().await;
            let query = sqlx::query(IN_USE).bind(sender.as_bytes().to_vec());
            let row = query.fetch_one(&mut *reader).await.map_err(failure)?;
            in_use.insert(*sender, number(&row, 0)?);
        }
        Ok(in_use)
    }

    /// See [`crate::storage::Sharing::usage`].
    pub(super) async fn read_usage(&self, sender: SenderId) -> Result<UsageRecords, StorageError> {
        let mut reader = self.connections.read().await;
        let of = |statement| sqlx::query(statement).bind(sender.as_bytes().to_vec());
        let volume = of(VOLUME).fetch_all(&mut *reader).await.map_err(failure)?;
        let devices = of(DEVICES).fetch_all(&mut *reader).await.map_err(failure)?;
        let software = of(SOFTWARE).fetch_optional(&mut *reader).await.map_err(failure)?;
        let contact = of(CONTACT).fetch_optional(&mut *reader).await.map_err(failure)?;
        let software = software.map(|row| {
            let software = Software::new(get(&row, 0)?, get(&row, 1)?).ok_or(UNREADABLE)?;
            Ok::<_, StorageError>((software, Day(get(&row, 2)?)))
        });
        Ok(UsageRecords {
            volume: volume
                .iter()
                .map(|row| Ok((cell(row, 0)?, number(row, 3)?)))
                .collect::<Result<_, StorageError>>()?,
            devices: devices
                .iter()
                .map(|row| Ok((Day(get(row, 0)?), number(row, 1)?)))
                .collect::<Result<_, StorageError>>()?,
            software: software.transpose()?,
            contact: contact.map(|row| parsed(&row, 0)).transpose()?,
        })
    }

    /// See [`crate::storage::Sharing::present_usage`].
    pub(super) async fn read_present_usage(
        &self,
        sender: SenderId,
        notifications: u32,
    ) -> Result<PresentUsage, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(OUTCOMES).bind(sender.as_bytes().to_vec());
        let query = query.bind(notifications).bind(MOST_OUTCOMES);
        let logs = query.fetch_all(&mut *reader).await.map_err(failure)?;
        let mut targets = Vec::new();
        for row in &logs {
            targets.extend(outcome_log::decode(get(row, 0)?)?);
        }
        // What no form is known of was on its way to no device.
        targets.retain(|target| target.form.is_some());
        let asked: HashSet<SubscriptionId> = targets.iter().map(|target| target.subscription).collect();
        let query = sqlx::query(PUSH_SERVICES).bind(key_list(asked.iter().map(SubscriptionId::as_bytes)));
        let query = query.bind(sender.as_bytes().to_vec());
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        drop(reader);
        let push_services = rows.iter().map(|row| Ok((id(row, 0)?, parsed(row, 1)?)));
        let push_services: HashMap<SubscriptionId, PushService> =
            push_services.collect::<Result<_, StorageError>>()?;
        // Of a subscription that ended, the push service is not known any more.
        let ended = targets.iter().filter_map(|target| {
            let push_service = push_services.get(&target.subscription)?;
            Some((target.subscription, EndedDelivery::of(sender, *push_service, target).cell))
        });
        Ok(PresentUsage { ended: ended.collect(), devices: self.count_in_use(&[sender]).await?[&sender] })
    }

    /// See [`crate::storage::Sharing::forget_usage_before`].
    pub(super) async fn forget_recorded_before(&self, day: Day, limit: u32) -> Result<u64, StorageError> {
        let (mut transaction, mut forgotten) = (self.connections.begin().await?, 0);
        for statement in FORGET {
            let query = sqlx::query(statement).bind(day.0).bind(limit);
            forgotten += query.execute(&mut *transaction).await.map_err(failure)?.rows_affected();
        }
        transaction.commit().await?;
        if forgotten > 0 {
            self.overwrite().await?;
        }
        Ok(forgotten)
    }

    /// See [`crate::storage::Sharing::senders_with_usage`].
    pub(super) async fn find_senders_with_usage(
        &self,
        after: Option<SenderId>,
        limit: u32,
    ) -> Result<Vec<(SenderId, SenderName)>, StorageError> {
        let mut reader = self.connections.read().await;
        // The empty blob sorts before every id.
        let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
        let query = sqlx::query(SENDERS).bind(after).bind(limit);
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        rows.iter().map(|row| Ok((id(row, 0)?, parsed(row, 1)?))).collect()
    }
}

/// A cell of the columns from `first` on: day, push service and outcome.
fn cell(row: &SqliteRow, first: usize) -> Result<VolumeCell, StorageError> {
    Ok(VolumeCell {
        day: Day(get(row, first)?),
        push_service: parsed(row, first + 1)?,
        outcome: name(get(row, first + 2)?)?,
    })
}

fn cell_of(row: &SqliteRow) -> Result<(SenderId, VolumeCell), StorageError> {
    Ok((id(row, 0)?, cell(row, 1)?))
}

fn name(outcome: &str) -> Result<&'static str, StorageError> {
    Outcome::NAMES.into_iter().find(|name| *name == outcome).ok_or(UNREADABLE)
}

/// Cells as a JSON array of arrays. No name in it holds what JSON would have to escape.
fn cell_list(cells: &[(SenderId, Pending)]) -> String {
    let mut json = String::from("[");
    for (sender, Pending { cell, deliveries, .. }) in cells {
        json.push_str(if json.len() == 1 { "[\"" } else { ",[\"" });
        push_hex(&mut json, sender.as_bytes());
        let VolumeCell { day, push_service, outcome } = cell;
        write!(json, "\",{},\"{push_service}\",\"{outcome}\",{deliveries}]", day.0)
            .expect("a String takes every text");
    }
    json.push(']');
    json
}
