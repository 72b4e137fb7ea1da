//! Makes and rotates the files of `[registration_keys]`.

use std::path::{Path, PathBuf};

use super::KeyFingerprint;
use super::key_bytes::{key_bytes, key_line};
use super::registration_keys::RegistrationKeyring;
use super::registration_ring::{PreviousKeys, RegistrationKey, read_ring, rotated, write_ring};
use super::written_key_file::{KeyFileError, KeyFolder, StagedKeyFile, read_key_file};
use crate::base::{Entropy, Secret, UnixMillis};

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationKeyFiles {
    /// The file of the long-term key.
    pub long_term: PathBuf,
    /// The file of the ring.
    pub ring: PathBuf,
}

/// Registration keys that were made.
#[derive(Debug)]
pub struct MadeRegistrationKeys {
    /// The keys.
    pub keyring: RegistrationKeyring,
    /// Whether the long-term key was there before, and stays: apps may have it in their build.
    pub long_term_kept: bool,
}

/// A rotation of the ring that is written and does not count yet.
#[derive(Debug)]
pub struct StagedRing {
    /// The keys as they will be, the newest first.
    pub keys: Vec<RegistrationKey>,
    staged: StagedKeyFile,
}

impl RegistrationKeyFiles {
    /// Under the names of the example, in `folder`.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self { long_term: folder.join("long-term.key"), ring: folder.join("registration-keys.json") }
    }

    /// Writes a ring with one new key, and a long-term key where there is none. A command that was cut off between the
    /// two can be repeated.
    pub fn make(&self, now: UnixMillis, entropy: &dyn Entropy) -> Result<MadeRegistrationKeys, KeyFileError> {
        if std::fs::symlink_metadata(&self.ring).is_ok() {
            return Err(KeyFileError::Exists(self.ring.clone()));
        }
        let long_term_kept = std::fs::symlink_metadata(&self.long_term).is_ok();
        let long_term = if long_term_kept {
            self.long_term()?
        } else {
            let made = Secret::new(entropy.bytes());
            KeyFolder::of(&self.long_term)?.make(&self.long_term, key_line(made.expose()).as_bytes())?;
            made
        };
        let keys = vec![RegistrationKey::fresh(now, entropy)];
        KeyFolder::of(&self.ring)?.make(&self.ring, &write_ring(&keys))?;
        Ok(MadeRegistrationKeys { keyring: RegistrationKeyring { long_term, keys }, long_term_kept })
    }

    /// Adds a new key, which counts when the result takes its place.
    pub fn rotate(
        &self,
        previous: PreviousKeys,
        now: UnixMillis,
        entropy: &dyn Entropy,
    ) -> Result<StagedRing, KeyFileError> {
        // Before it is read, so that of two commands none loses the other's key.
        let folder = KeyFolder::of(&self.ring)?;
        let ring = read_ring(&read_key_file(&self.ring)?).map_err(|problem| content(&self.ring, problem))?;
        let keys = rotated(&ring, previous, now, entropy);
        let staged = folder.stage(&self.ring, &write_ring(&keys))?;
        Ok(StagedRing { keys, staged })
    }

    fn long_term(&self) -> Result<Secret<[u8; 32]>, KeyFileError> {
        let text = read_key_file(&self.long_term)?;
        let key = key_bytes(&text).ok_or_else(|| {
            content(
                &self.long_term,
                "is there and holds no long-term key: move it away, or put the right one there",
            )
        })?;
        if KeyFingerprint::of(key.as_slice()).is_published() {
            return Err(content(
                &self.long_term,
                "is a published example key, which everybody has: move it away",
            ));
        }
        Ok(Secret::new(*key))
    }
}

impl StagedRing {
    /// Takes the place of the ring of before.
    pub fn take_place(self) -> Result<Vec<RegistrationKey>, KeyFileError> {
        self.staged.take_place()?;
        Ok(self.keys)
    }
}

fn content(file: &Path, problem: impl Into<String>) -> KeyFileError {
    KeyFileError::Content { file: file.to_owned(), problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::base::OsEntropy;

    const NOW: UnixMillis = UnixMillis(1_795_219_200_000);

    fn files(folder: &tempfile::TempDir) -> RegistrationKeyFiles {
        RegistrationKeyFiles::in_folder(folder.path())
    }

    #[test]
    fn a_ring_that_is_there_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        files(&folder).make(NOW, &OsEntropy).unwrap();
        let before = fs::read(files(&folder).ring).unwrap();
        assert!(matches!(files(&folder).make(NOW, &OsEntropy), Err(KeyFileError::Exists(_))));
        assert_eq!(fs::read(files(&folder).ring).unwrap(), before);
    }

    #[test]
    fn a_long_term_key_that_apps_may_have_in_their_build_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = files(&folder).make(NOW, &OsEntropy).unwrap();
        fs::remove_file(files(&folder).ring).unwrap();
        let second = files(&folder).make(NOW, &OsEntropy).unwrap();
        assert_eq!((first.long_term_kept, second.long_term_kept), (false, true));
        assert_eq!(first.keyring.long_term, second.keyring.long_term);
        assert_ne!(first.keyring.keys, second.keyring.keys);
    }

    #[test]
    fn a_published_long_term_key_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-example/long-term.key");
        fs::copy(published, files(&folder).long_term).unwrap();
        let refused = files(&folder).make(NOW, &OsEntropy).unwrap_err().to_string();
        assert!(refused.contains("published example key"), "{refused}");
        assert!(!files(&folder).ring.exists());
    }

    #[test]
    fn a_rotation_counts_when_it_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let made = files(&folder).make(NOW, &OsEntropy).unwrap();
        let read = || read_ring(&fs::read(files(&folder).ring).unwrap()).unwrap();

        let staged = files(&folder).rotate(
            PreviousKeys::Stay,
            NOW.plus(std::time::Duration::from_secs(5)),
            &OsEntropy,
        );
        let staged = staged.unwrap();
        assert_eq!(read(), made.keyring.keys);
        let keys = staged.take_place().unwrap();

        assert_eq!((read(), keys.len()), (keys, 2));
    }
}
