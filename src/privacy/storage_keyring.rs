//! The storage keys of a key file: the one to be kept under, and the one before it while that is being left.

use super::{StorageKey, StorageKeyId};
use crate::base::Secret;
use crate::config::StoragePlace;

/// One storage key, or two while it is rotated. Does not print.
#[derive(Clone)]
pub struct StorageKeyring {
    /// The key that the database is, or shall be, kept under.
    pub newest: StorageKey,
    /// The key before.
    pub before: Option<StorageKey>,
}

impl StorageKeyring {
    /// The keys that the config names.
    #[must_use]
    pub fn of(place: &StoragePlace) -> Self {
        let key = |secret: &Secret<[u8; 32]>| StorageKey::from_bytes(*secret.expose());
        Self { newest: key(&place.key), before: place.key_before.as_ref().map(key) }
    }

    /// The key with this id, if it is one of them.
    #[must_use]
    pub fn get(&self, id: StorageKeyId) -> Option<&StorageKey> {
        std::iter::once(&self.newest).chain(&self.before).find(|key| key.id() == id)
    }
}

impl From<&StorageKey> for StorageKeyring {
    fn from(newest: &StorageKey) -> Self {
        newest.clone().into()
    }
}

impl From<StorageKey> for StorageKeyring {
    fn from(newest: StorageKey) -> Self {
        Self { newest, before: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_its_id_and_no_other_is() {
        let [one, two, three] = [1, 2, 3].map(|byte| StorageKey::from_bytes([byte; 32]));
        let ring = StorageKeyring { newest: two.clone(), before: Some(one.clone()) };
        assert_eq!(ring.get(one.id()).unwrap().id(), one.id());
        assert_eq!(ring.get(two.id()).unwrap().id(), two.id());
        assert!(ring.get(three.id()).is_none());
        assert!(StorageKeyring::from(two).get(one.id()).is_none());
    }
}
