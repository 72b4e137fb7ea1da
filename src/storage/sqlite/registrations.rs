//! Registrations and subscriptions.

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::backlog::Change;
use super::ending::{OF_REGISTRATION, OF_SUBSCRIPTION, end_waiting};
use super::failure::failure;
use super::feedback::{self, ToTell, end_subscriptions};
use super::moving::move_waiting;
use super::reach::{open_token, token_place};
use super::removals::Removal;
use super::row::{UNREADABLE, bytes, get, id, number, parsed, some_bytes, some_day, some_parsed, time};
use super::sealed;
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{
    AppId, DeviceToken, Environment, Erased, PushWay, Reach, Registration, RegistrationId, RelayKey,
    SecretHash, SenderId, Subscription, SubscriptionEnd, SubscriptionId, TokenKind,
};
use crate::storage::{
    Digest, Found, NewSubscription, Registered, Registrations, Removed, Replaced, SealedRegistered, SetKey,
    StorageError, Subscribed,
};

const REGISTER: &str = "
INSERT INTO registrations (id, app, push_service, environment, token_kind, device_token, token_hash,
    secret_hash, registered_at, confirmed, accepted_day)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO NOTHING";

/// The app says again that the token lives, and in which environment.
const REGISTER_AGAIN: &str = "
UPDATE registrations SET environment = $5, token_kind = $6, registered_at = $7
WHERE id = $1 AND app = $2 AND token_hash = $3 AND secret_hash = $4";

const REGISTRATION: &str = "
SELECT id, app, push_service, environment, token_kind, device_token, secret_hash, registered_at,
    confirmed, accepted_day
FROM registrations WHERE id = $1";

const APP: &str = "SELECT app FROM registrations WHERE id = $1";

/// A new token was never accepted and nobody echoed for it; the same one, registered again, was.
const REPLACE_TOKEN: &str = "
UPDATE registrations SET push_service = $2, environment = $3, token_kind = $4, device_token = $5,
    accepted_day = CASE WHEN token_hash = $6 THEN accepted_day END,
    confirmed = CASE WHEN token_hash = $6 THEN confirmed ELSE 0 END,
    confirm_tries = CASE WHEN token_hash = $6 THEN confirm_tries ELSE 0 END,
    token_hash = $6, registered_at = $7
WHERE id = $1";

const UNSUBSCRIBE_ALL: &str = "DELETE FROM subscriptions WHERE registration = $1 RETURNING sender, id";
const UNREGISTER: &str = "DELETE FROM registrations WHERE id = $1";

const BOTH_ENDS: &str = "
SELECT EXISTS (SELECT 1 FROM senders WHERE id = $1 AND state = 'active'),
    EXISTS (SELECT 1 FROM registrations WHERE id = $2)";

const SUBSCRIBE: &str = "
INSERT INTO subscriptions (id, registration, sender, created_day, used, relay_key)
VALUES ($1, $2, $3, $4, 0, $5)
ON CONFLICT (id) DO NOTHING";

const SUBSCRIPTION: &str = "
SELECT id, registration, sender, created_day, used, relay_key FROM subscriptions WHERE id = $1";

const SET_RELAY_KEY: &str = "UPDATE subscriptions SET relay_key = $2 WHERE id = $1";
const UNSUBSCRIBE: &str = "DELETE FROM subscriptions WHERE id = $1 RETURNING sender, id";
const COUNT: &str = "SELECT (SELECT count(*) FROM registrations), (SELECT count(*) FROM subscriptions)";

