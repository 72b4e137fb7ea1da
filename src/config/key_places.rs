//! Where the relay's own key files are, or shall be: for the commands that make them.

use std::path::{Path, PathBuf};

use super::key_bytes::key_line;
use super::load::ConfigText;
use super::registration_key_files::RegistrationKeyFiles;
use super::source::Source;
use super::written_key_file::{KeyFileError, KeyFolder};
use super::{ConfigError, Mode};
use crate::base::{Entropy, Secret};

/// The relay's own key files, which need not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPlaces {
    /// The file of the storage key.
    pub storage: PathBuf,
    /// The files of the registration keys.
    pub registration: RegistrationKeyFiles,
    /// Whether a config names the registration keys.
    pub registration_is_named: bool,
}

impl KeyPlaces {
    /// As the config at `path` names them, or under the names of the example beside it.
    pub fn of(path: &Path) -> Result<Self, ConfigError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let registration = RegistrationKeyFiles::in_folder(folder);
        if !path.exists() {
            let storage = folder.join("storage.key");
            return Ok(Self { storage, registration, registration_is_named: false });
        }
        let (mut warnings, mut key_files) = (Vec::new(), Vec::new());
        let source =
            Source { file: path, mode: Mode::Serve, warnings: &mut warnings, key_files: &mut key_files };
        let text: ConfigText =
            source.parse("Read it as the relay's user, for example with `sudo -u sealpush`.")?;
        let named = text.registration_keys.as_ref().map(|keys| keys.files(&source));
        Ok(Self {
            storage: source.path(&text.storage.key_file),
            registration_is_named: named.is_some(),
            registration: named.unwrap_or(registration),
        })
    }

    /// Writes a new storage key.
    pub fn make_storage_key(&self, entropy: &dyn Entropy) -> Result<Secret<[u8; 32]>, KeyFileError> {
        let key = Secret::new(entropy.bytes());
        KeyFolder::of(&self.storage)?.make(&self.storage, key_line(key.expose()).as_bytes())?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_config_they_lie_beside_it_under_the_names_of_the_example() {
        let places = KeyPlaces::of("relay/sealpush.toml".as_ref()).unwrap();
        assert_eq!(places.storage, Path::new("relay/storage.key"));
        assert_eq!(places.registration.ring, Path::new("relay/registration-keys.json"));
        assert!(!places.registration_is_named);
    }

    #[test]
    fn a_config_says_where_they_are_also_where_they_are_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sealpush.toml");
        let text = "[relay]\nname='a'\ncontact='b'\n[storage]\nkey_file='s'\n\
                    [registration_keys]\nlong_term_key_file='l'\nring_file='/r'\n";
        std::fs::write(&file, text).unwrap();
        let places = KeyPlaces::of(&file).unwrap();
        assert_eq!(places.storage, folder.path().join("s"));
        assert_eq!(places.registration.long_term, folder.path().join("l"));
        assert_eq!(places.registration.ring, Path::new("/r"));
        assert!(places.registration_is_named);
    }
}
