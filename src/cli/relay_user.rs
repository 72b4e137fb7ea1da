//! Who may make files for the relay.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::bail;

use crate::config::Config;

/// Refuses to make files that the relay could not open: a database or an app file made by root, for a relay
/// that runs as another user, would stop its next start. Whose the relay is, is told by its database, or by
/// the directory that it will be in.
pub(super) fn check_relay_user(config: &Config) -> anyhow::Result<()> {
    let database = &config.storage.path;
    let directory = database.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(theirs) = std::fs::metadata(database).or_else(|_| std::fs::metadata(directory)) else {
        // Opening the database will say what is missing.
        return Ok(());
    };
    // proc(5): this directory belongs to the effective user of the process. Where there is no such directory,
    // the check is left to the file system.
    let Ok(ours) = std::fs::metadata("/proc/self") else { return Ok(()) };
    if theirs.uid() != ours.uid() {
        let shown = database.display();
        bail!(
            "the database {shown} belongs to user {}, and you are user {}: files made now could not be opened by the relay. \
             Run this as the relay's user, for example with `sudo -u sealpush`",
            theirs.uid(),
            ours.uid()
        );
    }
    Ok(())
}
