//! The database: whole, of this release's schema, under the configured key, and writable.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::{Area, Finding};
use crate::config::{Account, Config};
use crate::privacy::StorageKeyring;
use crate::storage::StorageError;
use crate::storage::sqlite::{Inspection, KeyFit, inspect, try_writing};

const RESTORE: &str = "stop the relay and restore the last backup: `sealpush storage restore`";

/// `runs`: a relay answers, and has the database.
pub(super) async fn findings(config: &Config, runs: bool) -> Vec<Finding> {
    let path = &config.storage.path;
    let shown = path.display().to_string();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return vec![Finding::skipped(
                Area::Database,
                shown,
                "is not there yet; the first start makes it",
            )];
        }
        Err(error) => {
            return vec![
                Finding::failed(Area::Database, shown, format!("cannot be opened ({error})"))
                    .mend("run this as the relay's user, for example with `sudo -u sealpush`"),
            ];
        }
    };
    let mut findings = match inspect(path, &StorageKeyring::of(&config.storage)).await {
        Ok(inspection) => inspected(&shown, &inspection, runs),
        Err(error) => return vec![refused(&shown, &error)],
    };
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        let text = format!("mode {mode:04o}: others can read when and to whom something was sent");
        findings.push(Finding::warning(Area::Database, &shown, text).mend(format!("`chmod 600 {shown}`")));
    }
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    findings.push(if runs {
        Finding::fine(
            Area::Database,
            shown,
            "belongs to the running relay, which says above whether it can be written",
        )
    } else if is_ours {
        written(&shown, try_writing(path).await, config)
    } else {
        let owner = Account::name_of(metadata.uid());
        Finding::skipped(Area::Database, shown, format!("whether it can be written: only {owner} can tell"))
            .mend(format!("`sudo -u {owner} sealpush check`"))
    });
    findings
}

fn inspected(shown: &str, found: &Inspection, runs: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match &found.damage {
        Some(damage) => {
            Finding::failed(Area::Database, shown, format!("is damaged ({damage})")).mend(RESTORE)
        }
        None => Finding::fine(Area::Database, shown, "is whole"),
    });
    findings.extend(of_key(shown, found.key));
    let (schema, newest) = (found.schema, found.newest);
    if schema > newest {
        let text = format!("has schema {schema}, and this release knows {newest}");
        findings.push(
            Finding::failed(Area::Database, shown, text)
                .mend("use the newer release, or restore a backup from before the update"),
        );
    } else if schema < newest {
        let text =
            format!("has schema {schema}; the next start brings it to {newest}, and there is no way back");
        findings.push(
            Finding::warning(Area::Database, shown, text)
                .mend("`sealpush storage backup FILE` before the start"),
        );
    }
    // A start gives it one; without a relay it may rightly have none, after a restore.
    if runs && !found.write_ahead {
        findings.push(
            Finding::warning(Area::Database, shown, "has no write-ahead log: senders wait for one another")
                .mend("restart the relay; if it stays so, the database is on a file system that SQLite cannot share memory on, such as NFS"),
        );
    }
    findings
}

fn of_key(shown: &str, fit: KeyFit) -> Option<Finding> {
    const ROTATE: &str = "`sealpush keys rotate storage`";
    let warning = |text: &str, mend: String| Some(Finding::warning(Area::Database, shown, text).mend(mend));
    match fit {
        KeyFit::Fits | KeyFit::None => None,
        KeyFit::NotBegun => warning(
            "is kept under the second of two storage keys",
            format!("{ROTATE}, or the next start, moves everything to the first"),
        ),
        KeyFit::GoesOn => warning(
            "is on its way to a new storage key",
            format!("{ROTATE} shows how far it is, and takes the key before out of its file in the end"),
        ),
        KeyFit::Done => warning(
            "is under the new storage key, and the one before is still in the key file",
            format!("{ROTATE} takes it out"),
        ),
        KeyFit::Other => Some(refused(shown, &StorageError::WrongKey)),
        KeyFit::BeforeMissing => Some(refused(shown, &StorageError::KeyBeforeMissing)),
    }
}

fn refused(shown: &str, error: &StorageError) -> Finding {
    Finding::failed(Area::Database, shown, error.to_string()).mend(mend_of(error))
}

fn written(shown: &str, tried: Result<(), StorageError>, config: &Config) -> Finding {
    match tried {
        Ok(()) => Finding::fine(Area::Database, shown, "can be written"),
        Err(error @ StorageError::Locked(_)) => {
            let socket = config.operator.socket.display();
            Finding::failed(
                Area::Database,
                shown,
                format!("another process has it, and no relay answers at {socket}"),
            )
            .mend(mend_of(&error))
        }
        Err(error) => Finding::failed(Area::Database, shown, error.to_string()).mend(mend_of(&error)),
    }
}

fn mend_of(error: &StorageError) -> &'static str {
    match error {
        StorageError::Unwritable(_) => {
            "free room, and see that file and folder belong to the relay's user and are not on a disk that is mounted read-only"
        }
        StorageError::Locked(_) => {
            "two relays with one database? Stop the other one, or give this one storage.path and operator.socket of its own"
        }
        StorageError::Schema(_) => {
            "storage.path must name the relay's own database, and the release must not be older than it"
        }
        StorageError::WrongKey => {
            "storage.key_file must name the key that the database is kept under; look into your copies"
        }
        StorageError::KeyBeforeMissing => {
            "look into your copies of the key file: the one from during the rotation has both keys"
        }
        StorageError::Corrupt(_) => RESTORE,
        StorageError::Engine(_) => "run this as the relay's user; if it goes on, restore the last backup",
    }
}
