//! The chain of the audit log: how an entry's hash follows from the one before it, and the walk that holds a log to it.
//!
//! Pure: the relay walks over its store, the command line over an exported file, by the same steps. Must not know where
//! entries come from. Read next: `audit_entry.rs`.

use sha2::{Digest, Sha256};

use super::{AuditEntry, audit_entry::CUT};
use crate::base::UnixMillis;

/// A place in the chain: an entry's number and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditMark {
    /// The entry's number; 0 before the first.
    pub sequence: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl AuditMark {
    /// Before the first entry.
    pub const BEGINNING: Self = Self { sequence: 0, hash: [0; 32] };

    /// What the entry says that tells of a cut after this place.
    #[must_use]
    pub fn told(&self) -> String {
        format!("through={} hash={}", self.sequence, hex::encode(self.hash))
    }
}

/// One entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// 1, 2, 3, … without gaps.
    pub sequence: i64,
    /// When.
    pub at: UnixMillis,
    /// Who: `operator`, `operator:` with the id of its token, `sender`, or `relay`.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: String,
    /// To whom.
    pub subject: String,
    /// What changed.
    pub detail: String,
    /// SHA-256 over the previous entry's hash and this entry's fields.
    pub hash: [u8; 32],
}

impl AuditRecord {
    /// `entry` as it stands in the log after `last`.
    #[must_use]
    pub fn after(last: &AuditMark, entry: &AuditEntry) -> Self {
        let mut record = Self {
            sequence: last.sequence + 1,
            at: entry.at,
            actor: entry.actor.to_string(),
            action: entry.action.to_owned(),
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
            hash: [0; 32],
        };
        record.hash = record.linked_to(&last.hash);
        record
    }

    /// Where it stands.
    #[must_use]
    pub fn mark(&self) -> AuditMark {
        AuditMark { sequence: self.sequence, hash: self.hash }
    }

    fn follows(&self, last: &AuditMark) -> bool {
        last.sequence.checked_add(1) == Some(self.sequence) && self.hash == self.linked_to(&last.hash)
    }

    /// SHA-256 over the previous hash (32 bytes), sequence (8, big endian), time (8), and actor, action, subject
    /// and detail, each after its length (8), so that no two entries read alike.
    fn linked_to(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(previous);
        hash.update(self.sequence.to_be_bytes());
        hash.update(self.at.0.to_be_bytes());
        for text in [&self.actor, &self.action, &self.subject, &self.detail] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

/// Whether a log is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every entry fits the one before it.
    Intact(AuditExtent),
    /// The first entry that does not.
    Broken(i64),
    /// Everything up to this entry is missing, and no entry after it tells that it was cut.
    CutNotTold(i64),
    /// Every entry fits, but none is the head that was noted earlier: the log was written anew, or was cut after it.
    HeadMissing(AuditExtent),
}

impl AuditVerdict {
    /// Whether nothing was changed, as far as the log itself can tell.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        matches!(self, Self::Intact(_))
    }
}

/// From where to where a whole log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditExtent {
    /// The last entry that was cut, where its time was over; its first one follows.
    pub cut: Option<AuditMark>,
    /// Its last entry; the beginning where there is none.
    pub head: AuditMark,
    /// The number of the entry with the hash that was asked for.
    pub noted: Option<i64>,
}

/// Goes along a log, entry by entry.
#[derive(Debug, Clone)]
pub struct AuditWalk {
    cut: AuditMark,
    told: bool,
    last: AuditMark,
    wanted: Option<[u8; 32]>,
    noted: Option<i64>,
    broken: Option<i64>,
}

impl AuditWalk {
    /// Begins after `cut`. Looks for the entry with the hash `wanted` on its way.
    #[must_use]
    pub fn after(cut: Option<AuditMark>, wanted: Option<[u8; 32]>) -> Self {
        let cut = cut.unwrap_or(AuditMark::BEGINNING);
        let noted = (wanted == Some(cut.hash)).then_some(cut.sequence);
        Self { cut, told: cut == AuditMark::BEGINNING, last: cut, wanted, noted, broken: None }
    }

