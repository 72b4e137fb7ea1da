//! How this program is called, for the commands that it prints.

use std::env;

/// The name under which it was found, or its path: what works in another terminal, in any folder.
pub(crate) fn program() -> String {
    let called = env::args().next().unwrap_or_else(|| "sealpush".to_owned());
    if !called.contains('/') {
        return called;
    }
    env::current_exe().map_or(called, |path| path.display().to_string())
}
