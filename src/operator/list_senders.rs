//! Lists senders, page by page.

use super::{Operator, PAGE};
use crate::model::{Sender, SenderId};
use crate::storage::StorageError;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListSendersError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Some senders, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderPage {
    /// At most [`PAGE`].
    pub senders: Vec<Sender>,
    /// Where the next page begins, if there is one: after this sender.
    pub next: Option<SenderId>,
}

impl Operator {
    /// The senders after `after`, or from the first on.
    pub async fn list_senders(&self, after: Option<SenderId>) -> Result<SenderPage, ListSendersError> {
        // One more than is shown tells whether there is a next page.
        let mut senders = self.senders.list(after, PAGE + 1).await?;
        let more = senders.len() > PAGE as usize;
        senders.truncate(PAGE as usize);
        let next = if more { senders.last().map(|sender| sender.id) } else { None };
        Ok(SenderPage { senders, next })
    }
}
