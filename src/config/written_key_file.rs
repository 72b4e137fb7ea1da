//! Writes key files: a new one where there is none, or another content in the place of one that is there.
//!
//! A new key never overwrites a file. A changed one is written beside its file first and takes its place in one
//! step, with the owner and the mode of before: whoever reads, and whatever crashes, there are the old keys or the
//! new ones, and never half of them. Must not know what a key file means.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

const OWNER_ALONE: u32 = 0o600;

/// Why a key file was not written. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is one already.
    #[error("{} is there already, and may hold keys that are in use; nothing is ever overwritten", .0.display())]
    Exists(PathBuf),
    /// It cannot be read or written.
    #[error("{} cannot be read or written ({error}); run this as its owner, for example with `sudo -u sealpush`", file.display())]
    Io {
        /// Which.
        file: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It does not hold what it should.
    #[error("{} {problem}", file.display())]
    Content {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Another command writes keys in the same folder.
    #[error("another command writes keys in {} now; try again when it has ended", .0.display())]
    Busy(PathBuf),
}

/// The folder of a key file, where nobody else writes keys as long as this is held.
#[derive(Debug)]
pub(super) struct KeyFolder {
    folder: PathBuf,
    _lock: File,
}

/// A key file's new content, written beside it, which does not count yet. Dropped, nothing of it remains.
#[derive(Debug)]
pub(super) struct StagedKeyFile {
    file: PathBuf,
    staged: PathBuf,
    _folder: KeyFolder,
}

impl KeyFolder {
    /// Keeps other commands from writing keys beside `file`.
    pub(super) fn of(file: &Path) -> Result<Self, KeyFileError> {
        let folder = folder_of(file).to_owned();
        let failed = |error| KeyFileError::Io { file: folder.clone(), error };
        let lock = File::open(&folder).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(KeyFileError::Busy(folder)),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// Writes a new file that only its owner can read. Where root does it, that is the owner of the folder: what root
    /// alone can read is of no use to the relay.
    pub(super) fn make(&self, file: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
        let written = || -> io::Result<()> {
            let mut opened = OpenOptions::new().write(true).create_new(true).mode(OWNER_ALONE).open(file)?;
            let written = fs::metadata(&self.folder)
                .and_then(|folder| fill(&mut opened, bytes, OWNER_ALONE, (folder.uid(), folder.gid())));
            if written.is_err() {
                // Half a key is worse than none. Should this fail too, whoever reads it is told.
                let _ = fs::remove_file(file);
            }
            written.and_then(|()| File::open(&self.folder)?.sync_all())
        };
        written().map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => KeyFileError::Exists(file.to_owned()),
            _ => KeyFileError::Io { file: file.to_owned(), error },
        })
    }

    /// Writes `bytes` beside `file`, whose place they take when that is said.
    pub(super) fn stage(self, file: &Path, bytes: &[u8]) -> Result<StagedKeyFile, KeyFileError> {
        let failed = |error| KeyFileError::Io { file: file.to_owned(), error };
        // A link is followed: what it points to is replaced, and it stays.
        let file = fs::canonicalize(file).map_err(failed)?;
        let mut staged = OsString::from(&file);
        staged.push(".new");
        let before = fs::metadata(&file).map_err(failed)?;
        let staged = StagedKeyFile { file: file.clone(), staged: staged.into(), _folder: self };
        // What a command left behind that was killed; nobody else writes here now.
        let _ = fs::remove_file(&staged.staged);
        let opened = OpenOptions::new().write(true).create_new(true).mode(OWNER_ALONE).open(&staged.staged);
        let owner = (before.uid(), before.gid());
        let filled = opened.and_then(|mut opened| fill(&mut opened, bytes, before.mode() & 0o777, owner));
        filled.map_err(|error| KeyFileError::Io { file, error })?;
        Ok(staged)
    }
}

impl StagedKeyFile {
    /// Takes the place of the file of before.
    pub(super) fn take_place(self) -> Result<(), KeyFileError> {
        let placed = fs::rename(&self.staged, &self.file)
            // A name is on the disk when its folder is.
            .and_then(|()| File::open(folder_of(&self.file))?.sync_all());
        placed.map_err(|error| KeyFileError::Io { file: self.file.clone(), error })
    }
}

impl Drop for StagedKeyFile {
    fn drop(&mut self) {
        // It holds a key; where it took its place there is nothing to remove.
        let _ = fs::remove_file(&self.staged);
    }
}

/// Reads a key file.
pub(super) fn read_key_file(file: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let read = fs::read(file).map(Zeroizing::new);
    read.map_err(|error| KeyFileError::Io { file: file.to_owned(), error })
}

fn fill(opened: &mut File, bytes: &[u8], mode: u32, owner: (u32, u32)) -> io::Result<()> {
    // Whatever the umask took away.
    opened.set_permissions(Permissions::from_mode(mode))?;
    let ours = opened.metadata()?;
    let is_root = rustix::process::geteuid().is_root();
    if is_root && (ours.uid(), ours.gid()) != owner {
        fchown(&*opened, Some(owner.0), Some(owner.1))?;
    }
    opened.write_all(bytes)?;
    opened.sync_all()
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).unwrap().mode() & 0o777
    }

    #[test]
    fn a_new_key_file_is_for_its_owner_alone_and_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.key");
        let keys = KeyFolder::of(&file).unwrap();
        keys.make(&file, b"one").unwrap();
        assert_eq!(mode(&file), 0o600);
        assert!(matches!(keys.make(&file, b"two"), Err(KeyFileError::Exists(_))));
        assert_eq!(fs::read(&file).unwrap(), b"one");
    }

    #[test]
    fn what_is_staged_counts_when_it_takes_its_place_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.key");
        KeyFolder::of(&file).unwrap().make(&file, b"one").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();

        drop(KeyFolder::of(&file).unwrap().stage(&file, b"two").unwrap());
        assert_eq!(fs::read(&file).unwrap(), b"one");
        KeyFolder::of(&file).unwrap().stage(&file, b"three").unwrap().take_place().unwrap();

        assert_eq!((fs::read(&file).unwrap().as_slice(), mode(&file)), (&b"three"[..], 0o640));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_command_left_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.key");
        KeyFolder::of(&file).unwrap().make(&file, b"one").unwrap();
        fs::write(folder.path().join("a.key.new"), b"half").unwrap();
        KeyFolder::of(&file).unwrap().stage(&file, b"two").unwrap().take_place().unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
    }

    #[test]
    fn two_commands_never_write_keys_in_one_folder_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.key");
        let first = KeyFolder::of(&file).unwrap();
        assert!(matches!(KeyFolder::of(&file), Err(KeyFileError::Busy(_))));
        drop(first);
        KeyFolder::of(&file).unwrap();
    }
}
