//! What is held about a sender or on a registration, read page by page. Which columns of which tables is said in
//! `held_rows.rs`.

use async_trait::async_trait;
use sealpush_seal::base64url;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::held_rows::{Key, OF_SENDER, ON_REGISTRATION, Owner, Part, Shape};
use super::row::{get, id};
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{Held, HeldCursor, HeldPage, HeldRow, Id, RegistrationId, Scope, Scopes, SenderId};
use crate::storage::{HeldRows, StorageError, outcome_log};

/// The most rows of one page.
const PAGE: usize = 500;

#[async_trait]
impl HeldRows for SqliteStore {
    async fn held_of_sender(
        &self,
        sender: SenderId,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, StorageError> {
        self.page(OF_SENDER, sender, after).await
    }

    async fn held_on_registration(
        &self,
        registration: RegistrationId,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, StorageError> {
        self.page(ON_REGISTRATION, registration, after).await
    }
}

impl SqliteStore {
    async fn page<K>(
        &self,
        parts: &[Part],
        owner: Id<K>,
        after: Option<&HeldCursor>,
    ) -> Result<HeldPage, StorageError> {
        let (mut table, mut key) = after.map_or((0, Vec::new()), |after| (after.table, after.key.clone()));
        let mut rows = Vec::new();
        while let Some(part) = parts.get(usize::from(table)) {
            if rows.len() >= PAGE {
                return Ok(HeldPage { rows, next: Some(HeldCursor { table, key }) });
            }
            let most = part.most.min(PAGE - rows.len());
            // Each for itself, so that others read in between.
            let mut reader = self.connections.read().await;
            let found = fetch(&mut reader, part, owner, key, most + 1).await?;
            drop(reader);
            key = Vec::new();
            for row in found.iter().take(most) {
                rows.push(shown(part, row)?);
            }
            if found.len() > most {
                let key = key_of(part, &found[most - 1])?;
                return Ok(HeldPage { rows, next: Some(HeldCursor { table, key }) });
            }
            table += 1;
        }
        Ok(HeldPage { rows, next: None })
    }
}

async fn fetch<K>(
    connection: &mut SqliteConnection,
    part: &Part,
    owner: Id<K>,
    after: Vec<u8>,
    most: usize,
) -> Result<Vec<SqliteRow>, StorageError> {
    let query = sqlx::query(part.statement);
    let query = match part.owner {
        Owner::Id => query.bind(owner.as_bytes().to_vec()),
        Owner::Text => query.bind(owner.to_string()),
    };
    let query = match part.key {
        // The empty blob sorts before every other.
        Key::Bytes => query.bind(after),
        Key::Number => query.bind(after.try_into().map_or(i64::MIN, i64::from_be_bytes)),
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    query.bind(most).fetch_all(connection).await.map_err(failure)
}

fn key_of(part: &Part, row: &SqliteRow) -> Result<Vec<u8>, StorageError> {
    Ok(match part.key {
        Key::Bytes => get::<Vec<u8>>(row, 0)?,
        Key::Number => get::<i64>(row, 0)?.to_be_bytes().to_vec(),
    })
}

fn shown(part: &Part, row: &SqliteRow) -> Result<HeldRow, StorageError> {
    let values =
        part.columns.iter().zip(1..).map(|((name, shape), index)| Ok((*name, value(row, index, *shape)?)));
    Ok(HeldRow { table: part.table, values: values.collect::<Result<_, StorageError>>()? })
}

fn value(row: &SqliteRow, index: usize, shape: Shape) -> Result<Held, StorageError> {
    let number = |row| get::<Option<i64>>(row, index);
    Ok(match shape {
        Shape::Id => Held::Text(id::<()>(row, index)?.to_string()),
        Shape::Text => get::<Option<String>>(row, index)?.map_or(Held::None, Held::Text),
        Shape::Number => number(row)?.map_or(Held::None, Held::Number),
        Shape::Flag => Held::Flag(get(row, index)?),
        Shape::Day => number(row)?
            .map_or(Held::None, |day| Held::Text(Day(i32::try_from(day).unwrap_or(i32::MAX)).to_string())),
        Shape::Time => number(row)?.map_or(Held::None, |at| Held::Text(UnixMillis(at).to_string())),
        Shape::Bytes => get::<Option<Vec<u8>>>(row, index)?
            .map_or(Held::None, |bytes| Held::Text(base64url::encode(&bytes))),
        Shape::Hex => Held::Text(hex::encode(get::<Vec<u8>>(row, index)?)),
        Shape::Scopes => {
            let bits = u8::try_from(get::<i64>(row, index)?).unwrap_or_default();
            Held::Names(Scopes::from_bits(bits).list().into_iter().map(Scope::as_str).collect())
        }
        Shape::Outcomes => Held::Outcomes(outcome_log::decode(get(row, index)?)?),
    })
}
