//! Where a secret might have got to: the files that the relay wrote, and the requests that it sent.

use push_simulator::Record;

use crate::support::World;

/// Every file that the relay wrote: all but the config and the keys, which the operator wrote.
pub(super) fn written_files(world: &World) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let ours = ["sealpush.toml", "ca.pem", "storage.key", "long-term.key", "registration-keys.json"];
    let name = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let files = files.filter(|path| path.is_file() && !ours.contains(&name(path).as_str()));
    files.map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
}

/// A request as the push service saw it.
pub(super) fn bytes_of(record: &Record) -> Vec<u8> {
    format!("{} {}\n{:?}\n{}", record.method, record.path, record.headers, record.body).into_bytes()
}
