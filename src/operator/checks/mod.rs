//! What `sealpush check` finds: each finding a value, made by the file of its topic.
//!
//! Owns what is looked at, what counts as wrong, and how each is mended. Changes nothing, and works beside a
//! running relay and without one. Must not print: the faces are in `cli`. Read next: `finding.rs`, `run.rs`.

mod certificate;
mod clock;
mod config;
mod credential;
mod database;
mod disk;
mod finding;
mod key_files;
mod listeners;
mod registration_keys;
mod relay;
mod run;
mod way;

pub use finding::{Area, Finding, Verdict};
pub use relay::{ClosedWay, HeldCredential, RelaySeen, RunningRelay, ShownCertificate};
pub use run::{Checks, Step};