    /// The next entry.
    pub fn step(&mut self, record: &AuditRecord) {
        if self.broken.is_some() {
            return;
        }
        if !record.follows(&self.last) {
            self.broken = Some(record.sequence);
            return;
        }
        self.told |= record.action == CUT && record.detail == self.cut.told();
        if self.wanted == Some(record.hash) {
            self.noted = Some(record.sequence);
        }
        self.last = record.mark();
    }

    /// Where it is.
    #[must_use]
    pub fn last(&self) -> AuditMark {
        self.last
    }

    /// After the last entry.
    #[must_use]
    pub fn end(self) -> AuditVerdict {
        if let Some(sequence) = self.broken {
            return AuditVerdict::Broken(sequence);
        }
        if !self.told {
            return AuditVerdict::CutNotTold(self.cut.sequence);
        }
        let cut = (self.cut != AuditMark::BEGINNING).then_some(self.cut);
        let extent = AuditExtent { cut, head: self.last, noted: self.noted };
        if self.wanted.is_some() && self.noted.is_none() {
            return AuditVerdict::HeadMissing(extent);
        }
        AuditVerdict::Intact(extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Actor;

    fn entry(action: &'static str, subject: &str, detail: &str) -> AuditEntry {
        let (subject, detail) = (subject.to_owned(), detail.to_owned());
        AuditEntry { at: UnixMillis(1), actor: Actor::Operator, action, subject, detail }
    }

    fn log(entries: &[AuditEntry]) -> Vec<AuditRecord> {
        let mut records: Vec<AuditRecord> = Vec::new();
        for entry in entries {
            let last = records.last().map_or(AuditMark::BEGINNING, AuditRecord::mark);
            records.push(AuditRecord::after(&last, entry));
        }
        records
    }

    fn walked(records: &[AuditRecord], cut: Option<AuditMark>, head: Option<&AuditRecord>) -> AuditVerdict {
        let mut walk = AuditWalk::after(cut, head.map(|head| head.hash));
        for record in records {
            walk.step(record);
        }
        walk.end()
    }

    #[test]
    fn a_hash_covers_every_field_and_where_it_ends() {
        let record = log(&[entry("sender.add", "id", "")]).remove(0);
        let hash = |change: fn(&mut AuditRecord)| {
            let mut other = record.clone();
            change(&mut other);
            other.linked_to(&AuditMark::BEGINNING.hash)
        };
        assert_eq!(hash(|_| ()), record.hash);
        assert_ne!(hash(|other| other.at = UnixMillis(2)), record.hash);
        assert_ne!(hash(|other| std::mem::swap(&mut other.subject, &mut other.detail)), record.hash);
        assert_ne!(
            hash(|other| (other.actor, other.action) = ("operatorsender".into(), ".add".into())),
            record.hash
        );
        assert_ne!(hash(|other| other.sequence = 2), record.hash);
        assert_ne!(record.linked_to(&record.hash), record.hash);
    }

    #[test]
    fn a_log_that_was_cut_is_whole_where_an_entry_tells_of_it() {
        let mut records = log(&[entry("app.add", "a", ""), entry("app.add", "b", "")]);
        let cut = records[0].mark();
        let told = AuditRecord::after(&records[1].mark(), &entry(CUT, "audit_log", &cut.told()));
        records.push(told);

        let extent = AuditExtent { cut: Some(cut), head: records[2].mark(), noted: None };
        assert_eq!(walked(&records[1..], Some(cut), None), AuditVerdict::Intact(extent));
        assert_eq!(walked(&records[1..2], Some(cut), None), AuditVerdict::CutNotTold(1));
        assert_eq!(walked(&records[1..], None, None), AuditVerdict::Broken(2));
    }

    #[test]
    fn a_log_that_was_written_anew_does_not_have_the_head_that_was_noted() {
        let records = log(&[entry("app.add", "a", ""), entry("app.add", "b", "")]);
        let anew = log(&[entry("app.add", "a", ""), entry("app.add", "c", "")]);

        let found = walked(&records, None, Some(&records[1]));
        assert!(matches!(found, AuditVerdict::Intact(AuditExtent { noted: Some(2), .. })), "{found:?}");
        let missing = walked(&anew, None, Some(&records[1]));
        assert!(matches!(missing, AuditVerdict::HeadMissing(_)), "{missing:?}");
        let shortened = walked(&records[..1], None, Some(&records[1]));
        assert!(matches!(shortened, AuditVerdict::HeadMissing(_)), "{shortened:?}");
    }
}
