//! Sealed registrations: what one held, and by what it is known again.

use sqlx::SqliteConnection;

use super::backlog::Change;
use super::failure::failure;
use super::row::id;
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{Registration, SenderId, SubscriptionId};
use crate::storage::{Digest, NewSubscription, Registered, SealedRegistered, StorageError, Subscribed};

const ANSWERED: &str = "
SELECT subscription FROM sealed_registrations WHERE sender = $1 AND digest = $2 AND keep_until >= $3";

/// One that is no longer kept and not swept yet makes room.
const KEEP: &str = "
INSERT INTO sealed_registrations (sender, digest, subscription, keep_until) VALUES ($1, $2, $3, $4)
ON CONFLICT (sender, digest) DO UPDATE SET subscription = excluded.subscription,
    keep_until = excluded.keep_until";

/// The subscription that was answered to the bytes with this hash, where it is still kept at `now`.
pub(super) async fn answered(
    connection: &mut SqliteConnection,
    sender: SenderId,
    sha256: &[u8; 32],
    now: UnixMillis,
) -> Result<Option<SubscriptionId>, StorageError> {
    let query = sqlx::query(ANSWERED).bind(sender.as_bytes().to_vec()).bind(sha256.to_vec()).bind(now.0);
    let row = query.fetch_optional(connection).await.map_err(failure)?;
    row.map(|row| id(&row, 0)).transpose()
}

impl SqliteStore {
    /// See [`crate::storage::Registrations::register_sealed`].
    pub(super) async fn write_sealed(
        &self,
        registration: &Registration,
        subscription: &NewSubscription,
        digest: &Digest,
    ) -> Result<SealedRegistered, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let now = registration.registered_at;
        // Another copy may have come between the look and this write.
        if let Some(known) = answered(&mut transaction, digest.sender, &digest.sha256, now).await? {
            return Ok(SealedRegistered::Known(known));
        }
        let mut change = Change::default();
        let registered = self.insert_registration(&mut transaction, registration, &mut change).await?;
        if registered == Registered::IdTaken {
            return Ok(SealedRegistered::RegistrationTaken);
        }
        match self.insert_subscription(&mut transaction, subscription).await? {
            Subscribed::Created | Subscribed::Same => {}
            Subscribed::IdTaken => return Ok(SealedRegistered::SubscriptionTaken),
            // The registration was written above.
            Subscribed::NoSender | Subscribed::NoRegistration => return Ok(SealedRegistered::NoSender),
        }
        sqlx::query(KEEP)
            .bind(digest.sender.as_bytes().as_slice())
            .bind(digest.sha256.as_slice())
            .bind(subscription.id.as_bytes().as_slice())
            .bind(digest.keep_until.0)
            .execute(&mut *transaction)
            .await
            .map_err(failure)?;
        self.commit_counted(transaction, change).await?;
        Ok(SealedRegistered::Created)
    }
}