#[async_trait]
impl Registrations for SqliteStore {
    async fn register(&self, registration: &Registration) -> Result<Registered, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let mut change = Change::default();
        let registered = self.insert_registration(&mut transaction, registration, &mut change).await?;
        if registered != Registered::IdTaken {
            self.commit_counted(transaction, change).await?;
        }
        Ok(registered)
    }

    async fn answered(
        &self,
        sender: SenderId,
        sha256: &[u8; 32],
        now: UnixMillis,
    ) -> Result<Option<SubscriptionId>, StorageError> {
        let mut reader = self.connections.read().await;
        sealed::answered(&mut reader, sender, sha256, now).await
    }

    async fn register_sealed(
        &self,
        registration: &Registration,
        subscription: &NewSubscription,
        digest: &Digest,
    ) -> Result<SealedRegistered, StorageError> {
        self.write_sealed(registration, subscription, digest).await
    }

    async fn registration(&self, id: RegistrationId) -> Result<Option<Registration>, StorageError> {
        self.find_registration(&mut *self.connections.read().await, id).await
    }

    async fn replace_token(
        &self,
        id: RegistrationId,
        token: &DeviceToken,
        environment: Option<Environment>,
        token_kind: TokenKind,
        at: UnixMillis,
    ) -> Result<Replaced, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(APP).bind(id.as_bytes().as_slice());
        let Some(row) = query.fetch_optional(&mut *transaction).await.map_err(failure)? else {
            return Ok(Replaced::Missing);
        };
        let app: AppId = parsed(&row, 0)?;
        sqlx::query(REPLACE_TOKEN)
            .bind(id.as_bytes().as_slice())
            .bind(token.push_service().as_str())
            .bind(environment.map(Environment::as_str))
            .bind(token_kind.as_str())
            .bind(self.cipher.get().seal(token_place(&id), token.expose().as_bytes(), &*self.entropy))
            .bind(self.pseudonyms.token_hash(&app, token).0.as_slice())
            .bind(at.0)
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        let (way, mut change) =
            (PushWay { app, push_service: token.push_service(), environment }, Change::default());
        move_waiting(&mut transaction, id, &way, &mut change).await?;
        self.commit_counted(transaction, change).await?;
        self.overwriting.ask();
        Ok(Replaced::Done)
    }

    async fn unregister(&self, id: RegistrationId, at: UnixMillis) -> Result<Removed, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let of_it = |statement| sqlx::query(statement).bind(id.as_bytes().to_vec());
        let (mut change, mut to_tell) = (Change::default(), ToTell::default());
        let deliveries = end_waiting(&mut transaction, of_it(OF_REGISTRATION), at, &mut change).await?;
        let (ended, why) = (of_it(UNSUBSCRIBE_ALL), SubscriptionEnd::Removed);
        let subscriptions =
            end_subscriptions(&mut transaction, ended, why, at, &*self.entropy, &mut to_tell).await?;
        let removed = of_it(UNREGISTER).execute(&mut *transaction).await.map_err(failure)?.rows_affected();
        self.commit_ends(transaction, &[id], change).await?;
        self.tell(to_tell);
        if removed == 0 {
            return Ok(Removed::Missing);
        }
        self.note_removed(Removal::Registration(id), at);
        let rows = [("registrations", removed), ("subscriptions", subscriptions), ("deliveries", deliveries)];
        Ok(Removed::Done(Erased::of(rows)))
    }

    async fn subscribe(&self, subscription: &NewSubscription) -> Result<Subscribed, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let subscribed = self.insert_subscription(&mut transaction, subscription).await?;
        if subscribed == Subscribed::Created {
            transaction.commit().await?;
        }
        Ok(subscribed)
    }

    async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StorageError> {
        let mut reader = self.connections.read().await;
        find_subscription(&mut reader, id).await
    }

    async fn set_relay_key(
        &self,
        id: SubscriptionId,
        relay_key: Option<&RelayKey>,
    ) -> Result<SetKey, StorageError> {
        let mut writer = self.connections.write().await;
        let query = sqlx::query(SET_RELAY_KEY).bind(id.as_bytes().as_slice());
        let query = query.bind(relay_key.map(|key| key.as_bytes().as_slice()));
        let set = query.execute(&mut *writer).await;
        let set = set.map_err(|error| self.connections.write_failure(error))?;
        self.overwriting.ask();
        Ok(if set.rows_affected() == 1 { SetKey::Done } else { SetKey::Missing })
    }

    async fn unsubscribe(&self, id: SubscriptionId, at: UnixMillis) -> Result<Removed, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let of_it = |statement| sqlx::query(statement).bind(id.as_bytes().to_vec());
        let (mut change, mut to_tell) = (Change::default(), ToTell::default());
        let deliveries = end_waiting(&mut transaction, of_it(OF_SUBSCRIPTION), at, &mut change).await?;
        let (ended, why) = (of_it(UNSUBSCRIBE), SubscriptionEnd::Removed);
        let removed =
            end_subscriptions(&mut transaction, ended, why, at, &*self.entropy, &mut to_tell).await?;
        self.commit_ends(transaction, &[id], change).await?;
        self.tell(to_tell);
        if removed == 0 {
            return Ok(Removed::Missing);
        }
        self.note_removed(Removal::Subscription(id), at);
        Ok(Removed::Done(Erased::of([("subscriptions", removed), ("deliveries", deliveries)])))
    }

    async fn reach(
        &self,
        sender: SenderId,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Found>, StorageError> {
        self.look_up(sender, subscriptions).await
    }

    fn has_ended(&self, reach: &Reach) -> bool {
        self.recently_ended.contains(reach)
    }

    async fn count(&self) -> Result<(u64, u64), StorageError> {
        let mut reader = self.connections.read().await;
        let row = sqlx::query(COUNT).fetch_one(&mut *reader).await.map_err(failure)?;
        Ok((number(&row, 0)?, number(&row, 1)?))
    }
}

