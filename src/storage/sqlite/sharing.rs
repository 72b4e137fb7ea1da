//! What senders' administrators agreed to share, and the end of what was shared. Read next: `shared_usage.rs`.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::audit;
use super::failure::failure;
use super::row::{id, number, parsed, some_parsed, time};
use super::senders;
use super::store::SqliteStore;
use crate::base::{Day, UnixMillis};
use crate::model::{
    Agreement, AuditEntry, Categories, Category, SenderId, SenderName, UsageRecords, WantedCategory,
};
use crate::storage::{ActError, PresentUsage, Shared, Sharing, StorageError, UsageRecorder};

const OF_SENDER: &str = "SELECT category, wording, agreed_at, address FROM sharing WHERE sender = $1";

const OF_ALL: &str = "SELECT sender, category, wording FROM sharing";

const AGREE: &str = "
INSERT INTO sharing (sender, category, wording, agreed_at, address) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (sender, category) DO UPDATE
SET wording = excluded.wording, agreed_at = excluded.agreed_at, address = excluded.address";

const WITHDRAW: &str = "DELETE FROM sharing WHERE sender = $1 AND category = $2";

const ANYBODY: &str = "SELECT count(DISTINCT sender) FROM sharing";

/// All that is there because of sharing.
pub(super) const END_SHARING: [&str; 4] = [
    "DELETE FROM shared_volume",
    "DELETE FROM shared_devices",
    "DELETE FROM shared_software",
    "DELETE FROM sharing",
];

/// What a category has collected of one sender. What `contact` collects stands with the agreement.
fn collected(category: Category) -> Option<&'static str> {
    match category {
        Category::Volume => Some("DELETE FROM shared_volume WHERE sender = $1"),
        Category::Devices => Some("DELETE FROM shared_devices WHERE sender = $1"),
        Category::Software => Some("DELETE FROM shared_software WHERE sender = $1"),
        Category::Contact => None,
    }
}

/// Tells the recorder what is agreed to, when the database is opened.
pub(super) async fn read_agreed(
    connection: &mut SqliteConnection,
    recorder: &UsageRecorder,
) -> Result<(), StorageError> {
    let rows = sqlx::query(OF_ALL).fetch_all(connection).await.map_err(failure)?;
    let mut agreed: HashMap<SenderId, Vec<Category>> = HashMap::new();
    for row in &rows {
        let category: Category = parsed(row, 1)?;
        if number::<u32>(row, 2)? == category.wording().version {
            agreed.entry(id(row, 0)?).or_default().push(category);
        }
    }
    for (sender, categories) in agreed {
        recorder.agree(sender, categories.into_iter().collect());
    }
    Ok(())
}

async fn agreements(
    connection: &mut SqliteConnection,
    sender: SenderId,
) -> Result<Vec<Agreement>, StorageError> {
    let query = sqlx::query(OF_SENDER).bind(sender.as_bytes().to_vec());
    let rows = query.fetch_all(connection).await.map_err(failure)?;
    let mut agreements = rows.iter().map(agreement).collect::<Result<Vec<_>, _>>()?;
    agreements.sort_by_key(|agreement| agreement.category);
    Ok(agreements)
}

fn agreement(row: &SqliteRow) -> Result<Agreement, StorageError> {
    Ok(Agreement {
        category: parsed(row, 0)?,
        wording: number(row, 1)?,
        agreed_at: time(row, 2)?,
        address: some_parsed(row, 3)?,
    })
}

/// What becomes of one category.
enum Step {
    Stay(Agreement),
    Agree(Agreement),
    Withdraw(Category),
}

