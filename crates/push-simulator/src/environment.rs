//! The two worlds of APNs.
//!
//! A device token is good in exactly one of them, and so may be a signing key. Read next: `host`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which APNs: builds from the store, or builds from a developer's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// `api.push.apple.com`: App Store, `TestFlight`, ad hoc and enterprise builds.
    Production,
    /// `api.sandbox.push.apple.com`: debug builds.
    Sandbox,
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
        })
    }
}
