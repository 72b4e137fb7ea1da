//! The inventory as people read it: a chapter for each kind, a table for each place, and what holds for most rows of a
//! table said once above it.

use std::collections::BTreeMap;

use super::{ALWAYS, Entry, EntryKind, of_kind};

/// What switches on what is always there.
const NOTHING: &str = "nothing, it is always there";

/// All entries of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// The kind.
    pub kind: EntryKind,
    /// Its tables, in the order of the inventory.
    pub tables: Vec<Table>,
}

/// All entries of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The place.
    pub place: &'static str,
    /// What holds for every row that does not say otherwise, with the words for it.
    pub usual: Vec<Said>,
    /// An entry each.
    pub rows: Vec<Row>,
}

impl Table {
    /// Whether anything of it stands in a file.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.rows.iter().any(|row| row.entry.stored.is_some())
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The entry.
    pub entry: Entry,
    /// Who can read it, in words.
    pub read_by: String,
    /// What of it is other than usual in this table.
    pub otherwise: Vec<Said>,
}

/// What is said of an entry, or of most of a table: the name of it for people, and what is the case.
pub type Said = (&'static str, &'static str);

/// Every chapter.
#[must_use]
pub fn chapters() -> Vec<Chapter> {
    EntryKind::ALL.into_iter().map(|kind| Chapter { kind, tables: tables(kind) }).collect()
}

impl Chapter {
    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.iter().map(|table| table.rows.len()).sum()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn tables(kind: EntryKind) -> Vec<Table> {
    let mut places: Vec<(&'static str, Vec<Entry>)> = Vec::new();
    for entry in of_kind(kind) {
        match places.iter_mut().find(|(place, _)| *place == entry.place) {
            Some((_, entries)) => entries.push(entry),
            None => places.push((entry.place, vec![entry])),
        }
    }
    places.into_iter().map(|(place, entries)| table(place, &entries)).collect()
}

fn table(place: &'static str, entries: &[Entry]) -> Table {
    let all: Vec<_> = entries.iter().map(said_of).collect();
    let usual: Vec<Said> =
        (0..all[0].len()).map(|at| most_frequent(all.iter().map(|said| said[at]))).collect();
    let rows = entries.iter().zip(&all).map(|(entry, said)| row(*entry, said, &usual)).collect();
    Table { place, usual, rows }
}

fn said_of(entry: &Entry) -> [Said; 4] {
    [
        ("kept", entry.kept),
        ("switched on by", if entry.switched_on_by == ALWAYS { NOTHING } else { entry.switched_on_by }),
        ("ground", entry.ground.words()),
        ("in the source", entry.file),
    ]
}

/// The one that comes most often; of several, the one that comes first.
fn most_frequent(said: impl Iterator<Item = Said>) -> Said {
    let mut seen: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for (at, one) in said.enumerate() {
        seen.entry(one).or_insert((0, usize::MAX - at)).0 += 1;
    }
    seen.into_iter().max_by_key(|(_, rank)| *rank).map(|(one, _)| one).expect("a table has a row")
}

fn row(entry: Entry, said: &[Said], usual: &[Said]) -> Row {
    let readers: Vec<_> = entry.read_by().into_iter().map(super::Reader::words).collect();
    let read_by = if readers.is_empty() { "nobody".to_owned() } else { readers.join(", ") };
    let otherwise = said.iter().copied().filter(|one| !usual.contains(one)).collect();
    Row { entry, read_by, otherwise }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::inventory::entries;

    #[test]
    fn every_entry_stands_in_one_row_and_nothing_of_it_is_lost() {
        let rows: Vec<_> = chapters()
            .into_iter()
            .flat_map(|chapter| chapter.tables)
            .flat_map(|table| {
                let usual = table.usual;
                table.rows.into_iter().map(move |row| (row, usual.clone()))
            })
            .collect();
        assert_eq!(rows.len(), entries().count());
        for (row, usual) in rows {
            let said =
                said_of(&row.entry).iter().all(|one| usual.contains(one) || row.otherwise.contains(one));
            assert!(said, "{row:?}");
        }
    }

    #[test]
    fn what_holds_for_most_rows_is_said_once() {
        let chapters = chapters();
        let registrations = &chapters[0].tables.iter().find(|table| table.place == "registrations").unwrap();
        assert!(registrations.rows[0].otherwise.is_empty());
        let told: usize = chapters
            .iter()
            .flat_map(|chapter| &chapter.tables)
            .flat_map(|table| &table.rows)
            .map(|row| row.otherwise.len())
            .sum();
        assert!(told < entries().count(), "{told}");
    }
}
