//! Shows what senders share of their usage. There is no action that switches any of it on.

use super::{Operator, PAGE};
use crate::model::{SenderId, SenderName, UsageRecords};
use crate::privacy::first_open_day;
use crate::storage::StorageError;

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum SharedUsageError {
    /// There is none with this id.
    #[error("there is no sender {0}")]
    NoSuchSender(SenderId),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Some senders that share something, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsagePage {
    /// At most [`PAGE`], each with what it shares.
    pub senders: Vec<(SenderId, SenderName, UsageRecords)>,
    /// Where the next page begins, if there is one: after this sender.
    pub next: Option<SenderId>,
}

impl Operator {
    /// What a sender shares, of days that are over. Nothing tells one that shares nothing from one of which there are no
    /// figures.
    pub async fn shared_usage(&self, id: SenderId) -> Result<UsageRecords, SharedUsageError> {
        self.senders.find(id).await?.ok_or(SharedUsageError::NoSuchSender(id))?;
        Ok(self.sharing.usage(id).await?.before(first_open_day(self.clock.now())))
    }

    /// The senders after `after`, or from the first on, of which there is something to show.
    pub async fn list_shared_usage(&self, after: Option<SenderId>) -> Result<UsagePage, SharedUsageError> {
        // One more than is shown tells whether there is a next page.
        let mut found = self.sharing.senders_with_usage(after, PAGE + 1).await?;
        let more = found.len() > PAGE as usize;
        found.truncate(PAGE as usize);
        let next = if more { found.last().map(|(id, _)| *id) } else { None };
        let (mut senders, open) = (Vec::with_capacity(found.len()), first_open_day(self.clock.now()));
        for (id, name) in found {
            let records = self.sharing.usage(id).await?.before(open);
            // What it shares today is not shown yet.
            if records != UsageRecords::default() {
                senders.push((id, name, records));
            }
        }
        Ok(UsagePage { senders, next })
    }
}
