//! Deliveries as rows: what is written of one, and how it is read again.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::backlog::SHARED;
use super::contents::open_content;
use super::padding::padded;
use super::reach::ReachRow;
use super::row::{UNREADABLE, get, id, number, some_bytes, some_parsed, time};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{
    Badge, CollapseHash, Delivery, DeliveryId, DeliveryOptions, Envelope, Form, Kind, NotificationId,
    Payload, PushWay, SenderId, SubscriptionId, Ttl, Urgency,
};
use crate::privacy::{Cipher, Place};
use crate::storage::{StorageError, Waiting, outcome_log};

const INSERT: &str = "
INSERT INTO deliveries (notification, id, subscription, sender, way, kind, urgency, ttl, collapse, badge, sound,
    due_at, ends_at, attempts, answers_lost, leased_until, form, payload)
SELECT * FROM (";
const THAT_ARE_ROWS: &str = ") WHERE column1 IS NOT NULL";

/// A delivery as it is written.
pub(super) struct DeliveryRow {
    pub(super) id: DeliveryId,
    pub(super) subscription: SubscriptionId,
    pub(super) form: Form,
    sender: SenderId,
    options: DeliveryOptions,
    pub(super) collapse: Option<CollapseHash>,
    badge: Option<Badge>,
    sound: Option<String>,
    due: UnixMillis,
    ends: UnixMillis,
    attempts: u32,
    answers_lost: u32,
    leased_until: Option<UnixMillis>,
    payload: Option<Vec<u8>>,
}

impl DeliveryRow {
    /// How much its payload takes.
    pub(super) fn payload_bytes(&self) -> u64 {
        match &self.payload {
            Some(payload) => payload.len() as u64,
            None if self.form == Form::Clear => SHARED,
            None => 0,
        }
    }
}

impl SqliteStore {
    /// What is written of `waiting`, a delivery of `sender`'s, with its clear content under `cipher`, unless that is
    /// shared. Whoever writes it holds the cipher until then.
    pub(super) fn delivery_row(
        &self,
        cipher: &Cipher,
        sender: SenderId,
        waiting: &Waiting<'_>,
        shares_content: bool,
    ) -> DeliveryRow {
        let delivery = waiting.delivery;
        let place = place_of(sender, delivery.notification, delivery.id);
        DeliveryRow {
            id: delivery.id,
            subscription: delivery.reach.subscription,
            form: delivery.payload.form(),
            sender,
            options: delivery.options.clone(),
            collapse: delivery.collapse,
            badge: delivery.badge,
            sound: delivery.sound.as_ref().map(|sound| sound.as_str().to_owned()),
            due: waiting.due,
            ends: delivery.end(),
            attempts: waiting.attempts,
            answers_lost: waiting.answers_lost,
            leased_until: waiting.leased_until,
            payload: match delivery.payload {
                Payload::Clear(_) if shares_content => None,
                ref payload => self.write_payload(cipher, &place, payload),
            },
        }
    }

    /// Reads a delivery from the columns of `lease.rs`, which stand in the order of this function.
    pub(super) fn read_delivery(&self, row: &SqliteRow) -> Result<Delivery, StorageError> {
        let (notification, delivery) = (id(row, 4)?, id(row, 5)?);
        let reach = ReachRow::read(row, 16)?.open(&self.cipher.get())?;
        let place = place_of(reach.sender, notification, delivery);
        Ok(Delivery {
            id: delivery,
            notification,
            payload: match get(row, 32)? {
                Some(shared) => self.read_shared(reach.sender, notification, shared)?,
                None => self.read_payload(&place, number(row, 2)?, get(row, 15)?)?,
            },
            options: DeliveryOptions {
                kind: kind_of(number(row, 7)?)?,
                urgency: urgency_of(number(row, 8)?)?,
                ttl: Ttl::from_seconds(number(row, 9)?).map_err(|_| UNREADABLE)?,
            },
            collapse: some_bytes(row, 10)?.map(CollapseHash),
            badge: get::<Option<u32>>(row, 11)?.map(Badge),
            sound: some_parsed(row, 12)?,
            accepted_at: time(row, 6)?,
            reach,
        })
    }

    /// What stands in the database for `payload`, in the row that `place` names.
    fn write_payload(&self, cipher: &Cipher, place: &[u8; 48], payload: &Payload) -> Option<Vec<u8>> {
        match payload {
            Payload::Sealed { envelope, .. } => Some(envelope.as_bytes().to_vec()),
            Payload::Omitted { reference } => {
                reference.as_ref().map(|text| text.as_str().as_bytes().to_vec())
            }
            // The relay's own message waits in memory alone: intake never promises it.
            Payload::Confirm(_) => None,
            Payload::Clear(content) => {
                let json = content.expose_json().as_bytes();
                Some(cipher.seal(payload_place(place), json, &*self.entropy))
            }
        }
    }

    fn read_payload(
        &self,
        place: &[u8; 48],
        form: u8,
        payload: Option<Vec<u8>>,
    ) -> Result<Payload, StorageError> {
        const UNREADABLE: StorageError = StorageError::Corrupt("the payload of a delivery");
        let form = outcome_log::form_of(form).ok_or(UNREADABLE)?;
        match (form, payload) {
            (Form::SealedBySender | Form::SealedByRelay, Some(envelope)) => Ok(Payload::Sealed {
                envelope: Envelope::from_bytes(envelope).map_err(|_| UNREADABLE)?,
                by_relay: form == Form::SealedByRelay,
            }),
            (Form::Omitted, None) => Ok(Payload::Omitted { reference: None }),
            (Form::Omitted, Some(text)) => {
                let reference = String::from_utf8(text).ok().and_then(|text| text.parse().ok());
                Ok(Payload::Omitted { reference: Some(reference.ok_or(UNREADABLE)?) })
            }
            (Form::Clear, Some(ciphertext)) => {
                open_content(&self.cipher.get(), payload_place(place), &ciphertext)
            }
            (Form::SealedBySender | Form::SealedByRelay | Form::Clear, None) => Err(UNREADABLE),
        }
    }
}

/// The statement that inserts `rows`, each with the row number of its notification and its way. Up to
/// [`super::padding::CHUNK`] rows.
pub(super) fn insert<'a>(
    rows: impl IntoIterator<Item = (i64, &'a DeliveryRow, &'a PushWay)>,
) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(INSERT);
    query.push_values(padded(rows), |mut values, padded| {
        let notification = padded.map(|(notification, _, _)| notification);
        let (row, way) = padded.map(|(_, row, way)| (row, way)).unzip();
        values
            .push_bind(notification)
            .push_bind(row.map(|row| row.id.as_bytes().as_slice()))
            .push_bind(row.map(|row| row.subscription.as_bytes().as_slice()))
            .push_bind(row.map(|row| row.sender.as_bytes().as_slice()))
            .push_bind(way.map(PushWay::to_string))
            .push_bind(row.map(|row| kind_code(row.options.kind)))
            .push_bind(row.map(|row| urgency_code(row.options.urgency)))
            .push_bind(row.map(|row| row.options.ttl.seconds()))
            .push_bind(row.and_then(|row| row.collapse).map(|hash| hash.0.to_vec()))
            .push_bind(row.and_then(|row| row.badge).map(|badge| badge.0))
            .push_bind(row.and_then(|row| row.sound.as_deref()))
            .push_bind(row.map(|row| row.due.0))
            .push_bind(row.map(|row| row.ends.0))
            .push_bind(row.map(|row| row.attempts))
            .push_bind(row.map(|row| row.answers_lost))
            .push_bind(row.and_then(|row| row.leased_until).map(|until| until.0))
            .push_bind(row.map(|row| outcome_log::form_code(row.form)))
            .push_bind(row.and_then(|row| row.payload.as_deref()));
    });
    query.push(THAT_ARE_ROWS);
    query
}

