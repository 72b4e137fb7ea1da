//! The relay's own keys: which there are, and how the storage key is rotated while the relay runs.
//!
//! Owns when everything moves from one storage key to the next, how fast, and the audit entries of it. Must not write
//! key files: the command line does, as their owner. Read next: [`crate::storage::Rekey`].

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::base::Clock;
use crate::config::{Config, ConfigError, Mode};
use crate::model::{Actor, AuditEntry};
use crate::privacy::{RegistrationKeys, ShownRegistrationKeys, StorageKeyId, StorageKeyring};
use crate::storage::{Begun, KeysInUse, Rekey, RekeyProgress, Storage, StorageError};

/// Rows that move in one transaction: few, because everybody who writes waits meanwhile.
const STEP: u32 = 200;
/// Between two steps, for those who write.
const BREATH: Duration = Duration::from_millis(5);
/// How long one call goes on with a rotation before it says how far it is.
const A_WHILE: Duration = Duration::from_millis(500);
/// Between two lines of the log about a long rotation.
const TELL_EVERY: Duration = Duration::from_mins(1);
/// Before the next try where the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Why keys could not be shown or rotated. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The key file cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key file does not go on from the key in use.
    #[error("the key file does not hold the key in use, {0}, after a new one")]
    NotARotation(StorageKeyId),
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Which keys the relay has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysShown {
    /// The keys that the database is kept under.
    pub storage: KeysInUse,
    /// The keys of sealed registrations, where it takes those.
    pub registration: Option<ShownRegistrationKeys>,
}

/// Shows the relay's own keys, and rotates the storage key.
pub struct Keys {
    config_file: PathBuf,
    mode: Mode,
    at_start: StorageKeyring,
    registration: Arc<RegistrationKeys>,
    rekey: Arc<dyn Rekey>,
    clock: Arc<dyn Clock>,
    begun: Notify,
}

impl Keys {
    /// The keys of a relay with this config and store.
    #[must_use]
    pub fn new(
        config: &Config,
        store: &Storage,
        registration: Arc<RegistrationKeys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            config_file: config.file.clone(),
            mode: config.mode,
            at_start: StorageKeyring::of(&config.storage),
            registration,
            rekey: Arc::clone(&store.rekey),
            clock,
            begun: Notify::new(),
        }
    }

    /// Which keys there are now.
    pub async fn show(&self) -> Result<KeysShown, KeysError> {
        let storage = self.rekey.keys_in_use().await?;
        Ok(KeysShown { storage, registration: self.registration.shown(self.clock.now()) })
    }

    /// Reads the file of the storage key again, and begins to move everything to the key that is new in it.
    pub async fn rotate_storage_key(&self, by: Actor) -> Result<KeysShown, KeysError> {
        let place = Config::load_storage(&self.config_file, self.mode)?;
        self.begin(&StorageKeyring::of(&place), by).await?;
        self.show().await
    }

    async fn begin(&self, keys: &StorageKeyring, by: Actor) -> Result<(), KeysError> {
        let in_use = self.rekey.keys_in_use().await?;
        let detail = format!("before={}", in_use.current);
        let entry = self.entry(by, "storage_key.rotate", keys.newest.id(), detail);
        match self.rekey.begin_rekey(keys, &entry).await? {
            Begun::Done => {
                tracing::info!("everything moves to a new storage key");
                self.begun.notify_one();
                Ok(())
            }
            Begun::Already => Ok(()),
            Begun::NotARotation => Err(KeysError::NotARotation(in_use.current)),
        }
    }

    /// Goes on with a rotation for a while; how far it is.
    pub async fn go_on(&self) -> Result<RekeyProgress, KeysError> {
        let began = Instant::now();
        loop {
            let progress = self.step().await?;
            if progress.finished || began.elapsed() >= A_WHILE {
                return Ok(progress);
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// Goes on with what a rotation left, now and whenever one begins, until `shutdown`.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        // A command was cut off after it wrote the key file and before the relay heard of it.
        if self.at_start.before.is_some()
            && let Err(error) = self.begin(&self.at_start, Actor::Operator).await
        {
            tracing::error!(%error, "the storage key was not rotated");
        }
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.to_the_end() => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.begun.notified() => {}
            }
        }
    }

    async fn to_the_end(&self) {
        let (mut moved, mut told) = (false, Instant::now());
        loop {
            match self.step().await {
                Ok(RekeyProgress { finished: true, done, .. }) => {
                    if moved {
                        tracing::info!(count = done, "everything is under the new storage key");
                    }
                    return;
                }
                Ok(RekeyProgress { done, .. }) => {
                    moved = true;
                    if told.elapsed() >= TELL_EVERY {
                        told = Instant::now();
                        tracing::info!(count = done, "rows were looked at on the way to the new storage key");
                    }
                    tokio::time::sleep(BREATH).await;
                }
                Err(error) => {
                    tracing::error!(%error, "the store failed; trying again");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    async fn step(&self) -> Result<RekeyProgress, StorageError> {
        let in_use = self.rekey.keys_in_use().await?;
        let Some(previous) = in_use.previous else {
            return Ok(RekeyProgress { finished: true, ..RekeyProgress::default() });
        };
        let entry =
            self.entry(Actor::Operator, "storage_key.drop", previous, format!("current={}", in_use.current));
        self.rekey.rekey_step(STEP, &entry).await
    }

    fn entry(&self, actor: Actor, action: &'static str, subject: StorageKeyId, detail: String) -> AuditEntry {
        AuditEntry { at: self.clock.now(), actor, action, subject: subject.to_string(), detail }
    }
}
