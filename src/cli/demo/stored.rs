//! What the relay's database holds about one notification and its phone, row by row.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use crate::cli::device::Phone;
use crate::model::{NotificationId, RegistrationId, SubscriptionId};
use crate::storage::sqlite::{ShownCell, ShownTable, shown_tables};

/// The relay answers before it notes the outcome; the note follows within a commit.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// A row: column by column, bytes as their number.
pub(crate) type ShownRow = Map<String, Value>;

/// The rows that have to do with one notification.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct StoredView {
    /// The phone's row.
    pub(crate) registration: ShownRow,
    /// Its server's right to reach it.
    pub(crate) subscription: ShownRow,
    /// The notification, with its outcome.
    pub(crate) notification: ShownRow,
    /// Deliveries that wait for this phone, each with its envelope or placeholder.
    pub(crate) waiting: usize,
}

impl StoredView {
    /// Reads the rows beside the running relay.
    pub(crate) async fn of(database: &Path, phone: &Phone, notification: &str) -> anyhow::Result<Self> {
        let registration: RegistrationId = phone.registered().registration.parse()?;
        let subscription = SubscriptionId::from_bytes(*phone.subscription().as_bytes());
        let notification: NotificationId = notification.parse()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let tables = shown_tables(database).await?;
            let row = |name: &str, id: &[u8]| table(&tables, name).and_then(|table| first(table, id));
            if let Some(notification) = row("notifications", notification.as_bytes()) {
                let waiting = table(&tables, "deliveries").context("the database has no deliveries")?;
                return Ok(Self {
                    registration: row("registrations", registration.as_bytes()).context("no registration")?,
                    subscription: row("subscriptions", subscription.as_bytes()).context("no subscription")?,
                    notification,
                    waiting: waiting.rows_with("subscription", subscription.as_bytes()).count(),
                });
            }
            anyhow::ensure!(Instant::now() < deadline, "the relay did not note the outcome");
            sleep(PAUSE).await;
        }
    }

    /// The number of bytes in a column of a row.
    pub(crate) fn bytes(row: &ShownRow, column: &str) -> u64 {
        row.get(column).and_then(|cell| cell.get("bytes")).and_then(Value::as_u64).unwrap_or(0)
    }

    /// The text in a column of a row.
    pub(crate) fn text<'a>(row: &'a ShownRow, column: &str) -> &'a str {
        row.get(column).and_then(Value::as_str).unwrap_or_default()
    }
}

fn table<'a>(tables: &'a [ShownTable], name: &str) -> Option<&'a ShownTable> {
    tables.iter().find(|table| table.name == name)
}

fn first(table: &ShownTable, id: &[u8]) -> Option<ShownRow> {
    let row = table.rows_with("id", id).next()?;
    Some(row.iter().map(|(column, cell)| (column.clone(), described(cell))).collect())
}

/// A cell without its bytes.
fn described(cell: &ShownCell) -> Value {
    match cell {
        ShownCell::Null => Value::Null,
        ShownCell::Integer(number) => Value::from(*number),
        ShownCell::Text(text) => Value::from(text.as_str()),
        ShownCell::Bytes(bytes) => serde_json::json!({"bytes": bytes.len()}),
    }
}
