//! What the database says of its own keys: under which it is kept, and from where its keyed hashes come.

use sqlx::SqliteConnection;

use super::failure::failure;
use super::row::UNREADABLE;
use crate::base::Entropy;
use crate::privacy::{Cipher, Place, Pseudonyms, StorageKey, StorageKeyId, StorageKeyring};
use crate::storage::{KeysInUse, StorageError};

const META: &str = "SELECT value FROM meta WHERE name = $1";
const SET_META: &str = "
INSERT INTO meta (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const DROP_META: &str = "DELETE FROM meta WHERE name = $1";

const CURRENT: &str = "storage_key";
const PREVIOUS: &str = "storage_key_before";
const LOOKUP_KEYS: &str = "lookup_keys";

/// Under which keys the database is kept; `None` where it is new.
pub(super) async fn keys_in_use(
    connection: &mut SqliteConnection,
) -> Result<Option<KeysInUse>, StorageError> {
    let Some(current) = meta(&mut *connection, CURRENT).await? else { return Ok(None) };
    let previous = meta(connection, PREVIOUS).await?.map(key_id).transpose()?;
    Ok(Some(KeysInUse { current: key_id(current)?, previous }))
}

/// The key that the database is kept under, with those that something may be under: all must be among `keys`.
///
/// # Errors
/// [`StorageError::WrongKey`] where the current one is missing, [`StorageError::KeyBeforeMissing`] where the one before.
pub(super) fn fitting(in_use: Option<KeysInUse>, keys: &StorageKeyring) -> Result<&StorageKey, StorageError> {
    let Some(in_use) = in_use else { return Ok(&keys.newest) };
    let current = keys.get(in_use.current).ok_or(StorageError::WrongKey)?;
    match in_use.previous {
        Some(previous) if keys.get(previous).is_none() => Err(StorageError::KeyBeforeMissing),
        _ => Ok(current),
    }
}

/// The cipher that writes under `current` and reads under every key of `keys`.
pub(super) fn cipher(current: &StorageKey, keys: &StorageKeyring) -> Cipher {
    let others = std::iter::once(&keys.newest).chain(&keys.before).filter(|key| key.id() != current.id());
    Cipher::new(current, &others.cloned().collect::<Vec<_>>())
}

/// Notes within the caller's transaction under which keys the database is kept, and keeps the keys of its keyed
/// hashes under the current one. They outlive the storage key that they came from: a body cannot be hashed again, and
/// what a push service saw of a collapse key must stay what it is.
pub(super) async fn note_rekey(
    connection: &mut SqliteConnection,
    in_use: KeysInUse,
    (cipher, pseudonyms): (&Cipher, &Pseudonyms),
    entropy: &dyn Entropy,
) -> Result<(), StorageError> {
    let kept = cipher.seal(lookup_place(), &pseudonyms.to_bytes()[..], entropy);
    set_meta(&mut *connection, LOOKUP_KEYS, kept).await?;
    if let Some(previous) = in_use.previous {
        set_meta(&mut *connection, PREVIOUS, previous.0.to_vec()).await?;
    }
    set_meta(connection, CURRENT, in_use.current.0.to_vec()).await
}

/// Notes within the caller's transaction that nothing is under the key before any more.
pub(super) async fn note_end(connection: &mut SqliteConnection) -> Result<(), StorageError> {
    sqlx::query(DROP_META).bind(PREVIOUS).execute(connection).await.map_err(failure)?;
    Ok(())
}

/// Notes the first key of a new database.
pub(super) async fn note_first(
    connection: &mut SqliteConnection,
    key: StorageKeyId,
) -> Result<(), StorageError> {
    set_meta(connection, CURRENT, key.0.to_vec()).await
}

/// The keyed hashes of this database: by the keys that it keeps, or by those of its first storage key.
pub(super) async fn pseudonyms(
    connection: &mut SqliteConnection,
    current: &StorageKey,
    cipher: &Cipher,
) -> Result<Pseudonyms, StorageError> {
    const BROKEN: StorageError = StorageError::Corrupt("the keys of the keyed hashes");
    let Some(kept) = meta(connection, LOOKUP_KEYS).await? else { return Ok(Pseudonyms::new(current)) };
    let bytes = cipher.open(lookup_place(), &kept).map_err(|_| BROKEN)?;
    Pseudonyms::from_bytes(&bytes).ok_or(BROKEN)
}

fn lookup_place() -> Place<'static> {
    Place { table: "meta", column: "value", row: LOOKUP_KEYS.as_bytes() }
}

async fn meta(connection: &mut SqliteConnection, name: &str) -> Result<Option<Vec<u8>>, StorageError> {
    sqlx::query_scalar(META).bind(name).fetch_optional(connection).await.map_err(failure)
}

async fn set_meta(connection: &mut SqliteConnection, name: &str, value: Vec<u8>) -> Result<(), StorageError> {
    sqlx::query(SET_META).bind(name).bind(value).execute(connection).await.map_err(failure)?;
    Ok(())
}

fn key_id(value: Vec<u8>) -> Result<StorageKeyId, StorageError> {
    value.try_into().map(StorageKeyId).map_err(|_| UNREADABLE)
}