impl SqliteStore {
    /// Writes `registration` within the caller's transaction.
    pub(super) async fn insert_registration(
        &self,
        connection: &mut SqliteConnection,
        registration: &Registration,
        change: &mut Change,
    ) -> Result<Registered, StorageError> {
        let token = &registration.device_token;
        let ciphertext =
            self.cipher.get().seal(token_place(&registration.id), token.expose().as_bytes(), &*self.entropy);
        let token_hash = self.pseudonyms.token_hash(&registration.app, token).0;
        let created = sqlx::query(REGISTER)
            .bind(registration.id.as_bytes().as_slice())
            .bind(registration.app.as_str())
            .bind(registration.push_service.as_str())
            .bind(registration.environment.map(Environment::as_str))
            .bind(registration.token_kind.as_str())
            .bind(ciphertext)
            .bind(token_hash.as_slice())
            .bind(registration.secret_hash.0.as_slice())
            .bind(registration.registered_at.0)
            .bind(registration.echoed)
            .bind(registration.accepted_day.map(|day| day.0))
            .execute(&mut *connection)
            .await
            .map_err(failure)?;
        if created.rows_affected() == 1 {
            self.recently_ended.begin(registration.id);
            return Ok(Registered::Created);
        }
        let again = sqlx::query(REGISTER_AGAIN)
            .bind(registration.id.as_bytes().as_slice())
            .bind(registration.app.as_str())
            .bind(token_hash.as_slice())
            .bind(registration.secret_hash.0.as_slice())
            .bind(registration.environment.map(Environment::as_str))
            .bind(registration.token_kind.as_str())
            .bind(registration.registered_at.0)
            .execute(&mut *connection)
            .await
            .map_err(failure)?;
        if again.rows_affected() == 0 {
            return Ok(Registered::IdTaken);
        }
        move_waiting(connection, registration.id, &registration.way(), change).await?;
        Ok(Registered::Same)
    }

    /// The registration with this id, over the caller's connection.
    pub(super) async fn find_registration(
        &self,
        connection: &mut SqliteConnection,
        id: RegistrationId,
    ) -> Result<Option<Registration>, StorageError> {
        let query = sqlx::query(REGISTRATION).bind(id.as_bytes().as_slice());
        let row = query.fetch_optional(connection).await.map_err(failure)?;
        row.map(|row| self.read_registration(&row)).transpose()
    }

    /// Writes `subscription` within the caller's transaction; nothing but where it is new.
    pub(super) async fn insert_subscription(
        &self,
        connection: &mut SqliteConnection,
        subscription: &NewSubscription,
    ) -> Result<Subscribed, StorageError> {
        let row = sqlx::query(BOTH_ENDS)
            .bind(subscription.sender.as_bytes().as_slice())
            .bind(subscription.registration.as_bytes().as_slice())
            .fetch_one(&mut *connection)
            .await
            .map_err(failure)?;
        if !get::<bool>(&row, 0)? {
            return Ok(Subscribed::NoSender);
        }
        if !get::<bool>(&row, 1)? {
            return Ok(Subscribed::NoRegistration);
        }
        let created = sqlx::query(SUBSCRIBE)
            .bind(subscription.id.as_bytes().as_slice())
            .bind(subscription.registration.as_bytes().as_slice())
            .bind(subscription.sender.as_bytes().as_slice())
            .bind(subscription.created_day.0)
            .bind(subscription.relay_key.as_ref().map(|key| key.as_bytes().as_slice()))
            .execute(&mut *connection)
            .await
            .map_err(failure)?;
        if created.rows_affected() == 1 {
            // Of one that ended under this id its sender must not be told any more: this one lives.
            feedback::forget_end(connection, subscription.id).await?;
            self.recently_ended.begin(subscription.id);
            return Ok(Subscribed::Created);
        }
        let there = find_subscription(connection, subscription.id).await?;
        let same = there.is_some_and(|there| {
            there.registration == subscription.registration
                && there.sender == subscription.sender
                && there.relay_key == subscription.relay_key
        });
        Ok(if same { Subscribed::Same } else { Subscribed::IdTaken })
    }

    fn read_registration(&self, row: &SqliteRow) -> Result<Registration, StorageError> {
        let (registration, push_service) = (id(row, 0)?, parsed(row, 2)?);
        Ok(Registration {
            id: registration,
            app: parsed(row, 1)?,
            push_service,
            environment: some_parsed(row, 3)?,
            token_kind: parsed(row, 4)?,
            device_token: open_token(&self.cipher.get(), registration, push_service, get(row, 5)?)?,
            secret_hash: SecretHash(bytes(row, 6)?),
            registered_at: time(row, 7)?,
            echoed: get(row, 8)?,
            accepted_day: some_day(row, 9)?,
        })
    }
}

async fn find_subscription(
    connection: &mut SqliteConnection,
    asked: SubscriptionId,
) -> Result<Option<Subscription>, StorageError> {
    let query = sqlx::query(SUBSCRIPTION).bind(asked.as_bytes().as_slice());
    let Some(row) = query.fetch_optional(connection).await.map_err(failure)? else { return Ok(None) };
    let relay_key = some_bytes(&row, 5)?.map(RelayKey::from_bytes).transpose();
    Ok(Some(Subscription {
        id: id(&row, 0)?,
        registration: id(&row, 1)?,
        sender: id(&row, 2)?,
        created_day: Day(get(&row, 3)?),
        used: get(&row, 4)?,
        relay_key: relay_key.map_err(|_| UNREADABLE)?,
    }))
}
