//! Whether this machine lets a test make mounts and networks of its own.

use std::process::Command;

/// `Some` where it does: for root, with `unshare`. Elsewhere the test that asks is skipped, which passes on a
/// developer's machine and fails where `CI` is `true`.
pub(crate) fn isolated() -> Option<()> {
    let tried = Command::new("unshare").args(["--mount", "--net", "ip", "link", "set", "lo", "up"]).output();
    if tried.is_ok_and(|output| output.status.success()) {
        return Some(());
    }
    #[expect(clippy::disallowed_methods, reason = "the one thing that tests ask of their surroundings")]
    let required = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!required, "root, unshare and ip (iproute2) are required where CI=true");
    None
}
