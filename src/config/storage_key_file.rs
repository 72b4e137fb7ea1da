//! The file of the storage key: one key a line, and two lines while it is rotated.
//!
//! Owns its form, and what a rotation makes of it. Read next: `storage.rs`.

use std::path::Path;

use zeroize::Zeroizing;

use super::key_bytes::{key_bytes, key_line};
use super::written_key_file::{KeyFileError, KeyFolder, StagedKeyFile, read_key_file};
use crate::base::{Entropy, Secret};

/// The keys of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StorageKeyFile {
    /// The first line: the key that the database is, or shall be, kept under.
    pub key: Secret<[u8; 32]>,
    /// The second: the one before.
    pub before: Option<Secret<[u8; 32]>>,
}

/// Another content for the file, which does not count yet.
#[derive(Debug)]
pub struct StagedStorageKeys(StagedKeyFile);

impl StorageKeyFile {
    /// Reads the lines of the file. No part of it is ever quoted.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let mut lines = text.trim_ascii_end().split(|byte| *byte == b'\n');
        let mut next = || lines.next().map(|line| key_bytes(line).map(|key| Secret::new(*key)));
        let (key, before) = (next()??, next().map_or(Some(None), |before| Some(Some(before?)))?);
        (next().is_none() && before.as_ref() != Some(&key)).then_some(Self { key, before })
    }

    fn text(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(Vec::with_capacity(88));
        for key in std::iter::once(&self.key).chain(&self.before) {
            text.extend_from_slice(key_line(key.expose()).as_bytes());
        }
        text
    }

    fn read(file: &Path) -> Result<Self, KeyFileError> {
        Self::parse(&read_key_file(file)?).ok_or_else(|| KeyFileError::Content {
            file: file.to_owned(),
            problem: "holds no storage key".to_owned(),
        })
    }
}

impl StagedStorageKeys {
    /// A new key before the one in `file`, which stays until nothing is under it; `None` where two are there already.
    pub fn with_new_key(file: &Path, entropy: &dyn Entropy) -> Result<Option<Self>, KeyFileError> {
        let folder = KeyFolder::of(file)?;
        let now = StorageKeyFile::read(file)?;
        if now.before.is_some() {
            return Ok(None);
        }
        let both = StorageKeyFile { key: Secret::new(entropy.bytes()), before: Some(now.key) };
        folder.stage(file, &both.text()).map(Self).map(Some)
    }

    /// The file without the key before; `None` where there is one key only.
    pub fn without_key_before(file: &Path) -> Result<Option<Self>, KeyFileError> {
        let folder = KeyFolder::of(file)?;
        let now = StorageKeyFile::read(file)?;
        if now.before.is_none() {
            return Ok(None);
        }
        let alone = StorageKeyFile { key: now.key, before: None };
        folder.stage(file, &alone.text()).map(Self).map(Some)
    }

    /// Takes the place of the file of before.
    pub fn take_place(self) -> Result<(), KeyFileError> {
        self.0.take_place()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::base::OsEntropy;

    #[test]
    fn a_new_key_comes_before_the_old_one_which_goes_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("storage.key");
        fs::write(&file, key_line(&[1; 32]).as_bytes()).unwrap();
        let read = || StorageKeyFile::read(&file).unwrap();

        StagedStorageKeys::with_new_key(&file, &OsEntropy).unwrap().unwrap().take_place().unwrap();
        let both = read();
        assert!(both.key.expose() != &[1; 32] && both.before == Some(Secret::new([1; 32])));
        assert!(StagedStorageKeys::with_new_key(&file, &OsEntropy).unwrap().is_none());

        StagedStorageKeys::without_key_before(&file).unwrap().unwrap().take_place().unwrap();
        assert_eq!(read(), StorageKeyFile { key: both.key, before: None });
        assert!(StagedStorageKeys::without_key_before(&file).unwrap().is_none());
    }

    #[test]
    fn what_is_no_storage_key_is_refused() {
        let line = key_line(&[1; 32]);
        for text in [
            String::new(),
            "AAAA".into(),
            format!("{}{}", *line, *line),
            format!("{}\n{}", *line, *key_line(&[2; 32])),
            format!("{}{}{}", *line, *key_line(&[2; 32]), *key_line(&[3; 32])),
        ] {
            assert_eq!(StorageKeyFile::parse(text.as_bytes()), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(key: [u8; 32], before: Option<[u8; 32]>) {
            let before = before.filter(|before| *before != key).map(Secret::new);
            let keys = StorageKeyFile { key: Secret::new(key), before };
            prop_assert_eq!(StorageKeyFile::parse(&keys.text()), Some(keys));
        }

        #[test]
        fn whatever_the_file_holds_it_is_read_or_refused(text: Vec<u8>) {
            let _ = StorageKeyFile::parse(&text);
        }
    }
}
