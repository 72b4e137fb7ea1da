//! The one value behind all traits of this engine.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::Mutex;

use super::backlog::Backlog;
use super::connections::Connections;
use super::credential_cache::CredentialCache;
use super::erasures::Erasures;
use super::lock_file::LockFile;
use super::overwriting::Overwriting;
use super::promise::PromiseRows;
use super::reach::FoundRow;
use super::recently_ended::RecentlyEnded;
use super::rekey::RekeyWalk;
use super::removals::{Removal, Removals};
use super::stopped_senders::StoppedSenders;
use crate::base::{Bells, Coalesced, Entropy, Live, UnixMillis};
use crate::model::{Credential, CredentialId, NotificationId, SenderId, SubscriptionId, UnderWay};
use crate::privacy::{Cipher, Pseudonyms};
use crate::storage::{Enqueued, Known, StorageError, UsageRecorder};

/// At most so many questions are answered by one query, and so many promises by one commit.
const MOST: usize = 256;

/// A relay's store in one SQLite database. Made by [`SqliteStore::open`].
pub struct SqliteStore {
    pub(super) connections: Connections,
    /// Replaced when the storage key is rotated: whoever does several things with it asks once.
    pub(super) cipher: Live<Cipher>,
    pub(super) pseudonyms: Arc<Pseudonyms>,
    pub(super) rekey: Mutex<RekeyWalk>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) recent_credentials: CredentialCache,
    pub(super) stopped_senders: StoppedSenders,
    pub(super) under_way: UnderWay,
    pub(super) recently_ended: RecentlyEnded,
    pub(super) backlog: Backlog,
    pub(super) usage_recorder: UsageRecorder,
    /// Whether nobody may share anything.
    pub(super) sharing_is_locked: AtomicBool,
    /// Who walks over the whole outbox: one at a time, so that the connections that read are there for others.
    pub(super) walk: Mutex<()>,
    pub(super) feedback_bells: Bells<SenderId>,
    pub(super) credentials: Coalesced<CredentialId, Option<Credential>>,
    pub(super) reaches: Coalesced<SubscriptionId, Option<FoundRow>>,
    pub(super) known: Coalesced<(SenderId, NotificationId), Option<Known>>,
    pub(super) promises: Coalesced<Arc<PromiseRows>, Enqueued>,
    /// Where erased senders are noted outside the database; `None` for one in memory.
    pub(super) erasures: Option<Erasures>,
    /// Where removed registrations and subscriptions are noted outside the database; `None` for one in memory.
    pub(super) removals: Option<Removals>,
    pub(super) overwriting: Overwriting,
    // Dropped last: the database belongs to this process until its connections are closed.
    _lock: Option<LockFile>,
}

impl SqliteStore {
    pub(super) fn new(
        connections: Connections,
        lock: Option<LockFile>,
        lists: Option<(Erasures, Removals)>,
        (backlog, usage_recorder): (Backlog, UsageRecorder),
        cipher: Cipher,
        pseudonyms: Pseudonyms,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let (erasures, removals) = lists.unzip();
        let overwriting = Overwriting::default();
        // A process that was killed may have left bytes in the log of what it erased.
        overwriting.ask();
        Self {
            connections,
            cipher: Live::new(cipher),
            pseudonyms: Arc::new(pseudonyms),
            rekey: Mutex::default(),
            entropy,
            recent_credentials: CredentialCache::default(),
            stopped_senders: StoppedSenders::default(),
            under_way: UnderWay::default(),
            recently_ended: RecentlyEnded::default(),
            backlog,
            usage_recorder,
            sharing_is_locked: AtomicBool::new(false),
            walk: Mutex::default(),
            feedback_bells: Bells::default(),
            credentials: Coalesced::new(MOST),
            reaches: Coalesced::new(MOST),
            known: Coalesced::new(MOST),
            promises: Coalesced::new(MOST),
            erasures,
            removals,
            overwriting,
            _lock: lock,
        }
    }

    /// Makes what was erased vanish from the files, now.
    pub(super) async fn overwrite(&self) -> Result<(), StorageError> {
        self.overwriting.overwrite(&mut *self.connections.write().await).await
    }

    /// What follows when something was removed on request and that is on the disk.
    pub(super) fn note_removed(&self, removal: Removal, at: UnixMillis) {
        if let Some(removals) = &self.removals {
            removals.note(removal, at);
        }
        self.overwriting.ask();
    }
}
