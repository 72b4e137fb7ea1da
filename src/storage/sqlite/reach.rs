//! How subscriptions are reached: the look-up that every target of every notification needs.

use std::collections::HashMap;

use futures_util::future::try_join_all;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{UNREADABLE, get, id, key_list, parsed, some_bytes, some_day, some_parsed, time};
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{
    AppId, DeviceToken, Environment, PushService, Reach, RegistrationId, RelayKey, SenderId, SubscriptionId,
    TokenKind,
};
use crate::privacy::{Cipher, Place};
use crate::storage::{Found, StorageError};

/// Up to so many targets share a query with other callers; more are worth a query of their own.
const FEW: usize = 8;

const REACH: &str = "
SELECT subscriptions.id, subscriptions.sender, registrations.id, registrations.app,
    registrations.push_service, registrations.environment, registrations.token_kind,
    registrations.device_token, registrations.registered_at, registrations.confirmed,
    registrations.accepted_day, subscriptions.used, subscriptions.relay_key
FROM json_each($1) AS asked
CROSS JOIN subscriptions ON subscriptions.id = unhex(asked.value)
CROSS JOIN registrations ON registrations.id = subscriptions.registration";

/// What the query found of a subscription. A row that cannot be read is one subscription's misfortune: it
/// fails neither the others that share the query nor the other targets of its notification.
#[derive(Clone)]
pub(super) struct FoundRow {
    sender: SenderId,
    /// `None`: it cannot be read.
    row: Option<ReachRow>,
}

/// [`Reach`] with its device token still encrypted: whoever asked decrypts it, not whoever ran the query for
/// all.
#[derive(Clone)]
pub(super) struct ReachRow {
    subscription: SubscriptionId,
    sender: SenderId,
    registration: RegistrationId,
    app: AppId,
    push_service: PushService,
    environment: Option<Environment>,
    token_kind: TokenKind,
    device_token: Vec<u8>,
    registered_at: UnixMillis,
    echoed: bool,
    accepted_day: Option<Day>,
    used: bool,
    relay_key: Option<RelayKey>,
}

impl SqliteStore {
    /// See [`crate::storage::Registrations::reach`].
    pub(super) async fn look_up(
        &self,
        sender: SenderId,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Found>, StorageError> {
        let rows = if subscriptions.len() <= FEW {
            let each = subscriptions.iter().map(|id| self.reaches.get(*id, |ids| self.read_reaches(ids)));
            try_join_all(each).await?
        } else {
            self.read_reaches(subscriptions.to_vec()).await?
        };
        Ok(rows.into_iter().map(|found| self.open_found(sender, found)).collect())
    }

    fn open_found(&self, sender: SenderId, found: Option<FoundRow>) -> Found {
        let Some(found) = found.filter(|found| found.sender == sender) else { return Found::Nothing };
        match found.row.map(|row| row.open(&self.cipher.get())) {
            Some(Ok(reach)) => Found::Reach(reach),
            Some(Err(_)) | None => Found::Unreadable,
        }
    }

    async fn read_reaches(&self, ids: Vec<SubscriptionId>) -> Result<Vec<Option<FoundRow>>, StorageError> {
        let mut reader = self.connections.read().await;
        let query = sqlx::query(REACH).bind(key_list(ids.iter().map(SubscriptionId::as_bytes)));
        let rows = query.fetch_all(&mut *reader).await.map_err(failure)?;
        drop(reader);
        let found: HashMap<_, _> = rows.iter().map(FoundRow::read).collect::<Result<_, _>>()?;
        Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
    }
}

impl FoundRow {
    fn read(row: &SqliteRow) -> Result<(SubscriptionId, Self), StorageError> {
        Ok((id(row, 0)?, Self { sender: id(row, 1)?, row: ReachRow::read(row, 0).ok() }))
    }
}

impl ReachRow {
    /// Reads the thirteen columns of [`REACH`], the first of which stands at `first`.
    pub(super) fn read(row: &SqliteRow, first: usize) -> Result<Self, StorageError> {
        let relay_key = some_bytes(row, first + 12)?.map(RelayKey::from_bytes).transpose();
        Ok(Self {
            subscription: id(row, first)?,
            sender: id(row, first + 1)?,
            registration: id(row, first + 2)?,
            app: parsed(row, first + 3)?,
            push_service: parsed(row, first + 4)?,
            environment: some_parsed(row, first + 5)?,
            token_kind: parsed(row, first + 6)?,
            device_token: get(row, first + 7)?,
            registered_at: time(row, first + 8)?,
            echoed: get(row, first + 9)?,
            accepted_day: some_day(row, first + 10)?,
            used: get(row, first + 11)?,
            relay_key: relay_key.map_err(|_| UNREADABLE)?,
        })
    }

    /// Decrypts the device token.
    pub(super) fn open(self, cipher: &Cipher) -> Result<Reach, StorageError> {
        let device_token = open_token(cipher, self.registration, self.push_service, &self.device_token)?;
        Ok(Reach {
            subscription: self.subscription,
            sender: self.sender,
            registration: self.registration,
            app: self.app,
            push_service: self.push_service,
            environment: self.environment,
            token_kind: self.token_kind,
            device_token,
            registered_at: self.registered_at,
            echoed: self.echoed,
            accepted_day: self.accepted_day,
            used: self.used,
            relay_key: self.relay_key,
        })
    }
}

/// Where the device token of a registration stands.
pub(super) fn token_place(registration: &RegistrationId) -> Place<'_> {
    Place { table: "registrations", column: "device_token", row: registration.as_bytes() }
}

/// Decrypts the device token of a registration.
pub(super) fn open_token(
    cipher: &Cipher,
    registration: RegistrationId,
    push_service: PushService,
    ciphertext: &[u8],
) -> Result<DeviceToken, StorageError> {
    const UNREADABLE: StorageError = StorageError::Corrupt("a device token");
    let plaintext = cipher.open(token_place(&registration), ciphertext).map_err(|_| UNREADABLE)?;
    let text = std::str::from_utf8(&plaintext).map_err(|_| UNREADABLE)?;
    DeviceToken::parse(push_service, text).map_err(|_| UNREADABLE)
}
