//! The secret that the store is kept under, and the independent keys that come from it.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// 32 secret bytes from the operator's key file. It is used for nothing but deriving other keys, each under
/// a label of its own (RFC 5869), so that no key serves two purposes. Does not print; zeroised on drop.
#[derive(Clone)]
pub struct StorageKey(Zeroizing<[u8; 32]>);

/// Names a [`StorageKey`] without telling anything of it: the first 8 bytes of a derived key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageKeyId(pub [u8; 8]);

impl fmt::Display for StorageKeyId {
    /// 16 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl StorageKey {
    /// The key of these bytes, which must be uniformly random.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The id under which the database and every ciphertext name this key.
    #[must_use]
    pub fn id(&self) -> StorageKeyId {
        let derived = self.derive("sealpush/1 storage key id");
        let mut id = [0; 8];
        id.copy_from_slice(&derived[..8]);
        StorageKeyId(id)
    }

    /// The key for the purpose that `label` names.
    pub(super) fn derive(&self, label: &'static str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // RFC 5869, section 3.1: the salt may be left out where the input is uniformly random already.
        Hkdf::<Sha256>::new(None, self.0.as_slice())
            .expand(label.as_bytes(), key.as_mut_slice())
            .expect("HKDF-SHA256 gives up to 8160 bytes");
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_gives_a_key_of_its_own() {
        let key = StorageKey::from_bytes([7; 32]);
        assert_eq!(key.derive("a"), key.derive("a"));
        assert_ne!(key.derive("a"), key.derive("b"));
    }

    #[test]
    fn the_id_tells_keys_apart() {
        let ids = [1, 2].map(|byte| StorageKey::from_bytes([byte; 32]).id());
        assert_ne!(ids[0], ids[1]);
        assert_eq!(ids[0], StorageKey::from_bytes([1; 32]).id());
    }
}
