//! The folders of migrations: one per engine, equal in numbers and names.

use std::path::{Path, PathBuf};

fn folder(engine: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine)
}

fn files(engine: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder(engine)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn migrations_have_a_number_each_and_are_named_in_plain_words() {
    let files = files("sqlite");
    assert!(!files.is_empty());
    let mut last = 0;
    for file in &files {
        let (digits, rest) = file.split_once('_').unwrap();
        let name = rest.strip_suffix(".sql").unwrap();
        let number: u32 = digits.parse().unwrap();
        assert!(digits.len() == 4 && number > last, "{file} follows {last}");
        last = number;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        assert!(!name.is_empty() && name.bytes().all(plain), "{file}");
    }
}

/// Holds once there is a second engine: the twins must not drift.
#[test]
fn every_engine_has_the_same_migrations() {
    let engines = std::fs::read_dir(folder("")).unwrap();
    for engine in engines {
        let engine = engine.unwrap().file_name().into_string().unwrap();
        assert!(["sqlite", "postgres"].contains(&engine.as_str()), "{engine} is no engine of ours");
        assert_eq!(files(&engine), files("sqlite"), "{engine}");
    }
}
