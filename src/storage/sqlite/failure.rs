//! What a failure of SQLite or of its driver means to the relay. No text made here holds a value.

use sqlx::migrate::MigrateError;

use crate::storage::StorageError;

/// The meaning of the driver's `error`.
pub(super) fn failure(error: sqlx::Error) -> StorageError {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse().ok()).unwrap_or(0);
            of_code(code, error.message())
        }
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => {
            StorageError::Corrupt("a column has another type than this release writes")
        }
        sqlx::Error::Io(error) => StorageError::Engine(error.kind().to_string()),
        sqlx::Error::WorkerCrashed => StorageError::Engine("the connection's thread ended".to_owned()),
        // Whatever else the driver may say could quote a value.
        _ => StorageError::Engine("the driver refused the statement".to_owned()),
    }
}

/// The meaning of what went wrong with a migration.
pub(super) fn migration_failure(error: MigrateError) -> StorageError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => failure(error),
        MigrateError::VersionMissing(version) => StorageError::Schema(format!(
            "migration {version} is in the database and unknown to this release: use the newer release"
        )),
        MigrateError::VersionMismatch(version) => StorageError::Schema(format!(
            "migration {version} is not the one that was applied: use a released build"
        )),
        _ => StorageError::Schema("a migration was left unfinished: restore the last backup".to_owned()),
    }
}

/// <https://www.sqlite.org/rescode.html>: the low byte is the primary code, the rest says more.
fn of_code(code: u32, message: &str) -> StorageError {
    const BUSY: u32 = 5;
    const LOCKED: u32 = 6;
    const READONLY: u32 = 8;
    const IOERR: u32 = 10;
    const CORRUPT: u32 = 11;
    const FULL: u32 = 13;
    const CANTOPEN: u32 = 14;
    const NOTADB: u32 = 26;
    // IOERR_WRITE, _FSYNC, _DIR_FSYNC, _TRUNCATE, _SHMSIZE
    const CANNOT_WRITE: [u32; 5] = [778, 1034, 1290, 1546, 4874];

    match code & 0xff {
        FULL => StorageError::Unwritable("no room is left"),
        READONLY => StorageError::Unwritable("it is read-only"),
        CANTOPEN => StorageError::Unwritable("its file or folder cannot be opened"),
        IOERR if CANNOT_WRITE.contains(&code) => StorageError::Unwritable("the disk refused a write"),
        BUSY | LOCKED => StorageError::Engine("another process holds a lock on the database".to_owned()),
        CORRUPT => StorageError::Corrupt("the database file is damaged: restore the last backup"),
        NOTADB => StorageError::Schema("the file is not a SQLite database".to_owned()),
        // SQLite's own texts name tables and columns, never values.
        _ => StorageError::Engine(message.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_told_from_other_failures() {
        for code in [13, 8, 264, 776, 14, 778, 1034] {
            assert!(matches!(of_code(code, "text"), StorageError::Unwritable(_)), "{code}");
        }
        for code in [1, 19, 2067, 5, 261, 266] {
            assert!(matches!(of_code(code, "text"), StorageError::Engine(_)), "{code}");
        }
    }

    #[test]
    fn what_the_driver_could_not_decode_is_not_quoted() {
        let error = failure(sqlx::Error::Decode("secret".into()));
        assert!(matches!(error, StorageError::Corrupt(_)));
        let error = failure(sqlx::Error::Protocol("secret".to_owned()));
        assert!(!error.to_string().contains("secret"));
    }
}
