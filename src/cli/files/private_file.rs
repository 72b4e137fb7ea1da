//! Files that nobody else can read.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::FileError;

const OWNER_ALONE: u32 = 0o600;
const OTHERS: u32 = 0o077;

/// Reads a file of JSON that only its owner may read; `kind` names it in errors.
pub(super) fn read<T: DeserializeOwned>(file: &Path, kind: &'static str) -> Result<T, FileError> {
    let unreadable = |error| FileError::Read { file: file.to_owned(), error };
    let mut opened = File::open(file).map_err(unreadable)?;
    let metadata = opened.metadata().map_err(unreadable)?;
    let mode = metadata.permissions().mode() & 0o777;
    // A pipe (`<(…)`) has no permissions that matter.
    if metadata.is_file() && mode & OTHERS != 0 {
        return Err(FileError::Open { file: file.to_owned(), mode });
    }
    let mut bytes = Zeroizing::new(Vec::new());
    opened.read_to_end(&mut bytes).map_err(unreadable)?;
    serde_json::from_slice(&bytes).map_err(|error| FileError::Shape {
        file: file.to_owned(),
        kind,
        line: error.line(),
        column: error.column(),
        problem: problem(&error),
    })
}

/// What the parser says, unless it would quote a value: one of them is a key.
fn problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let named = ["unknown field", "missing field", "duplicate field", "EOF while parsing"];
    if named.iter().any(|name| text.starts_with(name)) {
        let end = text.rfind(" at line").unwrap_or(text.len());
        text[..end].to_owned()
    } else {
        "no JSON, or a value of another type than it must be".to_owned()
    }
}

/// Writes a file of JSON that only its owner may read. The old file is there until the new one is complete.
pub(super) fn write(file: &Path, value: &impl Serialize) -> Result<(), FileError> {
    let unwritable = |error| FileError::Write { file: file.to_owned(), error };
    let mut bytes = Zeroizing::new(
        serde_json::to_vec_pretty(value).expect("the key files are plain structs, which are always JSON"),
    );
    bytes.push(b'\n');
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    let new = Path::new(&new);
    let mut opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ALONE)
        .open(new)
        .map_err(unwritable)?;
    opened.write_all(&bytes).and_then(|()| opened.sync_all()).map_err(unwritable)?;
    std::fs::rename(new, file).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Shape {
        #[expect(dead_code, reason = "only its type matters here")]
        key: u8,
    }

    #[test]
    fn what_is_written_is_for_its_owner_alone_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        write(&file, &json!({"a": 1})).unwrap();
        write(&file, &json!({"a": 2})).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read::<Value>(&file, "test file").unwrap(), json!({"a": 2}));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        write(&file, &json!({})).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = read::<Value>(&file, "test file").unwrap_err().to_string();
        assert!(error.contains("0640") && error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn an_error_never_quotes_a_value() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        write(&file, &json!({"key": "5ecret"})).unwrap();
        let error = read::<Shape>(&file, "test file").unwrap_err().to_string();
        assert!(!error.contains("5ecret") && error.contains("line 2"), "{error}");
    }
}