/// What becomes of each category, or the one whose wording is another now.
fn steps(there: &[Agreement], wanted: &[WantedCategory], at: UnixMillis) -> Result<Vec<Step>, Category> {
    let mut steps = Vec::new();
    for category in Category::ALL {
        let there = there.iter().find(|agreement| agreement.category == category);
        let wanted = wanted.iter().find(|wanted| wanted.category == category);
        match (there, wanted) {
            (None, None) => {}
            (Some(_), None) => steps.push(Step::Withdraw(category)),
            // Also in words of before: nobody has to agree to new ones to leave something else off.
            (Some(there), Some(wanted))
                if (there.wording, &there.address) == (wanted.wording, &wanted.address) =>
            {
                steps.push(Step::Stay(there.clone()));
            }
            (_, Some(wanted)) if wanted.wording != category.wording().version => return Err(category),
            (_, Some(WantedCategory { category, wording, address })) => {
                let (category, wording, address) = (*category, *wording, address.clone());
                steps.push(Step::Agree(Agreement { category, wording, agreed_at: at, address }));
            }
        }
    }
    Ok(steps)
}

async fn agree(
    connection: &mut SqliteConnection,
    sender: SenderId,
    agreement: &Agreement,
) -> Result<(), StorageError> {
    sqlx::query(AGREE)
        .bind(sender.as_bytes().to_vec())
        .bind(agreement.category.as_str())
        .bind(agreement.wording)
        .bind(agreement.agreed_at.0)
        .bind(agreement.address.as_ref().map(|address| address.as_str().to_owned()))
        .execute(connection)
        .await
        .map_err(failure)?;
    Ok(())
}

async fn withdraw(
    connection: &mut SqliteConnection,
    sender: SenderId,
    category: Category,
) -> Result<(), StorageError> {
    let query = sqlx::query(WITHDRAW).bind(sender.as_bytes().to_vec()).bind(category.as_str());
    query.execute(&mut *connection).await.map_err(failure)?;
    if let Some(statement) = collected(category) {
        let query = sqlx::query(statement).bind(sender.as_bytes().to_vec());
        query.execute(connection).await.map_err(failure)?;
    }
    Ok(())
}

#[async_trait]
impl Sharing for SqliteStore {
    fn recorder(&self) -> &UsageRecorder {
        &self.usage_recorder
    }

    async fn agreements(&self, sender: SenderId) -> Result<Vec<Agreement>, StorageError> {
        agreements(&mut *self.connections.read().await, sender).await
    }

    async fn share(
        &self,
        sender: SenderId,
        wanted: &[WantedCategory],
        entry: &AuditEntry,
    ) -> Result<Shared, ActError> {
        let mut transaction = self.begin_as(entry).await?;
        if self.sharing_is_locked.load(Ordering::Acquire) && !wanted.is_empty() {
            return Ok(Shared::LockedOff);
        }
        if senders::find(&mut transaction, sender).await?.is_none() {
            return Ok(Shared::NoSuchSender);
        }
        let there = agreements(&mut transaction, sender).await?;
        let steps = match steps(&there, wanted, entry.at) {
            Ok(steps) => steps,
            Err(category) => return Ok(Shared::OtherWording(category)),
        };
        let (mut shared, mut changed, mut erased) = (Vec::new(), false, false);
        for step in steps {
            // Neither the address nor a figure stands in the log.
            let (action, detail) = match step {
                Step::Stay(agreement) => {
                    shared.push(agreement);
                    continue;
                }
                Step::Agree(agreement) => {
                    agree(&mut transaction, sender, &agreement).await?;
                    let detail = format!("{} wording={}", agreement.category, agreement.wording);
                    erased |= there.iter().any(|before| before.category == agreement.category);
                    shared.push(agreement);
                    ("sharing.on", detail)
                }
                Step::Withdraw(category) => {
                    withdraw(&mut transaction, sender, category).await?;
                    erased = true;
                    ("sharing.off", category.to_string())
                }
            };
            changed = true;
            audit::append(&mut transaction, &AuditEntry { action, detail, ..entry.clone() }).await?;
        }
        if changed {
            let held: Categories = shared.iter().filter(|one| one.holds()).map(|one| one.category).collect();
            transaction.commit_then(|| self.usage_recorder.agree(sender, held)).await?;
        }
        if erased {
            self.overwrite().await?;
        }
        Ok(Shared::Done(shared))
    }

    async fn usage(&self, sender: SenderId) -> Result<UsageRecords, StorageError> {
        self.read_usage(sender).await
    }

    async fn present_usage(
        &self,
        sender: SenderId,
        notifications: u32,
    ) -> Result<PresentUsage, StorageError> {
        self.read_present_usage(sender, notifications).await
    }

