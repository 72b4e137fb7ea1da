//! Looks whether the files of a certificate changed, and has them read again.
//!
//! By looking, not by inotify: a renewal arrives once in weeks, by a rename, a copy or a changed symbolic link, over
//! whatever file system, and a look costs two `stat` calls (docs/adr/0013-certificates-are-looked-at-or-ordered.md).

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::tls::TlsDoor;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What tells one version of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The stamps of a certificate's files; a file that is not there has none.
type Stamps = Vec<Option<Stamp>>;

/// Watches the files of `door` until `shutdown`.
pub(super) async fn watch(door: Arc<TlsDoor>, shutdown: CancellationToken) {
    let mut look = Look::default();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if look.is_due(stamps(&door).await) {
            read_again(&door).await;
        }
    }
}

/// Reads the files of `door` again, and says what came of it.
async fn read_again(door: &Arc<TlsDoor>) {
    let shown = door.certificate().listener;
    let reader = Arc::clone(door);
    match tokio::task::spawn_blocking(move || reader.read_again()).await {
        Ok(Ok(true)) => tracing::info!(listener = %shown, "the certificate was read again"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => {
            tracing::error!(listener = %shown, %error, "the new certificate cannot be used; the old one is shown on");
        }
        Err(_) => tracing::error!(listener = %shown, "reading the certificate panicked"),
    }
}

/// Waits until a change has come to rest: certificate and key are two files, and seldom change at one time.
///
/// What was there at the start is read once more: it may have changed since the config was read.
#[derive(Default)]
struct Look {
    taken: Option<Stamps>,
    last: Option<Stamps>,
}

impl Look {
    /// Whether the files are others than those that were taken, and the same as at the last look.
    fn is_due(&mut self, now: Stamps) -> bool {
        let rests = self.last.as_ref() == Some(&now);
        self.last = Some(now);
        if !rests || self.last == self.taken {
            return false;
        }
        self.taken.clone_from(&self.last);
        true
    }
}

async fn stamps(door: &Arc<TlsDoor>) -> Stamps {
    let paths = door.paths().into_iter().flatten().collect::<Vec<_>>();
    tokio::task::spawn_blocking(move || paths.iter().map(stamp).collect()).await.unwrap_or_default()
}

fn stamp(path: &PathBuf) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Stamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        length: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(inode: u64) -> Stamps {
        vec![Some(Stamp { device: 1, inode, length: 1, modified: (1, 1), changed: (1, 1) })]
    }

    #[test]
    fn a_change_is_read_once_and_when_it_has_come_to_rest() {
        let mut look = Look::default();
        let due = [at(1), at(1), at(1), at(2), at(3), at(3), at(3)].map(|now| look.is_due(now));
        assert_eq!(due, [false, true, false, false, false, true, false]);
    }

    #[test]
    fn a_file_that_is_gone_for_a_moment_is_no_change() {
        let mut look = Look::default();
        let due = [at(1), at(1), vec![None], at(1), at(1)].map(|now| look.is_due(now));
        assert_eq!(due, [false, true, false, false, false]);
    }

    #[test]
    fn a_file_that_is_put_in_the_place_of_another_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (path, new) = (folder.path().join("tls.pem"), folder.path().join("new.pem"));
        std::fs::write(&path, "one").unwrap();
        std::fs::write(&new, "two").unwrap();
        let before = stamp(&path);
        std::fs::rename(&new, &path).unwrap();
        assert_ne!(stamp(&path), before);
    }
}
