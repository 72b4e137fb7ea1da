//! The list of registrations and subscriptions that were removed on request, beside the database: what an old backup must
//! not bring back.
//!
//! One line for each, with the day and a hash of the id, for as long as a backup may be old. It matters where the
//! database is lost or cannot be read: one that can be read tells by itself what it has no more. So a line is written when
//! the removal is on the disk, and not waited for; of senders, `erasures.rs` has the stricter list.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::base::{Day, UnixMillis};
use crate::model::{RegistrationId, SubscriptionId};

/// What was removed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Removal {
    /// A registration, by its app.
    Registration(RegistrationId),
    /// A subscription, by its app or its sender.
    Subscription(SubscriptionId),
}

impl Removal {
    /// What stands in the list for it. Its id is 122 random bits: nobody who does not have it can guess it.
    fn hash(self) -> String {
        let (kind, id): (&[u8], _) = match &self {
            Self::Registration(id) => (b"sealpush/1 removed registration\0", *id.as_bytes()),
            Self::Subscription(id) => (b"sealpush/1 removed subscription\0", *id.as_bytes()),
        };
        hex::encode(Sha256::new().chain_update(kind).chain_update(id).finalize())
    }
}

/// The list beside one database.
pub(super) struct Removals {
    file: PathBuf,
    /// The list is either added to or replaced.
    writing: Mutex<()>,
}

impl Removals {
    /// The list beside the database at `path`.
    pub(super) fn beside(database: &Path) -> Self {
        let mut name = OsString::from(database);
        name.push(".removed");
        Self { file: name.into(), writing: Mutex::default() }
    }

    /// Notes that something was removed.
    pub(super) fn note(&self, removal: Removal, at: UnixMillis) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.file);
        // One write, so that a crash leaves whole lines.
        let line = line(at.day(), &removal.hash());
        if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
            tracing::warn!(%error, "a removal is done, but not in the list that keeps an old backup from undoing it");
        }
    }

    /// What is in the list.
    pub(super) fn read(&self) -> Removed {
        Removed(lines(&fs::read_to_string(&self.file).unwrap_or_default()).collect())
    }

    /// Forgets what was removed before the day `before`.
    pub(super) fn forget(&self, before: Day) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match fs::read_to_string(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            text => text?,
        };
        if lines(&text).all(|(_, day)| day >= before) {
            return Ok(());
        }
        let kept = lines(&text).filter(|(_, day)| *day >= before);
        let kept = kept.fold(String::new(), |kept, (hash, day)| kept + &line(day, &hash));
        let mut new = self.file.clone().into_os_string();
        new.push(".new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(kept.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.file)
    }
}

/// What was removed, and on which day last.
pub(super) struct Removed(HashMap<String, Day>);

impl Removed {
    /// Whether it was removed on the day `made`, or later: what is newer was made again.
    pub(super) fn has(&self, removal: Removal, made: Day) -> bool {
        self.0.get(&removal.hash()).is_some_and(|removed| *removed >= made)
    }

    /// Whether nothing was removed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn line(day: Day, hash: &str) -> String {
    format!("{} {hash}\n", day.0)
}

fn lines(text: &str) -> impl Iterator<Item = (String, Day)> {
    text.lines().filter_map(|line| {
        let (day, hash) = line.split_once(' ')?;
        Some((hash.to_owned(), Day(day.parse().ok()?)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;

    const DAY: UnixMillis = UnixMillis(1_763_683_200_000);

    #[test]
    fn the_list_has_hashes_and_days_and_its_owner_alone_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let list = Removals::beside(&folder.path().join("relay.db"));
        let (registration, other) = (RegistrationId::random(&OsEntropy), RegistrationId::random(&OsEntropy));

        list.note(Removal::Registration(registration), DAY);

        let file = folder.path().join("relay.db.removed");
        assert!(!fs::read_to_string(&file).unwrap().contains(&hex::encode(registration.as_bytes())));
        let (removed, day) = (list.read(), DAY.day());
        assert!(removed.has(Removal::Registration(registration), day));
        assert!(!removed.has(Removal::Registration(registration), Day(day.0 + 1)), "it was made again");
        assert!(!removed.has(Removal::Registration(other), day));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_no_backup_can_have_any_more_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let list = Removals::beside(&folder.path().join("relay.db"));
        let [old, new] = [1, 2].map(|byte| Removal::Subscription(SubscriptionId::from_bytes([byte; 16])));
        let day = DAY.day();
        list.forget(day).unwrap();
        list.note(old, DAY);
        list.note(new, Day(day.0 + 1).begins());

        list.forget(Day(day.0 + 1)).unwrap();

        let removed = list.read();
        assert!(!removed.has(old, Day(0)) && removed.has(new, Day(0)));
        list.note(old, DAY);
        assert!(list.read().has(old, day), "the list goes on");
    }
}
