//! One process per database: a lock on a file beside it, which ends with the process however it ends.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::storage::StorageError;

/// Holds the database at a path for this process.
pub(super) struct LockFile {
    _file: File,
}

impl LockFile {
    /// Takes the lock of the database at `database`, or says who is in the way.
    pub(super) fn take(database: &Path) -> Result<Self, StorageError> {
        let file = create_private(&beside(database)).map_err(|error| cannot_open(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StorageError::Locked(database.display().to_string())),
            Err(TryLockError::Error(error)) => Err(StorageError::Engine(error.kind().to_string())),
        }
    }
}

/// Opens `path` for reading and writing; a new file is readable by its owner alone, whatever the umask is.
/// SQLite gives the files beside its database the mode of the database.
pub(super) fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// What a failure to open a file means.
pub(super) fn cannot_open(error: &std::io::Error) -> StorageError {
    match error.kind() {
        std::io::ErrorKind::NotFound => StorageError::Unwritable("its folder does not exist"),
        std::io::ErrorKind::PermissionDenied => StorageError::Unwritable("its folder or file is not ours"),
        std::io::ErrorKind::ReadOnlyFilesystem => StorageError::Unwritable("it is read-only"),
        std::io::ErrorKind::StorageFull => StorageError::Unwritable("no room is left"),
        kind => StorageError::Engine(kind.to_string()),
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    PathBuf::from(name)
}
