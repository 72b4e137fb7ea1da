//! Readable content that several deliveries of a notification share: it stands once, under the at-rest cipher.

use sqlx::SqliteConnection;
use zeroize::Zeroizing;

use super::failure::failure;
use super::store::SqliteStore;
use crate::model::{ClearContent, NotificationId, Payload, SenderId};
use crate::privacy::{Cipher, Place};
use crate::storage::{StorageError, Waiting};

const INSERT: &str = "INSERT INTO contents (notification, content) VALUES ($1, $2)";

impl SqliteStore {
    /// What is written of the content that at least two of `waiting` share; `None` where there is no such.
    pub(super) fn shared_content(
        &self,
        cipher: &Cipher,
        sender: SenderId,
        waiting: &[Waiting<'_>],
    ) -> Option<Vec<u8>> {
        let mut clear = waiting.iter().filter_map(|one| match &one.delivery.payload {
            Payload::Clear(content) => Some((content, one.delivery.notification)),
            Payload::Sealed { .. } | Payload::Omitted { .. } | Payload::Confirm(_) => None,
        });
        let ((content, notification), _) = clear.next().zip(clear.next())?;
        let row = row_of(sender, notification);
        Some(cipher.seal(content_place(&row), content.expose_json().as_bytes(), &*self.entropy))
    }

    /// Reads what [`SqliteStore::shared_content`] made.
    pub(super) fn read_shared(
        &self,
        sender: SenderId,
        notification: NotificationId,
        ciphertext: &[u8],
    ) -> Result<Payload, StorageError> {
        open_content(&self.cipher.get(), content_place(&row_of(sender, notification)), ciphertext)
    }
}

/// Keeps `content` within the caller's transaction for the notification in this row.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    notification: i64,
    content: &[u8],
) -> Result<(), StorageError> {
    sqlx::query(INSERT).bind(notification).bind(content).execute(connection).await.map_err(failure)?;
    Ok(())
}

/// Readable content as it was sealed in its place.
pub(super) fn open_content(
    cipher: &Cipher,
    place: Place<'_>,
    ciphertext: &[u8],
) -> Result<Payload, StorageError> {
    const UNREADABLE: StorageError = StorageError::Corrupt("the payload of a delivery");
    let json = cipher.open(place, ciphertext).map_err(|_| UNREADABLE)?;
    let json = std::str::from_utf8(&json).map_err(|_| UNREADABLE)?;
    Ok(Payload::Clear(ClearContent::from_json(Zeroizing::new(json.to_owned()))))
}

/// What names the content of a notification to the at-rest cipher: sender and notification.
pub(super) fn row_of(sender: SenderId, notification: NotificationId) -> [u8; 32] {
    let mut row = [0; 32];
    row[..16].copy_from_slice(sender.as_bytes());
    row[16..].copy_from_slice(notification.as_bytes());
    row
}

/// Where the content of such a notification stands.
pub(super) fn content_place(row: &[u8; 32]) -> Place<'_> {
    Place { table: "contents", column: "content", row }
}