/// What names the row of a delivery to the at-rest cipher: sender, notification and delivery.
pub(super) fn place_of(sender: SenderId, notification: NotificationId, delivery: DeliveryId) -> [u8; 48] {
    let mut row = [0; 48];
    row[..16].copy_from_slice(sender.as_bytes());
    row[16..32].copy_from_slice(notification.as_bytes());
    row[32..].copy_from_slice(delivery.as_bytes());
    row
}

/// Where the payload of such a row stands.
pub(super) fn payload_place(row: &[u8; 48]) -> Place<'_> {
    Place { table: "deliveries", column: "payload", row }
}

fn kind_code(kind: Kind) -> u8 {
    match kind {
        Kind::Alert => 0,
        Kind::Background => 1,
        Kind::Voip => 2,
    }
}

fn kind_of(code: u8) -> Result<Kind, StorageError> {
    Kind::ALL.into_iter().find(|kind| kind_code(*kind) == code).ok_or(UNREADABLE)
}

fn urgency_code(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::VeryLow => 0,
        Urgency::Low => 1,
        Urgency::Normal => 2,
        Urgency::High => 3,
    }
}

fn urgency_of(code: u8) -> Result<Urgency, StorageError> {
    Urgency::ALL.into_iter().find(|urgency| urgency_code(*urgency) == code).ok_or(UNREADABLE)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use zeroize::Zeroizing;

    use super::*;
    use crate::base::OsEntropy;
    use crate::model::{ClearContent, Id};
    use crate::privacy::StorageKey;
    use crate::storage::sqlite::Location;

    async fn store() -> SqliteStore {
        let key = StorageKey::from_bytes([7; 32]);
        SqliteStore::open_engine(&Location::Memory, &key, Arc::new(OsEntropy)).await.unwrap()
    }

    fn clear_content() -> Payload {
        let json = Zeroizing::new(r#"{"title":"a canary"}"#.to_owned());
        Payload::Clear(ClearContent::from_json(json))
    }

    #[tokio::test]
    async fn clear_content_is_written_encrypted_and_read_in_its_place_only() {
        let store = store().await;
        let place = place_of(SenderId::from_bytes([1; 16]), Id::from_bytes([2; 16]), Id::from_bytes([3; 16]));
        let written = store.write_payload(&store.cipher.get(), &place, &clear_content()).unwrap();

        assert!(!written.windows(6).any(|window| window == b"canary"));
        let code = outcome_log::form_code(Form::Clear);
        let read = store.read_payload(&place, code, Some(written.clone())).unwrap();
        let Payload::Clear(content) = read else { panic!("another form") };
        assert_eq!(content.expose_json(), r#"{"title":"a canary"}"#);

        let elsewhere =
            place_of(SenderId::from_bytes([9; 16]), Id::from_bytes([2; 16]), Id::from_bytes([3; 16]));
        assert!(store.read_payload(&elsewhere, code, Some(written)).is_err());
    }

    #[tokio::test]
    async fn a_payload_that_does_not_fit_its_form_is_refused() {
        let store = store().await;
        for form in Form::ALL {
            let code = outcome_log::form_code(form);
            let broken = store.read_payload(&[0; 48], code, Some(vec![0xff; 3]));
            assert!(broken.is_err(), "{form}");
            let empty = store.read_payload(&[0; 48], code, None);
            assert_eq!(empty.is_err(), form != Form::Omitted, "{form}");
        }
        assert!(store.read_payload(&[0; 48], 9, None).is_err());
    }

    #[test]
    fn codes_are_told_apart() {
        for kind in Kind::ALL {
            assert_eq!(kind_of(kind_code(kind)).unwrap(), kind);
        }
        for urgency in Urgency::ALL {
            assert_eq!(urgency_of(urgency_code(urgency)).unwrap(), urgency);
        }
        assert!(kind_of(3).is_err() && urgency_of(4).is_err());
    }
}