    async fn forget_usage(&self, sender: SenderId, entry: &AuditEntry) -> Result<(), ActError> {
        let mut transaction = self.begin_as(entry).await?;
        for statement in Category::ALL.into_iter().filter_map(collected) {
            let query = sqlx::query(statement).bind(sender.as_bytes().to_vec());
            query.execute(&mut *transaction).await.map_err(failure)?;
        }
        audit::append(&mut transaction, entry).await?;
        transaction.commit_then(|| self.usage_recorder.forget(sender)).await?;
        self.overwrite().await?;
        Ok(())
    }

    async fn write_usage(&self, now: UnixMillis) -> Result<(), StorageError> {
        self.write_recorded(now).await
    }

    async fn forget_usage_before(&self, day: Day, limit: u32) -> Result<u64, StorageError> {
        self.forget_recorded_before(day, limit).await
    }

    async fn senders_with_usage(
        &self,
        after: Option<SenderId>,
        limit: u32,
    ) -> Result<Vec<(SenderId, SenderName)>, StorageError> {
        self.find_senders_with_usage(after, limit).await
    }

    async fn lock_off(&self, entry: &AuditEntry) -> Result<u64, StorageError> {
        self.sharing_is_locked.store(true, Ordering::Release);
        // Behind whoever is about to agree to something. Usually nothing is there, and then nothing is written.
        let senders = {
            let mut writer = self.connections.write().await;
            let row = sqlx::query(ANYBODY).fetch_one(&mut *writer).await.map_err(failure)?;
            number::<u64>(&row, 0)?
        };
        if senders == 0 {
            self.usage_recorder.forget_all();
            return Ok(0);
        }
        let mut transaction = self.connections.begin().await?;
        let row = sqlx::query(ANYBODY).fetch_one(&mut *transaction).await.map_err(failure)?;
        let senders = number::<u64>(&row, 0)?;
        for statement in END_SHARING {
            sqlx::query(statement).execute(&mut *transaction).await.map_err(failure)?;
        }
        audit::append(&mut transaction, entry).await?;
        transaction.commit_then(|| self.usage_recorder.forget_all()).await?;
        self.overwrite().await?;
        Ok(senders)
    }

    fn unlock(&self) {
        self.sharing_is_locked.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(category: Category, wording: u32) -> WantedCategory {
        WantedCategory { category, wording, address: None }
    }

    fn agreed(category: Category, wording: u32) -> Agreement {
        Agreement { category, wording, agreed_at: UnixMillis(1), address: None }
    }

    fn named(steps: Result<Vec<Step>, Category>) -> Result<Vec<String>, Category> {
        let name = |step: &Step| match step {
            Step::Stay(agreement) => format!("stay {}", agreement.wording),
            Step::Agree(agreement) => format!("agree {}", agreement.wording),
            Step::Withdraw(_) => "withdraw".to_owned(),
        };
        steps.map(|steps| steps.iter().map(name).collect())
    }

    #[test]
    fn what_was_agreed_in_other_words_stays_or_is_renewed_and_nothing_else_is_agreed_in_them() {
        let (volume, today) = (Category::Volume, Category::Volume.wording().version);
        let before = today - 1;
        let at = UnixMillis(2);
        for (there, wanted, expected) in [
            (None, Some(today), Ok(vec![format!("agree {today}")])),
            (None, Some(before), Err(volume)),
            (Some(before), Some(before), Ok(vec![format!("stay {before}")])),
            (Some(before), Some(today), Ok(vec![format!("agree {today}")])),
            (Some(today), Some(before), Err(volume)),
            (Some(today), Some(today), Ok(vec![format!("stay {today}")])),
            (Some(before), None, Ok(vec!["withdraw".to_owned()])),
        ] {
            let there: Vec<_> = there.map(|wording| agreed(volume, wording)).into_iter().collect();
            let wanted: Vec<_> = wanted.map(|wording| of(volume, wording)).into_iter().collect();
            assert_eq!(named(steps(&there, &wanted, at)), expected, "{there:?} {wanted:?}");
        }
    }
}
