//! The list of senders that were erased, beside the database: what an old backup must not bring back.
//!
//! One line for each, with the day and a hash of the id, in a file that lives on when the database is replaced or
//! lost. The audit log is where the truth is: what a crash kept out of the list is added at the next start.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use super::failure::failure;
use crate::base::UnixMillis;
use crate::model::SenderId;
use crate::storage::StorageError;

/// The action of every audit entry about an erased sender.
const ERASED: &str = "SELECT subject, at FROM audit_log WHERE action = 'sender.erase' ORDER BY sequence";

/// The list beside one database.
pub(super) struct Erasures {
    file: PathBuf,
}

impl Erasures {
    /// The list beside the database at `path`.
    pub(super) fn beside(database: &Path) -> Self {
        let mut name = OsString::from(database);
        name.push(".erased");
        Self { file: name.into() }
    }

    /// Adds what is in the audit log of this database and not in the list.
    pub(super) async fn complete(&self, connection: &mut SqliteConnection) -> Result<(), StorageError> {
        let known = self.read();
        let missing: Vec<_> = erased(connection)
            .await?
            .into_iter()
            .map(|(id, at)| (hash(id), at))
            .filter(|(hash, _)| !known.contains(hash))
            .collect();
        self.add(&missing).map_err(|_| StorageError::Unwritable("the list of erased senders beside it"))
    }

    /// Notes that a sender was erased.
    pub(super) fn note(&self, sender: SenderId, at: UnixMillis) {
        // The erasure is done and in the audit log; should this fail, the next start adds it.
        let _ = self.add(&[(hash(sender), at)]);
    }

    /// Whether a sender is in the list.
    pub(super) fn read(&self) -> HashSet<String> {
        let text = fs::read_to_string(&self.file).unwrap_or_default();
        text.lines().filter_map(|line| Some(line.split_once(' ')?.1.trim().to_owned())).collect()
    }

    fn add(&self, lines: &[(String, UnixMillis)]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.file)?;
        for (hash, at) in lines {
            // One write for each line, so that a crash leaves whole lines.
            file.write_all(format!("{} {hash}\n", at.day()).as_bytes())?;
        }
        file.sync_data()
    }
}

/// The senders that the audit log of a database says were erased, and when.
pub(super) async fn erased(
    connection: &mut SqliteConnection,
) -> Result<Vec<(SenderId, UnixMillis)>, StorageError> {
    let rows = sqlx::query(ERASED).fetch_all(connection).await.map_err(failure)?;
    let of = |row: &sqlx::sqlite::SqliteRow| {
        let subject: &str = row.try_get(0).ok()?;
        Some((subject.parse().ok()?, UnixMillis(row.try_get(1).ok()?)))
    };
    Ok(rows.iter().filter_map(of).collect())
}

/// What stands in the list for a sender. Its id is 122 random bits: nobody who does not have it can guess it.
pub(super) fn hash(sender: SenderId) -> String {
    let mut hash = Sha256::new();
    hash.update(b"sealpush/1 erased sender\0");
    hash.update(sender.as_bytes());
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;

    #[test]
    fn the_list_has_hashes_and_days_and_its_owner_alone_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let list = Erasures::beside(&folder.path().join("relay.db"));
        let sender = SenderId::random(&OsEntropy);

        list.note(sender, UnixMillis(1_763_683_200_000));

        let file = folder.path().join("relay.db.erased");
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text, format!("2025-11-21 {}\n", hash(sender)));
        assert!(!text.contains(&sender.to_string()) && list.read().contains(&hash(sender)));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
}
