//! `sealpush keys generate`, `list` and `rotate`: the relay's own keys.
//!
//! Owns their faces; the files are written by [`crate::config`], as the user who may write them, and the running
//! relay is told to read them again. Must not print what is secret. Read next: `rotate.rs`.

mod generate;
mod list;
mod rotate;
mod rotate_storage;

pub(super) use generate::Generate;
pub(super) use list::List;
pub(super) use rotate::Rotate;
