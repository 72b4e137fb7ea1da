//! Credentials that were just read: a sender that sends all the time is looked up once a second.
//!
//! Whoever writes a sender or a credential empties it when the transaction has ended, so that a suspension holds at
//! once. Should that be missed (a caller dropped in the middle of a commit), an entry is a second old at most. This
//! process holds the database alone; an engine that several share must not keep one.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Credential, CredentialId};

/// How long an entry counts.
const AGE: Duration = Duration::from_secs(1);
/// The most entries, some 150 bytes each.
const MOST: usize = 10_000;

/// Credentials that were read within the last second.
#[derive(Default)]
pub(super) struct CredentialCache(Mutex<Recent>);

#[derive(Default)]
struct Recent {
    /// How often it was emptied.
    emptied: u64,
    read: HashMap<CredentialId, (Instant, Credential)>,
}

/// What the cache was when a query began.
#[derive(Clone, Copy)]
pub(super) struct Before(u64);

impl CredentialCache {
    /// The credential with this id, or what [`CredentialCache::keep`] wants to know.
    pub(super) fn find(&self, id: CredentialId) -> Result<Credential, Before> {
        let recent = self.lock();
        match recent.read.get(&id) {
            Some((read, credential)) if read.elapsed() < AGE => Ok(credential.clone()),
            _ => Err(Before(recent.emptied)),
        }
    }

    /// Keeps what was read, unless something was written since before the query.
    pub(super) fn keep(&self, before: Before, credential: &Credential) {
        let mut recent = self.lock();
        if recent.emptied != before.0 {
            return;
        }
        if recent.read.len() >= MOST {
            recent.read.clear();
        }
        recent.read.insert(credential.id, (Instant::now(), credential.clone()));
    }

    /// A sender or a credential was written.
    pub(super) fn empty(&self) {
        let mut recent = self.lock();
        recent.emptied += 1;
        recent.read.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Recent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContentPolicy, Scopes, SecretHash, SenderId, SenderState};

    fn credential() -> Credential {
        Credential {
            id: CredentialId::from_bytes([1; 16]),
            sender: SenderId::from_bytes([2; 16]),
            secret_hash: SecretHash([3; 32]),
            scopes: Scopes::ALL,
            expires_at: None,
            last_used_day: None,
            sender_state: SenderState::Active,
            content_policy: ContentPolicy::SealedOnly,
        }
    }

    fn before(cache: &CredentialCache) -> Before {
        cache.find(credential().id).expect_err("nothing is kept yet")
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_counts_for_a_second() {
        let cache = CredentialCache::default();
        cache.keep(before(&cache), &credential());
        assert!(cache.find(credential().id).is_ok());
        tokio::time::advance(AGE).await;
        assert!(cache.find(credential().id).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_before_a_write_is_not_kept() {
        let cache = CredentialCache::default();
        let before = before(&cache);
        cache.empty();
        cache.keep(before, &credential());
        assert!(cache.find(credential().id).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_empties_it() {
        let cache = CredentialCache::default();
        cache.keep(before(&cache), &credential());
        cache.empty();
        assert!(cache.find(credential().id).is_err());
    }
}
