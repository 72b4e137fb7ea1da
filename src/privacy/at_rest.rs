//! The at-rest cipher: what must be stored and read again, but not by who copies the database.
//!
//! XChaCha20-Poly1305 with a random nonce: 192 bits are enough to draw them without counting. A ciphertext
//! is bound to the table, column and row that it was made for, so that whoever can write to the database
//! cannot make the relay read one row's value as another's.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::{StorageKey, StorageKeyId};
use crate::base::Entropy;

const KEY_ID: usize = 8;
const NONCE: usize = 24;

/// Where a ciphertext stands. It opens there and nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What names the row for as long as it stands: its id.
    pub row: &'a [u8],
}

/// A ciphertext does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Shorter than any ciphertext.
    #[error("this is no ciphertext")]
    Form,
    /// Made under a key that is not at hand.
    #[error("this was encrypted under another storage key")]
    UnknownKey,
    /// Changed, or moved from another place.
    #[error("this was changed, or belongs to another row or column")]
    Refused,
}

/// Encrypts under one key, and opens under that and previous ones. Does not print.
///
/// Ciphertext: id of the storage key (8 bytes), nonce (24), ciphertext and tag (plaintext + 16).
pub struct Cipher {
    keys: Vec<(StorageKeyId, XChaCha20Poly1305)>,
}

impl Cipher {
    /// A cipher that encrypts under `current`, and also opens what was encrypted under `previous`.
    #[must_use]
    pub fn new(current: &StorageKey, previous: &[StorageKey]) -> Self {
        let keys = std::iter::once(current).chain(previous);
        Self { keys: keys.map(|key| (key.id(), cipher_of(key))).collect() }
    }

    /// Encrypts `plaintext` for `place`.
    ///
    /// # Panics
    /// Where `plaintext` is longer than 256 GiB, the most that the cipher takes.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, plaintext: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let (id, cipher) = &self.keys[0];
        let nonce: [u8; NONCE] = entropy.bytes();
        let payload = Payload { msg: plaintext, aad: &associated_data(place) };
        let sealed =
            cipher.encrypt(&XNonce::from(nonce), payload).expect("a value of the store is far below 256 GiB");
        [id.0.as_slice(), &nonce, &sealed].concat()
    }

    /// The id of the key that this encrypts under.
    #[must_use]
    pub fn current(&self) -> StorageKeyId {
        self.keys[0].0
    }

    /// Whether `ciphertext` is under the key that this encrypts under.
    #[must_use]
    pub fn is_current(&self, ciphertext: &[u8]) -> bool {
        ciphertext.starts_with(&self.current().0)
    }

    /// Opens a ciphertext that stands at `place`.
    pub fn open(&self, place: Place<'_>, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (id, rest) = ciphertext.split_first_chunk::<KEY_ID>().ok_or(OpenError::Form)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(OpenError::Form)?;
        let (_, cipher) = self.keys.iter().find(|(known, _)| known.0 == *id).ok_or(OpenError::UnknownKey)?;
        let payload = Payload { msg: sealed, aad: &associated_data(place) };
        cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| OpenError::Refused)
    }
}

fn cipher_of(key: &StorageKey) -> XChaCha20Poly1305 {
    let derived = key.derive("sealpush/1 at rest");
    XChaCha20Poly1305::new_from_slice(derived.as_slice()).expect("the derived key is 32 bytes")
}

/// Table, column and row, each after its length, so that no two places read alike.
fn associated_data(place: Place<'_>) -> Vec<u8> {
    let parts = [place.table.as_bytes(), place.column.as_bytes(), place.row];
    let mut data = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::OsEntropy;

    const PLACE: Place<'static> = Place { table: "registrations", column: "device_token", row: b"row-1" };

    fn key(byte: u8) -> StorageKey {
        StorageKey::from_bytes([byte; 32])
    }

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let cipher = Cipher::new(&key(1), &[]);
        let ciphertext = cipher.seal(PLACE, b"token", &OsEntropy);
        assert_eq!(cipher.open(PLACE, &ciphertext).unwrap().as_slice(), b"token");
        assert!(!ciphertext.windows(5).any(|window| window == b"token"));
        assert_eq!(ciphertext.len(), KEY_ID + NONCE + 5 + 16);
    }

    #[test]
    fn a_ciphertext_that_was_moved_does_not_open() {
        let cipher = Cipher::new(&key(1), &[]);
        let ciphertext = cipher.seal(PLACE, b"token", &OsEntropy);
        for place in [
            Place { table: "deliveries", ..PLACE },
            Place { column: "secret_hash", ..PLACE },
            Place { row: b"row-2", ..PLACE },
            Place { table: "registrationsd", column: "evice_token", ..PLACE },
        ] {
            assert_eq!(cipher.open(place, &ciphertext).err(), Some(OpenError::Refused), "{place:?}");
        }
    }

    #[test]
    fn a_changed_byte_is_noticed_wherever_it_stands() {
        let cipher = Cipher::new(&key(1), &[]);
        let ciphertext = cipher.seal(PLACE, b"token", &OsEntropy);
        for at in 0..ciphertext.len() {
            let mut changed = ciphertext.clone();
            changed[at] ^= 1;
            assert!(cipher.open(PLACE, &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_cut_ciphertext_is_none() {
        let cipher = Cipher::new(&key(1), &[]);
        let ciphertext = cipher.seal(PLACE, b"", &OsEntropy);
        for length in 0..ciphertext.len() {
            assert!(cipher.open(PLACE, &ciphertext[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn the_previous_key_still_opens_and_an_unknown_one_does_not() {
        let ciphertext = Cipher::new(&key(1), &[]).seal(PLACE, b"token", &OsEntropy);
        let rotated = Cipher::new(&key(2), &[key(1)]);
        assert!(rotated.open(PLACE, &ciphertext).is_ok() && !rotated.is_current(&ciphertext));
        assert!(rotated.is_current(&rotated.seal(PLACE, b"token", &OsEntropy)) && !rotated.is_current(b""));
        let error = Cipher::new(&key(2), &[]).open(PLACE, &ciphertext).err();
        assert_eq!(error, Some(OpenError::UnknownKey));
    }

    #[test]
    fn equal_values_look_different() {
        let cipher = Cipher::new(&key(1), &[]);
        assert_ne!(cipher.seal(PLACE, b"token", &OsEntropy), cipher.seal(PLACE, b"token", &OsEntropy));
    }
}
