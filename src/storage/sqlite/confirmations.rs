//! Codes and their echoes.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;

use super::failure::failure;
use super::row::{bytes, get, number, time};
use super::store::SqliteStore;
use crate::base::UnixMillis;
use crate::model::{CodeHash, RegistrationId};
use crate::storage::{Confirmations, Echo, Echoed, Issued, IssuedCode, StorageError};

/// A registration with the last code of its token.
const STANDING: &str = "
SELECT registrations.confirmed, registrations.confirm_tries, registrations.token_hash,
    codes.sent_at, codes.code_hash
FROM registrations LEFT JOIN codes ON codes.token_hash = registrations.token_hash
WHERE registrations.id = $1";

const ISSUE: &str = "
INSERT INTO codes (token_hash, code_hash, sent_at) VALUES ($1, $2, $3)
ON CONFLICT (token_hash) DO UPDATE SET code_hash = excluded.code_hash, sent_at = excluded.sent_at";

const TRIES_ANEW: &str = "
UPDATE registrations SET confirm_tries = 0 WHERE token_hash = $1 AND confirm_tries > 0";

const WITHDRAW: &str = "DELETE FROM codes WHERE token_hash = $1 AND code_hash = $2";

const COUNT_TRY: &str = "UPDATE registrations SET confirm_tries = confirm_tries + 1 WHERE id = $1";

const CONFIRM: &str = "
UPDATE registrations SET confirmed = 1, confirm_tries = 0, registered_at = max(registered_at, $2)
WHERE id = $1";

/// Where the proof of a registration stands.
struct Standing {
    confirmed: bool,
    tries: u32,
    token_hash: [u8; 32],
    code: Option<(UnixMillis, CodeHash)>,
}

impl Standing {
    fn read(row: &SqliteRow) -> Result<Self, StorageError> {
        let code = match get::<Option<i64>>(row, 3)? {
            Some(_) => Some((time(row, 3)?, CodeHash(bytes(row, 4)?))),
            None => None,
        };
        Ok(Self { confirmed: get(row, 0)?, tries: number(row, 1)?, token_hash: bytes(row, 2)?, code })
    }
}

#[async_trait]
impl Confirmations for SqliteStore {
    async fn issue_code(
        &self,
        registration: RegistrationId,
        code: CodeHash,
        at: UnixMillis,
        pause: Duration,
    ) -> Result<Issued, StorageError> {
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(STANDING).bind(registration.as_bytes().as_slice());
        let row = query.fetch_optional(&mut *transaction).await.map_err(failure)?;
        let Some(standing) = row.as_ref().map(Standing::read).transpose()? else {
            return Ok(Issued::Missing);
        };
        if standing.confirmed {
            return Ok(Issued::Confirmed);
        }
        // A code of the future is a clock that was set back: it must not stop codes for longer than the pause.
        if let Some((sent_at, _)) = standing.code
            && sent_at <= at
            && at < sent_at.plus(pause)
        {
            return Ok(Issued::TooSoon(sent_at));
        }
        let token = standing.token_hash.as_slice();
        let query = sqlx::query(ISSUE).bind(token).bind(code.0.to_vec()).bind(at.0);
        query.execute(&mut *transaction).await.map_err(failure)?;
        sqlx::query(TRIES_ANEW).bind(token).execute(&mut *transaction).await.map_err(failure)?;
        // In this transaction: a code that is stored for one token and sent to another would prove a stranger's.
        let Some(issued_to) = self.find_registration(&mut transaction, registration).await? else {
            return Ok(Issued::Missing);
        };
        transaction.commit().await?;
        Ok(Issued::Done(Box::new(issued_to)))
    }

    async fn withdraw_codes(&self, codes: &[IssuedCode]) -> Result<(), StorageError> {
        let mut transaction = self.connections.begin().await?;
        for IssuedCode { to, code } in codes {
            let token = self.pseudonyms.token_hash(&to.app, &to.device_token);
            let query = sqlx::query(WITHDRAW).bind(token.0.to_vec()).bind(code.0.to_vec());
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        transaction.commit().await
    }

    async fn echo(&self, echo: &Echo) -> Result<Echoed, StorageError> {
        let id = echo.registration.as_bytes().as_slice();
        let mut transaction = self.connections.begin().await?;
        let query = sqlx::query(STANDING).bind(id);
        let row = query.fetch_optional(&mut *transaction).await.map_err(failure)?;
        let Some(standing) = row.as_ref().map(Standing::read).transpose()? else {
            return Ok(Echoed::Missing);
        };
        if standing.confirmed {
            return Ok(Echoed::Done);
        }
        let counts = |(sent_at, code): (UnixMillis, CodeHash)| {
            (sent_at <= echo.at && echo.at <= sent_at.plus(echo.valid)).then_some(code)
        };
        let Some(code) = standing.code.and_then(counts).filter(|_| standing.tries < echo.tries) else {
            return Ok(Echoed::NoCode);
        };
        let right = code == echo.code;
        let query = if right {
            sqlx::query(CONFIRM).bind(id).bind(echo.at.0)
        } else {
            sqlx::query(COUNT_TRY).bind(id)
        };
        query.execute(&mut *transaction).await.map_err(failure)?;
        transaction.commit().await?;
        let tries_left = echo.tries - standing.tries - 1;
        Ok(if right { Echoed::Done } else { Echoed::Wrong { tries_left } })
    }
}
