//! The chain of the audit log: how an entry's hash follows from the one before it.

use sha2::{Digest, Sha256};

use super::AuditRecord;
use crate::base::UnixMillis;

/// Stands for the hash before the first entry.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

/// SHA-256 over the previous hash (32 bytes), sequence (8, big endian), time (8), and actor, action, subject
/// and detail, each after its length (8), so that no two entries read alike.
pub(super) fn link(previous: &[u8; 32], sequence: i64, at: UnixMillis, texts: [&str; 4]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(previous);
    hash.update(sequence.to_be_bytes());
    hash.update(at.0.to_be_bytes());
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// Whether `record` follows the entry with `sequence` and `hash`.
pub(super) fn follows(record: &AuditRecord, sequence: i64, hash: &[u8; 32]) -> bool {
    let texts = [&record.actor, &record.action, &record.subject, &record.detail].map(String::as_str);
    record.sequence == sequence + 1 && record.hash == link(hash, record.sequence, record.at, texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_covers_every_field_and_where_it_ends() {
        let entry = |at, texts| link(&BEGINNING, 1, UnixMillis(at), texts);
        let known = entry(1, ["operator", "sender.add", "id", ""]);
        assert_eq!(known, entry(1, ["operator", "sender.add", "id", ""]));
        assert_ne!(known, entry(2, ["operator", "sender.add", "id", ""]));
        assert_ne!(known, entry(1, ["operator", "sender.add", "", "id"]));
        assert_ne!(known, entry(1, ["operatorsender", ".add", "id", ""]));
        assert_ne!(known, link(&known, 1, UnixMillis(1), ["operator", "sender.add", "id", ""]));
        assert_ne!(known, link(&BEGINNING, 2, UnixMillis(1), ["operator", "sender.add", "id", ""]));
    }
}
