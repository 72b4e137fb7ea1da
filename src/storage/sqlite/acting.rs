//! Whether who acts may still act, looked up in the transaction of what is done.

use sqlx::Sqlite;
use sqlx::sqlite::SqliteArguments;

use super::connections::Transaction;
use super::failure::failure;
use super::store::SqliteStore;
use crate::model::{Actor, AuditEntry, OperatorRole, Scope, Scopes};
use crate::storage::ActError;

/// Whoever changes senders, credentials, tokens or invites over the network is an owner…
const OWNER: &str = "
SELECT 1 FROM operator_tokens WHERE id = $1 AND role = $2 AND (expires_at IS NULL OR expires_at > $3)";

/// …or a sender with the scope admin.
const ADMIN: &str = "
SELECT 1 FROM credentials
WHERE id = $1 AND (scopes & $2) = $2 AND (expires_at IS NULL OR expires_at > $3)";

impl SqliteStore {
    /// Begins a transaction in the name of the actor of `entry`, who may act at its time.
    pub(super) async fn begin_as(&self, entry: &AuditEntry) -> Result<Transaction<'_>, ActError> {
        let mut transaction = self.connections.begin().await?;
        if let Some(look) = look(entry) {
            let found = look.fetch_optional(&mut *transaction).await;
            if found.map_err(failure)?.is_none() {
                return Err(ActError::ActorEnded);
            }
        }
        Ok(transaction)
    }
}

/// How to find the actor, where it has to be found.
fn look(entry: &AuditEntry) -> Option<sqlx::query::Query<'static, Sqlite, SqliteArguments>> {
    match entry.actor {
        // Who opened the socket, who shows an invite or comes to an open relay, and the relay itself have nothing that
        // could end.
        Actor::Operator | Actor::Joining | Actor::Relay => None,
        Actor::OperatorToken(id) => {
            let query = sqlx::query(OWNER).bind(id.as_bytes().to_vec());
            Some(query.bind(OperatorRole::Owner.as_str()).bind(entry.at.0))
        }
        Actor::Sender(id) => {
            let query = sqlx::query(ADMIN).bind(id.as_bytes().to_vec());
            Some(query.bind(Scopes::of(&[Scope::Admin]).bits()).bind(entry.at.0))
        }
    }
}
