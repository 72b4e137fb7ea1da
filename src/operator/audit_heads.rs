//! The audit log's heads, day by day: what anybody can note today and hold the operator to tomorrow.
//!
//! A head tells nothing of what is in the log, and only of whole days whether anything is new in it: no numbers, which
//! would count what happened, and no times. Must not know who asks.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::{Clock, Day};
use crate::storage::{Audit, Storage, StorageError};

/// So many days are shown.
const DAYS: i32 = 30;

/// The head of the log when a day had ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayHead {
    /// The day, in UTC.
    pub day: Day,
    /// The hash of the last entry then.
    pub hash: [u8; 32],
}

/// The heads of the last days.
pub struct AuditHeads {
    audit: Arc<dyn Audit>,
    clock: Arc<dyn Clock>,
    /// What was found on the day on which it was asked for: whoever asks again costs no query.
    known: Mutex<Option<(Day, Arc<[DayHead]>)>>,
}

impl AuditHeads {
    /// Those of this store's log.
    #[must_use]
    pub fn new(store: &Storage, clock: Arc<dyn Clock>) -> Self {
        Self { audit: Arc::clone(&store.audit), clock, known: Mutex::default() }
    }

    /// The heads of the last 30 days that have ended, the latest first; none of days before the first entry.
    pub async fn daily(&self) -> Result<Arc<[DayHead]>, StorageError> {
        let today = self.clock.now().day();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((on, heads)) = known
            && on == today
        {
            return Ok(heads);
        }
        let mut heads = Vec::new();
        for ago in 1..=DAYS {
            let day = Day(today.0 - ago);
            let Some(head) = self.audit.head_before(Day(day.0 + 1).begins()).await? else { break };
            heads.push(DayHead { day, hash: head.hash });
        }
        let heads: Arc<[DayHead]> = heads.into();
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((today, Arc::clone(&heads)));
        Ok(heads)
    }
}
