//! What follows for registrations and subscriptions when a push service answers: in use, or dead.

use std::collections::{BTreeMap, HashSet};

use sqlx::SqliteConnection;

use super::backlog::Change;
use super::ending::{OF_TOKEN, end_waiting};
use super::failure::failure;
use super::feedback::{ToTell, end_subscriptions};
use super::moving::move_waiting;
use super::row::{id, key_list, parsed, push_hex};
use crate::base::{Entropy, UnixMillis};
use crate::model::{PushWay, RegistrationId, SubscriptionEnd};
use crate::privacy::TokenHash;
use crate::storage::{StorageError, Used};

/// The conditions keep rows untouched that say so already: a statement that changes nothing writes nothing.
const SUBSCRIPTIONS_USED: &str = "
UPDATE subscriptions SET used = 1
WHERE used = 0 AND id IN (SELECT unhex(value) FROM json_each($1))";

const REGISTRATIONS_ACCEPTED: &str = "
UPDATE registrations SET accepted_day = $2
FROM json_each($1) AS used
WHERE registrations.id = unhex(json_extract(used.value, '$[0]'))
    AND registrations.registered_at = json_extract(used.value, '$[1]')
    AND (accepted_day IS NULL OR accepted_day < $2)";

const ENVIRONMENT_FOUND: &str = "
UPDATE registrations SET environment = $2
WHERE environment IS NOT $2 AND id = $1 AND registered_at = $3
RETURNING app, push_service";

const FORGET_SUBSCRIPTIONS: &str = "
DELETE FROM subscriptions
WHERE registration IN (SELECT id FROM registrations WHERE token_hash = $1 AND registered_at <= $2)
RETURNING sender, id";

const FORGET_REGISTRATIONS: &str = "
DELETE FROM registrations WHERE token_hash = $1 AND registered_at <= $2 RETURNING id";

/// Notes `used` within the caller's transaction.
pub(super) async fn note_used(
    connection: &mut SqliteConnection,
    used: &[Used],
    change: &mut Change,
) -> Result<(), StorageError> {
    if used.is_empty() {
        return Ok(());
    }
    let subscriptions = key_list(used.iter().map(|used| used.subscription.as_bytes()));
    let query = sqlx::query(SUBSCRIPTIONS_USED).bind(subscriptions);
    query.execute(&mut *connection).await.map_err(failure)?;

    // Each with the time at which its token was registered: what was found of a token says nothing of the one that
    // replaced it.
    let mut days: BTreeMap<i32, HashSet<(RegistrationId, UnixMillis)>> = BTreeMap::new();
    for used in used {
        days.entry(used.day.0).or_default().insert((used.registration, used.registered_at));
    }
    for (day, registrations) in days {
        let query = sqlx::query(REGISTRATIONS_ACCEPTED).bind(list(&registrations)).bind(day);
        query.execute(&mut *connection).await.map_err(failure)?;
    }
    for used in used {
        let Some(environment) = used.environment else { continue };
        let query = sqlx::query(ENVIRONMENT_FOUND).bind(used.registration.as_bytes().to_vec());
        let query = query.bind(environment.as_str()).bind(used.registered_at.0);
        if let Some(row) = query.fetch_optional(&mut *connection).await.map_err(failure)? {
            let (app, push_service) = (parsed(&row, 0)?, parsed(&row, 1)?);
            let way = PushWay { app, push_service, environment: Some(environment) };
            move_waiting(connection, used.registration, &way, change).await?;
        }
    }
    Ok(())
}

/// Registrations with the time of each, as a JSON array of pairs.
fn list(registrations: &HashSet<(RegistrationId, UnixMillis)>) -> String {
    let mut json = String::from("[");
    for (registration, at) in registrations {
        json.push_str(if json.len() == 1 { "[\"" } else { ",[\"" });
        push_hex(&mut json, registration.as_bytes());
        json.push_str("\",");
        json.push_str(&at.0.to_string());
        json.push(']');
    }
    json.push(']');
    json
}

/// Retires within the caller's transaction every registration that holds the token and was not registered
/// after `since`; what waited for them ends at `at`. Adds which they were, who is to be told, and what waits no more.
pub(super) async fn retire(
    connection: &mut SqliteConnection,
    token: TokenHash,
    since: UnixMillis,
    at: UnixMillis,
    entropy: &dyn Entropy,
    (retired, to_tell, change): (&mut Vec<RegistrationId>, &mut ToTell, &mut Change),
) -> Result<(), StorageError> {
    let of_token = |statement| sqlx::query(statement).bind(token.0.to_vec()).bind(since.0);
    end_waiting(connection, of_token(OF_TOKEN), at, change).await?;
    let ended = of_token(FORGET_SUBSCRIPTIONS);
    end_subscriptions(connection, ended, SubscriptionEnd::Unregistered, at, entropy, to_tell).await?;
    for row in of_token(FORGET_REGISTRATIONS).fetch_all(connection).await.map_err(failure)? {
        retired.push(id(&row, 0)?);
    }
    Ok(())
}
