//! The disk under the database.

use std::path::Path;

use super::{Area, Finding};
use crate::config::Config;

const MIB: u64 = 1024 * 1024;
/// Below this, the write-ahead log of a burst does not fit any more.
const FULL: u64 = 32 * MIB;
/// Below this, it is time to act.
const LITTLE: u64 = 512 * MIB;

pub(super) fn finding(config: &Config) -> Finding {
    let database = &config.storage.path;
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shown = folder.display().to_string();
    let room = match rustix::fs::statvfs(folder) {
        Ok(room) => room,
        Err(error) => {
            return Finding::failed(Area::Disk, shown, format!("cannot be looked at ({error})"))
                .mend("the database's folder must exist and belong to the relay; storage.path names it");
        }
    };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    // Some file systems do not count files, and say 0 of 0.
    let no_files = room.f_files > 0 && room.f_favail == 0;
    let text = format!("{} MiB are free", free / MIB);
    let mend = "free some, or move the database to a larger disk; a relay that cannot write promises nothing, and loses nothing";
    if no_files {
        return Finding::failed(Area::Disk, shown, "no further file can be made (no inodes)").mend(mend);
    }
    match free {
        0..FULL => Finding::failed(Area::Disk, shown, format!("the disk is full: {text}")).mend(mend),
        FULL..LITTLE => Finding::warning(Area::Disk, shown, text).mend(mend),
        _ => Finding::fine(Area::Disk, shown, text),
    }
}
